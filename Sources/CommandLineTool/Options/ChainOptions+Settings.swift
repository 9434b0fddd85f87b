import Sampling

extension ChainOptions {
  /// The settings: what was given, over the model's own.
  func settings(over defaults: SamplingSettings) -> SamplingSettings {
    var settings = defaults
    settings.temperature = temperature ?? defaults.temperature
    settings.topK = topK ?? defaults.topK
    settings.topP = topP ?? defaults.topP
    settings.minP = minP ?? defaults.minP
    settings.typicalP = typicalP ?? defaults.typicalP
    settings.repetitionPenalty = repeatPenalty ?? defaults.repetitionPenalty
    settings.presencePenalty = presencePenalty ?? defaults.presencePenalty
    settings.frequencyPenalty = frequencyPenalty ?? defaults.frequencyPenalty
    settings.noRepeatNGramSize = noRepeatNgramSize ?? defaults.noRepeatNGramSize
    settings.minTokens = minTokens ?? defaults.minTokens
    for entry in logitBias { settings.logitBias[entry.id] = entry.bias }
    if let samplers {
      settings.order = samplers
      // A stage that is left out is off, and temperature 0 is more than a stage: it would still mean greedy.
      if !samplers.contains(.temperature) { settings.temperature = 1 }
    }
    return settings
  }

  /// A temperature, or 1 where the chain leaves temperature out.
  func temperature(_ value: Double) -> Double { samplers?.contains(.temperature) ?? true ? value : 1 }

  /// The sampling options that were given, which plain beam search has no use for. Penalties and biases are not among
  /// them, nor is temperature 0, which draws nothing.
  var givenSamplingOptions: [String] {
    let options: [(String, Bool)] = [
      ("--temperature", temperature ?? 0 != 0), ("--top-k", topK != nil), ("--top-p", topP != nil),
      ("--min-p", minP != nil), ("--typical-p", typicalP != nil),
      ("--samplers", samplers?.contains { Self.samplingStages.contains($0) } ?? false),
    ]
    return options.filter(\.1).map(\.0)
  }

  private static let samplingStages: Set<SamplerStage> = [.temperature, .topK, .topP, .minP, .typicalP]
}
