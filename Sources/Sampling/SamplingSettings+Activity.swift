extension SamplingSettings {
  /// Whether a stage acts: it is in the order and its value is not neutral.
  public func isActive(_ stage: SamplerStage) -> Bool {
    guard order.contains(stage) else { return false }
    return switch stage {
    case .logitBias: !logitBias.isEmpty
    case .repetition: repetitionPenalty != 1 && repetitionPenalty > 0
    case .presence: presencePenalty != 0 && !presencePenalty.isNaN
    case .frequency: frequencyPenalty != 0 && !frequencyPenalty.isNaN
    case .noRepeatNGram: noRepeatNGramSize > 0
    case .minTokens: minTokens > 0
    case .temperature: temperature != 1 && temperature >= 0
    case .topK: topK > 0
    case .topP: topP < 1
    case .minP: minP > 0
    case .typicalP: typicalP < 1
    }
  }
}

extension SamplerStage {
  /// Whether the stage changes logits by what the text so far holds; such stages act in beam search too, and before
  /// the choice at temperature 0 wherever they stand.
  public var isProcessor: Bool {
    switch self {
    case .logitBias, .repetition, .presence, .frequency, .noRepeatNGram, .minTokens: true
    case .temperature, .topK, .topP, .minP, .typicalP: false
    }
  }
}
