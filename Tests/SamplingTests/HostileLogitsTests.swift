import Testing
import TestSupport

@testable import Sampling

/// Invalid logits, and settings that would remove all ids.
@Suite struct HostileLogitsTests {
  private let infinity = Float.infinity

  private func settings(_ change: (inout SamplingSettings) -> Void) -> SamplingSettings {
    var settings = SamplingSettings()
    change(&settings)
    return settings
  }

  @Test func withoutFiniteLogitsOnlyIDZeroRemains() {
    for row in [[Float.nan, .nan], [-infinity, -infinity, -infinity], [-infinity, .nan]] {
      let own = Distribution(logits: row)
      #expect(own.best == 0)
      #expect(own.probability(of: 0) == 1)
      #expect(own.entropy == 0)
      var chain = SamplerChain(settings { $0.topP = 0.5 })
      let token = chain.draw(from: row, history: TokenHistory(), coin: 0.7)
      #expect(token.id == 0 && token.logprob == 0 && token.sampledLogprob == 0 && token.rank == 1)
    }
  }

  @Test func idsWithInfiniteLogitsTakeAllProbability() {
    let row: [Float] = [1, infinity, 3, infinity]
    let own = Distribution(logits: row)
    #expect(own.best == 1)
    #expect(abs((own.probability(of: 1) ?? 0) - 0.5) < 1e-12)
    #expect(own.probability(of: 2) == 0)
    #expect(own.rank(of: 3) == 2)
    var chain = SamplerChain(settings { $0.temperature = 0.5 })
    #expect(chain.draw(from: row, history: TokenHistory(), coin: 0.4).id == 1)
    #expect(chain.draw(from: row, history: TokenHistory(), coin: 0.6).id == 3)
  }

  @Test func idsWithNaNLogitsAreRemoved() {
    let row: [Float] = [0, .nan, 0]
    var chain = SamplerChain(SamplingSettings())
    #expect(chain.draw(from: row, history: TokenHistory(), coin: 0.5).id == 2)
    #expect(chain.trace(from: row, history: TokenHistory()).final.ids == [0, 2])
    #expect(Distribution(logits: row).idsByRank() == [0, 2, 1])
  }

  @Test func aStageThatWouldRemoveAllIDsKeepsTheBest() {
    let row: [Float] = [1, 4, 2]
    let banned = settings {
      $0.noRepeatNGramSize = 1
      $0.order = [.noRepeatNGram]
    }
    var chain = SamplerChain(banned)
    let history = TokenHistory(prompt: [0, 1, 2])
    let trace = chain.trace(from: row, history: history)
    #expect(trace.final.ids == [1])
    #expect(trace.stages[0].removed == 2)
    var biased = SamplerChain(settings { $0.logitBias = [0: -.infinity, 1: -.infinity, 2: -.infinity] })
    #expect(biased.draw(from: row, history: TokenHistory(), coin: 0.9).id == 1)
    var ended = SamplerChain(settings { $0.minTokens = 3 })
    let onlyEnds = TokenHistory(endOfTextIDs: [0, 1, 2])
    #expect(ended.draw(from: row, history: onlyEnds, coin: 0.9).id == 1)
  }

  @Test func extremeSettingsNeverTrap() {
    let row: [Float] = [3e38, -3e38, 0, 1, -infinity, .nan, infinity, .leastNonzeroMagnitude]
    let history = TokenHistory(prompt: [0, 1, 2, 99, -5], output: [6, 3, 1 << 40], endOfTextIDs: [-1, 7, 1 << 50])
    let numbers: [Double] = [0, 1e-300, 1e-40, 0.5, 1, 2, 1e30, 1e300, -1, .infinity, -.infinity, .nan]
    for number in numbers {
      let count = number.magnitude < 1e18 ? Int(number) : Int.max
      for setting in StageTable.settings {
        let hostile = settings {
          for row in StageTable.rows {
            // The other settings of a stage matter only if it acts.
            guard row.settings.contains(where: { $0.name == setting.name }) else { continue }
            if !row.isStandard { row.settings[0].set(0.5, &$0) }
          }
          switch setting.storage {
          case .number(let path): $0[keyPath: path] = number
          case .count(let path): $0[keyPath: path] = count
          case .texts(let path): $0[keyPath: path] = ["", "x"]
          case .biases(let path): $0[keyPath: path] = [0: number, 2: -number, 1000: number, -3: number]
          }
          $0.includeSwitchedOn()
        }
        let stage = setting.name
        var chain = SamplerChain(hostile)
        let token = chain.draw(from: row, history: history, coin: 0.5, topCount: 3)
        #expect(row.indices.contains(token.id), "\(stage) \(number)")
        let figures = [token.logprob, token.entropy, token.sampledLogprob]
        #expect(figures.allSatisfy { $0?.isNaN == false }, "\(stage) \(number)")
        let trace = chain.trace(from: row, history: history, topCount: 3)
        #expect(trace.final.count >= 1)
        for result in trace.stages { #expect(result.entropy.isFinite && result.entropy >= 0) }
      }
    }
  }

  @Test func randomChainsAlwaysLeaveAnID() {
    var source = SplitMix64(seed: 17)
    for _ in 0..<2000 {
      let row = (0..<Int.random(in: 1...30, using: &source)).map { _ -> Float in
        switch Int.random(in: 0..<8, using: &source) {
        case 0: -infinity
        case 1: Float.random(in: -1.6e38...1.6e38, using: &source)
        case 2: 0
        default: Float.random(in: -9...9, using: &source)
        }
      }
      let made = settings {
        $0.temperature = [1, 0.2, 3, 1e-9].randomElement(using: &source) ?? 1
        $0.topK = Int.random(in: 0...6, using: &source)
        $0.topP = Double.random(in: 0...1, using: &source)
        $0.minP = Double.random(in: 0...0.5, using: &source)
        $0.typicalP = Double.random(in: 0...1, using: &source)
        $0.repetitionPenalty = Double.random(in: 0.5...2, using: &source)
        $0.noRepeatNGramSize = Int.random(in: 0...2, using: &source)
        $0.minTokens = Int.random(in: 0...4, using: &source)
        $0.order.shuffle(using: &source)
      }
      let text = (0..<6).map { _ in Int.random(in: 0..<30, using: &source) }
      let history = TokenHistory(prompt: text, output: Array(text.prefix(2)), endOfTextIDs: [0, 2])
      var chain = SamplerChain(made)
      let final = chain.trace(from: row, history: history).final
      let mass = final.ids.reduce(0) { $0 + final.probability(of: $1) }
      #expect(abs(mass - 1) < 1e-5)
      let coin = Double.random(in: 0..<1, using: &source)
      #expect(final.contains(chain.draw(from: row, history: history, coin: coin).id))
    }
  }
}
