import Sampling

/// How far the counts and sizes that a person can set may go: one place for the command line, the configuration file,
/// the files of a model and the playground. The bounds of the sampler's values stand in Sampling's table of stages.
public enum Limits {
  /// Stands for "no upper bound", and is small enough to be added and multiplied.
  public static let most = NumberBounds.most
  /// Threads that compute.
  public static let threads = 1...256
  /// New tokens of one text.
  public static let tokens = 1...most
  /// Tokens of a prompt that are read at once; 0 is all of them.
  public static let promptChunk = 0...most
  /// The most probable tokens that are listed with a token.
  public static let listed = 0...most
  /// Fillings that are listed for a gap.
  public static let fillings = 1...most
  /// Tokens by which the window of a score slides.
  public static let stride = 1...most
  /// Hypotheses of beam search side by side.
  public static let beams = 1...1000
  /// Groups of beams.
  public static let groups = beams
  /// Sequences that are returned for a prompt.
  public static let sequences = 1...10_000
  /// Sequences that are decoded together for a measurement.
  public static let streams = 1...1000
  /// Streams that the playground shows side by side.
  public static let panes = 1...4
  /// The numbers of the playground's lessons.
  public static let lessons = 1...10
  /// Tokens that are guessed ahead at a time.
  public static let guesses = 1...64
  /// Tokens of a measurement: of its prompt, and those made after it.
  public static let measuredTokens = 1...1_000_000
  /// Repetitions of a measurement.
  public static let runs = 1...1_000_000
  /// The exponent of the length by which beam search divides scores, in the playground.
  public static let lengthPenalty = -10.0...10.0
  /// Seeds: half of the 64-bit range, so that JSON readers with signed integers read them back.
  public static let seeds: ClosedRange<UInt64> = 0...UInt64(Int64.max)
  /// Bytes of a text for a command.
  public static let textBytes = 64 << 20
  /// Bytes of a prompt in the playground.
  public static let promptBytes = 4 << 20

  /// The default number of new tokens of a text.
  public static let defaultTokens = 256
  /// The default number of beams of a translation.
  public static let defaultBeams = 4
}
