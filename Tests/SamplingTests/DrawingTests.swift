import Testing
import TestSupport

@testable import Sampling

@Suite struct DrawingTests {
  private let logits: [Float] = [0.3, 2.0, -1.0, 0.9, 1.7, -3.0, 0.0, 1.1]

  @Test func drawsAccumulateProbabilitiesInAscendingOrderOfIDs() {
    var chain = SamplerChain(SamplingSettings())
    let own = Distribution(logits: logits)
    var below = 0.0
    for id in logits.indices {
      let probability = own.probability(of: id) ?? 0
      for coin in [below + probability * 1e-3, below + probability / 2, below + probability * 0.999] {
        #expect(chain.draw(from: logits, history: TokenHistory(), coin: coin).id == id)
      }
      below += probability
    }
    #expect(abs(below - 1) < 1e-6)
    #expect(chain.draw(from: logits, history: TokenHistory(), coin: 1 - 0x1p-53).id == 7)
    #expect(chain.draw(from: logits, history: TokenHistory(), coin: 0).id == 0)
  }

  @Test(arguments: [0.5, 1.0, 2.0])
  func frequenciesFollowTheDistribution(temperature: Double) {
    var settings = SamplingSettings()
    settings.temperature = temperature
    settings.topP = 0.97
    var chain = SamplerChain(settings)
    let history = TokenHistory()
    let final = chain.trace(from: logits, history: history).final
    let generator = SeededGenerator(seed: 9, sequence: 1)
    let draws = 40_000
    var counts = [Int](repeating: 0, count: logits.count)
    for n in 0..<draws { counts[chain.draw(from: logits, history: history, coin: generator.coin(at: n)).id] += 1 }
    var chiSquare = 0.0
    for id in logits.indices {
      let expected = final.probability(of: id) * Double(draws)
      guard expected > 0 else {
        #expect(counts[id] == 0)
        continue
      }
      chiSquare += (Double(counts[id]) - expected) * (Double(counts[id]) - expected) / expected
    }
    // Chi-square with at most 7 degrees of freedom: the 0.1 % critical value is 24.3.
    #expect(chiSquare < 24.3)
  }

  @Test func aDrawnTokenHasTheProbabilitiesOfBothDistributions() {
    var settings = SamplingSettings()
    settings.temperature = 0.6
    settings.topK = 3
    var chain = SamplerChain(settings)
    let own = Distribution(logits: logits)
    let final = chain.trace(from: logits, history: TokenHistory()).final
    for step in 0..<64 {
      let coin = Double(step) / 64
      let token = chain.draw(from: logits, history: TokenHistory(), coin: coin, topCount: 4)
      #expect(token.id == final.draw(coin: coin))
      #expect([1, 4, 7].contains(token.id))
      #expect(token.logprob == own.logprob(of: token.id))
      #expect(token.rank == own.rank(of: token.id))
      #expect(abs((token.sampledLogprob ?? 1) - final.logprob(of: token.id)) < 1e-6)
      #expect(token.top == own.top(4))
    }
  }

  @Test func greedyTakesTheHighestLogitAfterPenaltiesWhereverTemperatureIsInTheOrder() {
    var settings = SamplingSettings.greedy
    settings.repetitionPenalty = 2
    settings.topK = 2
    settings.order = [.temperature, .topK, .repetition]
    let history = TokenHistory(prompt: [1])
    var chain = SamplerChain(settings)
    let token = chain.draw(from: logits, history: history, coin: 0.99)
    #expect(token.id == 4)
    #expect(token.sampledLogprob == 0)
    #expect(token.rank == 2)
    let trace = chain.trace(from: logits, history: history, topCount: 5)
    #expect(trace.stages.map(\.kept) == [1, 1, 1])
    #expect(trace.stages.map(\.removed) == [7, 0, 0])
    #expect(trace.stages.allSatisfy { $0.top == [ProbableID(token: 4, probability: 1)] && $0.entropy == 0 })
    #expect(trace.removedBy(1) == .temperature)
  }

  @Test func greedyTiesGoToTheLowerID() {
    var chain = SamplerChain(.greedy)
    #expect(chain.draw(from: [0, 3, 1, 3], history: TokenHistory(), coin: 0).id == 1)
    #expect(chain.draw(from: [-0.0, 0.0], history: TokenHistory(), coin: 0).id == 0)
  }

  @Test func temperatureIsOffIfItIsNotInTheOrder() {
    var settings = SamplingSettings.greedy
    settings.order = [.topK]
    #expect(!settings.isGreedy)
    var chain = SamplerChain(settings)
    #expect(chain.draw(from: [0, 0], history: TokenHistory(), coin: 0.9).id == 1)
  }

  @Test func earlierStepsDoNotAffectAChain() {
    var settings = SamplingSettings()
    settings.topP = 0.8
    settings.repetitionPenalty = 1.3
    settings.noRepeatNGramSize = 2
    var source = SplitMix64(seed: 3)
    var used = SamplerChain(settings)
    for size in [300, 17, 5000, 1, 300] {
      let row = (0..<size).map { _ in Float.random(in: -8...8, using: &source) }
      let history = TokenHistory(prompt: [0, 1, 0], output: [1, 0])
      let coin = Double.random(in: 0..<1, using: &source)
      var fresh = SamplerChain(settings)
      #expect(used.draw(from: row, history: history, coin: coin) == fresh.draw(from: row, history: history, coin: coin))
    }
  }
}
