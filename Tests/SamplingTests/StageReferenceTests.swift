import Foundation
import TestSupport
import Testing

@testable import Sampling

/// The non-standard stages against `sampling/stages.json`, written by `make_stage_fixtures.py`.
@Suite struct StageReferenceTests {
  private struct Fixture: Decodable {
    struct Filter: Decodable {
      var row: String
      var coin: Double
      var settings: [String: Double]
      var kept: Int
      var final: [[Double]]
    }

    struct Repetition: Decodable {
      var prompt: [Int]
      var output: [Int]
      var breakers: [[Int]]
      var settings: [String: Double]
      var penalties: [[Double]]
    }

    struct Stream: Decodable {
      struct Step: Decodable {
        var kept: Int
        var id: Int
        var bound: Double
      }

      var rows: [[Float]]
      var coins: [Double]
      var tau: Double
      var eta: Double
      var steps: [Step]
    }

    var rows: [String: [Float]]
    var filters: [Filter]
    var repetitions: [Repetition]
    var streams: [Stream]
  }

  private func load() throws -> Fixture {
    try JSONDecoder().decode(Fixture.self, from: Data(Fixtures.bytes("sampling/stages.json")))
  }

  /// Neutral settings after setting values by option name, including the stages that they switch on.
  private func settings(_ values: [String: Double]) throws -> SamplingSettings {
    var settings = SamplingSettings()
    for (name, value) in values {
      let setting = try #require(StageTable.settings.first { $0.name == name })
      setting.set(value, &settings)
    }
    settings.includeSwitchedOn()
    return settings
  }

  @Test func filtersKeepTheIDsOfTheReference() throws {
    let fixture = try load()
    #expect(fixture.filters.count > 200)
    for (number, sample) in fixture.filters.enumerated() {
      let row = try #require(fixture.rows[sample.row])
      var chain = SamplerChain(try settings(sample.settings))
      let kept = chain.filtered(row, history: TokenHistory(), stageCoin: sample.coin, least: 1)
      #expect(kept.count { $0 > -.infinity } == sample.kept, "case \(number), \(sample.row), \(sample.settings)")
      let own = Distribution(logits: kept)
      for pair in sample.final {
        let probability = own.probability(of: Int(pair[0])) ?? 0
        #expect(abs(probability - pair[1]) < 1e-5, "case \(number), \(sample.row), \(sample.settings)")
      }
    }
  }

  @Test func repetitionsArePenalizedAsDefined() throws {
    let fixture = try load()
    #expect(fixture.repetitions.count { !$0.penalties.isEmpty } > 60)
    for (number, sample) in fixture.repetitions.enumerated() {
      let history = TokenHistory(
        prompt: sample.prompt, output: sample.output, sequenceBreakers: SequenceBreakers(sample.breakers))
      var chain = SamplerChain(try settings(sample.settings))
      let scores = chain.processed([Float](repeating: 0, count: 8), history: history)
      var expected = [Double](repeating: 0, count: 8)
      for pair in sample.penalties { expected[Int(pair[0])] = -pair[1] }
      for id in 0..<8 {
        #expect(abs(Double(scores[id]) - expected[id]) <= 1e-5 * abs(expected[id]), "case \(number) id \(id)")
      }
    }
  }

  @Test func mirostatDrawsAndAdjustsAsDefined() throws {
    for (number, sample) in try load().streams.enumerated() {
      var chain = SamplerChain(try settings(["mirostat-tau": sample.tau, "mirostat-eta": sample.eta]))
      var text = TokenHistory(prompt: [0])
      for (step, expected) in sample.steps.enumerated() {
        #expect(chain.trace(from: sample.rows[step], history: text).final.count == expected.kept, "\(number) \(step)")
        let token = chain.draw(from: sample.rows[step], history: text, coin: sample.coins[step])
        #expect(token.id == expected.id, "stream \(number) step \(step)")
        text.append(token.id, surprise: token.surprise)
        #expect(abs(text.surpriseBound(sample.tau, sample.eta) - expected.bound) < 1e-5)
      }
      // Continuing the text gives the same surprises, bit for bit.
      let recalled = chain.recalled(text, coins: nil) { sample.rows[$0] }
      #expect(recalled.surprises == text.surprises && recalled.ids == text.ids)
    }
  }

