/// How tokens are drawn, as far as a file says so. Names and meanings are those of transformers.
public struct SamplingDefaults: Sendable, Equatable {
  /// Whether tokens are drawn at all; if not, the most probable one is taken.
  public var doSample: Bool?
  /// Divides the logits; above 0.
  public var temperature: Double?
  /// How many tokens are kept; 0 keeps all.
  public var topK: Int?
  /// The mass that is kept, 0…1.
  public var topP: Double?
  /// The least probability that is kept, relative to the highest, 0…1.
  public var minP: Double?
  /// The mass of typical tokens that is kept, 0…1.
  public var typicalP: Double?
  /// The penalty on tokens that occurred before; above 0.
  public var repetitionPenalty: Double?
  /// Runs of this many tokens may not occur twice; 0 is off.
  public var noRepeatNgramSize: Int?
}
