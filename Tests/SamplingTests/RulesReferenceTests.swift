import Foundation
import TestSupport
import Testing

@testable import Sampling

/// The context rules against the processors of transformers: `sampling/rules.json`, written by
/// `make_sampling_fixtures.py`.
@Suite struct RulesReferenceTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      var row: String
      var source: [Int]?
      var prompt: [Int]
      var output: [Int]
      var eos: [Int]
      var bias: [Bias]?
      var penalty: Double?
      var repetition: Double?
      var ngram: Int?
      var decay: [Double]?
      var renormalize: Bool?
      var scores: [Double]

      var settings: SamplingSettings {
        var settings = SamplingSettings()
        settings.rules.sequenceBias = (bias ?? []).map { ContextRules.SequenceBias(ids: $0.ids, bias: $0.bias) }
        settings.rules.encoderRepetitionPenalty = penalty ?? 1
        settings.repetitionPenalty = repetition ?? 1
        settings.rules.encoderNoRepeatNGramSize = ngram ?? 0
        settings.rules.lengthDecay = decay.map { ContextRules.LengthDecay(start: Int($0[0]), factor: $0[1]) }
        settings.rules.renormalizes = renormalize ?? false
        return settings
      }

      var history: TokenHistory {
        TokenHistory(prompt: prompt, output: output, endOfTextIDs: eos, source: source)
      }
    }

    struct Bias: Decodable {
      var ids: [Int]
      var bias: Double

      init(from decoder: any Decoder) throws {
        var pair = try decoder.unkeyedContainer()
        ids = try pair.decode([Int].self)
        bias = try pair.decode(Double.self)
      }
    }

    var rows: [String: [Float]]
    var cases: [Case]
  }

  private func load() throws -> Fixture {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(Fixture.self, from: Data(Fixtures.bytes("sampling/rules.json")))
  }

  @Test func scoresOfEveryRuleEqualTheReference() throws {
    let fixture = try load()
    #expect(fixture.cases.count > 300)
    for (number, sample) in fixture.cases.enumerated() {
      let row = try #require(fixture.rows[sample.row])
      var chain = SamplerChain(sample.settings)
      let found = chain.processed(row, history: sample.history)
      #expect(!chain.hasNothingLeft)
      for (id, (score, expected)) in zip(found, sample.scores).enumerated() where Double(score) != expected {
        #expect(abs(Double(score) - expected) < 2e-6 * max(1, abs(expected)), "case \(number) id \(id)")
      }
    }
  }

  @Test func drawsAndTracesApplyTheRules() throws {
    let fixture = try load()
    for sample in fixture.cases {
      let row = try #require(fixture.rows[sample.row])
      var settings = sample.settings
      settings.topK = 5
      var chain = SamplerChain(settings)
      let kept = Set(chain.trace(from: row, history: sample.history).final.ids)
      let scores = sample.scores.sorted(by: >)
      #expect(kept == Set(sample.scores.indices.filter { sample.scores[$0] >= scores[4] }))
      #expect(kept.contains(chain.draw(from: row, history: sample.history, coin: 0.999).id))
      settings.temperature = 0
      var greedy = SamplerChain(settings)
      let best = try #require(sample.scores.firstIndex(of: scores[0]))
      #expect(greedy.draw(from: row, history: sample.history, coin: 0).id == best)
      #expect(greedy.trace(from: row, history: sample.history).final.ids == [best])
    }
  }

  /// Also for orders without filters.
  @Test func inEveryOrderTokensAreDrawnFromTheLastDistributionOfTheTrace() {
    var settings = SamplingSettings()
    settings.repetitionPenalty = 1.7
    settings.topK = 2
    settings.rules.lengthDecay = .init(start: 0, factor: 3)
    let row: [Float] = [2, 1.5, -1, 0.5]
    let history = TokenHistory(prompt: [0], output: [1, 3], endOfTextIDs: [3])
    let orders: [[SamplerStage]] = [
      [.temperature, .repetition, .topK], [.topK, .repetition], [.repetition, .topK], [.repetition], [.temperature], [],
    ]
    for order in orders {
      settings.order = order
      var chain = SamplerChain(settings)
      let final = chain.trace(from: row, history: history).final
      for coin in stride(from: 0.005, to: 1, by: 0.01) {
        let drawn = chain.draw(from: row, history: history, coin: coin)
        #expect(abs(final.logprob(of: drawn.id) - (drawn.sampledLogprob ?? 1)) < 1e-6, "\(order) \(coin)")
      }
    }
  }

  @Test func removingAllIDsIsReported() {
    var settings = SamplingSettings()
    settings.rules.encoderNoRepeatNGramSize = 1
    var chain = SamplerChain(settings)
    let history = TokenHistory(prompt: [0], source: [0, 1, 2])
    _ = chain.draw(from: [1, 2, 3], history: history, coin: 0.5)
    #expect(chain.hasNothingLeft)
    _ = chain.draw(from: [1, 2, 3, 4], history: history, coin: 0.5)
    #expect(!chain.hasNothingLeft)
    _ = chain.draw(from: [1, 2], history: TokenHistory(), coin: 0.5, mask: .only([]))
    #expect(chain.hasNothingLeft)
  }

  @Test func invalidLogitsAreReported() {
    #expect(Distribution(logits: [1, .nan, .infinity]).flaw == .notANumber(id: 1))
    #expect(Distribution(logits: [1, 2, .infinity]).flaw == .infinite(id: 2))
    #expect(Distribution(logits: [-.infinity, -.infinity]).flaw == .nothingFinite)
    #expect(Distribution(logits: [-.infinity, 1]).flaw == nil)
    #expect(Distribution(logits: [-.greatestFiniteMagnitude, .greatestFiniteMagnitude]).flaw == nil)
  }
}