  @Test func mirostatDrawsFromTheSoftmaxOfTheKeptIDs() throws {
    // The bound at the first token is 2 tau bits, so ids with a probability of at least 1/8 remain.
    let probabilities = [0.4, 0.3, 0.15, 0.1, 0.05]
    let kept = [0.4, 0.3, 0.15]
    var chain = SamplerChain(try settings(["mirostat-tau": 1.5, "mirostat-eta": 0.1]))
    let row = probabilities.map { Float(Natural.log($0)) }
    let draws = 20_000
    var counts = [Int](repeating: 0, count: row.count)
    for seed in 0..<UInt64(draws) {
      let coin = SeededGenerator(seed: seed).coin(at: 0)
      counts[chain.draw(from: row, history: TokenHistory(prompt: [0]), coin: coin).id] += 1
    }
    #expect(counts[3...] == [0, 0])
    let total = kept.reduce(0, +)
    // Chi-square with two degrees of freedom: the 0.1 % critical value is 13.8.
    let statistic = zip(kept, counts).reduce(0.0) { sum, pair in
      let expected = pair.0 / total * Double(draws)
      return sum + (Double(pair.1) - expected) * (Double(pair.1) - expected) / expected
    }
    #expect(statistic < 13.8, "\(counts)")
  }

  @Test func mirostatSteersTheMeanSurpriseToItsTarget() throws {
    // A Zipf distribution over 200 ids has an entropy of about 6 bits. Lower targets are reached on average over 50
    // streams.
    let row = (1...200).map { -Float(Natural.log(Double($0))) }
    for target in [1.5, 2.5, 3.5] {
      var chain = SamplerChain(try settings(["mirostat-tau": target, "mirostat-eta": 0.1]))
      var sum = 0.0
      let (streams, steps) = (50, 200)
      for seed in 0..<UInt64(streams) {
        let generator = SeededGenerator(seed: seed)
        var text = TokenHistory(prompt: [0])
        for step in 0..<steps {
          let token = chain.draw(from: row, history: text, coin: generator.coin(at: step))
          text.append(token.id, surprise: token.surprise)
          sum += token.surprise
        }
      }
      #expect(abs(sum / Double(streams * steps) - target) < 0.1, "target \(target)")
    }
  }

  @Test func repetitionsDoNotExtendAcrossABreaker() throws {
    // 1 2 3 occurs twice. With a breaker inside the second occurrence, only the ids after the breaker are compared.
    let strength = ["dry-multiplier": 1.0, "dry-base": 2, "dry-allowed-length": 1]
    func penalty(_ text: [Int], _ breakers: [[Int]], of id: Int) throws -> Float {
      var chain = SamplerChain(try settings(strength))
      let history = TokenHistory(prompt: text, sequenceBreakers: SequenceBreakers(breakers))
      return -chain.processed([Float](repeating: 0, count: 8), history: history)[id]
    }
    let text = [1, 2, 3, 4, 0, 1, 2, 3]
    #expect(try penalty(text, [], of: 4) == 4)
    #expect(try penalty(text, [[1]], of: 4) == 2)
    #expect(try penalty(text, [[2]], of: 4) == 1)
    // The last id is a breaker, so there is no repetition.
    #expect(try penalty(text, [[3]], of: 4) == 0)
    // A breaker of several ids matches only if all its ids occur consecutively.
    #expect(try penalty(text, [[1, 2]], of: 4) == 1)
    #expect(try penalty(text, [[1, 3]], of: 4) == 4)
    // A next id that is itself a breaker is not penalized.
    #expect(try penalty(text, [[4]], of: 4) == 0)
    #expect(try penalty(text, [[7], [2]], of: 4) == 1)
  }

  @Test func removedIDsHaveNoSurprise() throws {
    var chain = SamplerChain(try settings(["mirostat-tau": 0.1, "top-k": 1]))
    #expect(chain.needsSurprises)
    let recalled = chain.recalled(TokenHistory(prompt: [0], output: [1, 0]), coins: nil) { _ in [3, 1] }
    #expect(recalled.surprises[0].isNaN && recalled.surprises[1] == 0)
    #expect(recalled.surpriseBound(0.1, 1) == 0.2 + 0.1)
  }

  @Test func stageCoinsDifferFromTokenCoins() {
    let generator = SeededGenerator(seed: 7, sequence: 2)
    let coins = Set((0..<2000).map(generator.coin(at:)))
    let others = (0..<2000).map(generator.stageCoin(at:))
    #expect(coins.isDisjoint(with: others) && Set(others).count == 2000)
    #expect(abs(others.reduce(0, +) / 2000 - 0.5) < 0.03)
  }

  @Test func theStageCoinDecidesWhetherXTCActs() throws {
    let settings = try settings(["xtc-probability": 0.4, "xtc-threshold": 0.1])
    var chain = SamplerChain(settings)
    let row: [Float] = [2, 2, 1, -3]
    let ids = { (chain: inout SamplerChain, coin: Double) in
      (0..<100).reduce(into: Set<Int>()) {
        $0.insert(chain.draw(from: row, history: TokenHistory(), coin: Double($1) / 100, stageCoin: coin).id)
      }
    }
    #expect(ids(&chain, 0.39) == [2, 3])
    #expect(ids(&chain, 0.4) == [0, 1, 2])
  }
}
