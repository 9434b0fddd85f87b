import Testing

@testable import Sampling

/// The steps of a traced chain: the columns of the sampler waterfall.
@Suite struct WaterfallTests {
  /// Logits of 24 ids, from 4 down to -3.
  private static let logits: [Float] = (0..<24).map { 4 - Float(($0 * 7) % 24) * 0.3 }
  private static let history = TokenHistory(prompt: [7, 1, 7], output: [1, 7], endOfTextIDs: [0, 2])

  /// A chain in which a stage acts after temperature.
  private static func settings(_ stage: SamplerStage) -> SamplingSettings {
    var settings = SamplingSettings()
    settings.temperature = 0.9
    switch stage {
    case .logitBias: settings.logitBias = [3: 2, 5: -4]
    case .repetition: settings.repetitionPenalty = 1.5
    case .presence: settings.presencePenalty = 1
    case .frequency: settings.frequencyPenalty = 0.7
    case .dry:
      settings.dryMultiplier = 1
      settings.dryAllowedLength = 1
    case .noRepeatNGram: settings.noRepeatNGramSize = 2
    case .minTokens:
      settings.minTokens = 9
    case .temperature: settings.dynatempRange = 0.5
    case .topNSigma: settings.topNSigma = 1
    case .topH: settings.topH = 0.5
    case .topK: settings.topK = 6
    case .topP: settings.topP = 0.7
    case .minP: settings.minP = 0.1
    case .typicalP: settings.typicalP = 0.6
    case .epsilonCutoff: settings.epsilonCutoff = 0.02
    case .etaCutoff: settings.etaCutoff = 0.1
    case .xtc:
      settings.xtcProbability = 1
      settings.xtcThreshold = 0.1
    case .mirostat: settings.mirostatTau = 2
    }
    settings.includeSwitchedOn()
    return settings
  }

  /// The sum of all probabilities after each step.
  private static func sums(_ trace: ChainTrace) -> [Double] {
    logits.indices.reduce(into: [Double](repeating: 0, count: trace.steps.count)) { sums, id in
      for (step, probability) in trace.probabilities(of: id).enumerated() { sums[step] += probability }
    }
  }

  @Test(arguments: SamplerStage.allCases)
  func everyColumnSumsToOneAndTheLastIsWhatIsDrawn(stage: SamplerStage) {
    var chain = SamplerChain(Self.settings(stage))
    let trace = chain.trace(from: Self.logits, history: Self.history)
    #expect(trace.steps.first?.kind == .model && trace.steps.contains { $0.stage == stage }, "\(trace.steps)")
    for sum in Self.sums(trace) { #expect(abs(sum - 1) < 1e-6) }
    let own = Distribution(logits: Self.logits)
    for id in Self.logits.indices {
      let row = trace.probabilities(of: id)
      #expect(abs(row[0] - (own.probability(of: id) ?? 0)) < 1e-12)
      #expect(row.last == trace.final.probability(of: id))
      // A removed id is at 0 from its stage on, and nowhere before.
      guard let remover = trace.removedBy(id), let step = trace.steps.firstIndex(where: { $0.stage == remover }) else {
        #expect(row.allSatisfy { $0 > 0 })
        continue
      }
      #expect(row[..<step].allSatisfy { $0 > 0 } && row[step...].allSatisfy { $0 == 0 })
    }
    for (index, step) in trace.steps.enumerated() {
      #expect(step.kept == Self.logits.indices.count { trace.probabilities(of: $0)[index] > 0 })
    }
    for draw in 0..<40 {
      let coin = (Double(draw) + 0.5) / 40
      let token = chain.draw(from: Self.logits, history: Self.history, coin: coin)
      #expect(token.id == trace.final.draw(coin: coin))
      #expect(abs(Natural.exp(token.sampledLogprob ?? 0) - (trace.probabilities(of: token.id).last ?? 0)) < 1e-6)
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func theLastColumnHasTheFrequenciesOfAHundredThousandDraws(seed: UInt64) {
    var settings = Self.settings(.repetition)
    settings.topK = 12
    settings.minP = 0.02
    var chain = SamplerChain(settings)
    let trace = chain.trace(from: Self.logits, history: Self.history)
    let generator = SeededGenerator(seed: seed, sequence: 1)
    let draws = 100_000
    var counts = [Int](repeating: 0, count: Self.logits.count)
    for n in 0..<draws { counts[trace.final.draw(coin: generator.coin(at: n))] += 1 }
    var chiSquare = 0.0
    for id in Self.logits.indices {
      let expected = (trace.probabilities(of: id).last ?? 0) * Double(draws)
      if expected == 0 {
        #expect(counts[id] == 0)
      } else {
        chiSquare += (Double(counts[id]) - expected) * (Double(counts[id]) - expected) / expected
      }
    }
    // Chi-square with at most 11 degrees of freedom: the 0.1 % critical value is 31.3.
    #expect(trace.steps.last?.kept == 12 && chiSquare < 31.3, "\(chiSquare)")
  }

  @Test func aColumnForTheRulesOfTheContextPrecedesTheStages() {
    var settings = Self.settings(.topK)
    settings.rules.sequenceBias = [ContextRules.SequenceBias(ids: [0], bias: -.infinity)]
    var chain = SamplerChain(settings)
    let trace = chain.trace(from: Self.logits, history: Self.history)
    #expect(trace.steps.map(\.kind) == [.model, .rules, .stage(.temperature), .stage(.topK)])
    #expect(trace.probabilities(of: 0)[0] > 0.2 && trace.probabilities(of: 0)[1...].allSatisfy { $0 == 0 })
    #expect(trace.removedBy(0) == nil)
    for sum in Self.sums(trace) { #expect(abs(sum - 1) < 1e-6) }
  }

  @Test func atTemperatureZeroTheLastColumnHasOneToken() {
    var settings = SamplingSettings()
    settings.temperature = 0
    settings.topP = 0.5
    var chain = SamplerChain(settings)
    let trace = chain.trace(from: Self.logits, history: Self.history)
    #expect(trace.steps.map(\.kind) == [.model, .stage(.temperature)])
    #expect(trace.probabilities(of: 0).last == 1 && trace.steps.last?.kept == 1)
  }

  @Test func aTableOfAnotherChainEqualsANewOne() {
    let own = Distribution(logits: Self.logits)
    var first = SamplerChain(Self.settings(.topP))
    var second = SamplerChain(Self.settings(.logitBias))
    let old = CandidateTable(own, first.trace(from: own, history: Self.history))
    let trace = second.trace(from: own, history: Self.history)
    let (moved, new) = (old.with(trace), CandidateTable(own, second.trace(from: Self.logits, history: Self.history)))
    #expect(moved.ids(.chain) == new.ids(.chain))
    for id in Self.logits.indices { #expect(moved.row(of: id) == new.row(of: id)) }
  }
}
