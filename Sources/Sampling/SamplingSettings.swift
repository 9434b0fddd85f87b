/// How the next token is drawn from the model's logits: the sampler chain, its order and its strengths.
///
/// A stage acts only if it is in `order` and its value is not the neutral one given below.
public struct SamplingSettings: Sendable, Hashable {
  /// Divides the logits; 1 is neutral, 0 means greedy (the highest logit after penalties and biases).
  public var temperature: Double = 1
  /// How many of the highest logits stay; 0 is off.
  public var topK: Int = 0
  /// The mass that nucleus sampling keeps, in 0…1; 1 is off.
  public var topP: Double = 1
  /// The share of the highest probability below which ids are removed, in 0…1; 0 is off.
  public var minP: Double = 0
  /// The mass that typical sampling keeps, in 0…1; 1 is off.
  public var typicalP: Double = 1
  /// The divisor of logits of ids that occurred in prompt or output; 1 is off.
  public var repetitionPenalty: Double = 1
  /// Subtracted once from the logits of ids that occurred in the output; 0 is off.
  public var presencePenalty: Double = 0
  /// Subtracted as often as an id occurred in the output; 0 is off.
  public var frequencyPenalty: Double = 0
  /// The length of n-grams that may not occur twice; 0 is off.
  public var noRepeatNGramSize: Int = 0
  /// The end-of-text ids are removed while the output is shorter than this; 0 is off.
  public var minTokens: Int = 0
  /// Added to the logits of these ids, in ascending order of ids.
  public var logitBias: [Int: Double] = [:]
  /// The rules around the chain that look at the text or at the encoder's input.
  public var rules = ContextRules()
  /// The stages in the order in which they act; one left out is off.
  public var order: [SamplerStage] = SamplerStage.defaultOrder

  /// The neutral settings: the model's own distribution.
  public init() {}

  /// Neutral settings at temperature 0.
  public static var greedy: SamplingSettings {
    var settings = SamplingSettings()
    settings.temperature = 0
    return settings
  }

  /// Whether the token is the highest logit instead of a draw: temperature is in the order, and 0.
  public var isGreedy: Bool { temperature == 0 && order.contains(.temperature) }
}
