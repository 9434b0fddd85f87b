/// How far the counts of decoding may go, whether an option or a model's file asks for them.
public enum GenerationLimits {
  /// Stands for "no upper bound", and is small enough to be added and multiplied.
  public static let most = 1_000_000_000
  /// Hypotheses of beam search side by side.
  public static let beams = 1...1000
  /// Sequences that are returned.
  public static let sequences = 1...10_000
}
