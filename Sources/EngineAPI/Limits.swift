import Sampling

/// The allowed ranges of counts and sizes that a user or a model's files can set. The command line, the configuration
/// file and the playground share them. The ranges of sampler values are in Sampling's table of stages.
public enum Limits {
  /// Used as "no upper bound"; small enough to add and multiply without overflow.
  public static let most = NumberBounds.most
  /// Computing threads.
  public static let threads = 1...256
  /// New tokens in one text.
  public static let tokens = 1...most
  /// Prompt tokens in one forward pass; 0 for all of them.
  public static let promptChunk = 0...most
  /// Most probable tokens listed with a token.
  public static let listed = 0...most
  /// Candidates listed for a mask.
  public static let fillings = 1...most
  /// Step of the sliding window in scoring, in tokens.
  public static let stride = 1...most
  /// Beams of beam search.
  public static let beams = 1...1000
  /// Groups of diverse beam search.
  public static let groups = beams
  /// Sequences returned for a prompt.
  public static let sequences = 1...10_000
  /// Sequences decoded together in a benchmark.
  public static let streams = 1...1000
  /// Streams shown side by side in the playground.
  public static let panes = 1...4
  /// Lesson numbers of the playground.
  public static let lessons = 1...10
  /// Tokens proposed at a time in speculative decoding.
  public static let guesses = 1...64
  /// Prompt tokens, and new tokens, of a benchmark.
  public static let measuredTokens = 1...1_000_000
  /// Measured runs of a benchmark.
  public static let runs = 1...1_000_000
  /// The length exponent of beam search scores, in the playground.
  public static let lengthPenalty = -10.0...10.0
  /// Seeds. Only half of the 64-bit range, so that JSON readers with signed integers can read them.
  public static let seeds: ClosedRange<UInt64> = 0...UInt64(Int64.max)
  /// Bytes of an input text of a command.
  public static let textBytes = 64 << 20
  /// Bytes of a prompt in the playground.
  public static let promptBytes = 4 << 20

  /// New tokens by default.
  public static let defaultTokens = 256
  /// Beams of a translation by default.
  public static let defaultBeams = 4
  /// The default of the most probable tokens that are listed for a place.
  public static let defaultListed = 10
  /// The default number of fillings for a gap.
  public static let defaultFillings = 5
  /// The default number of tokens that are guessed ahead at a time.
  public static let defaultGuesses = 7
  /// The default number of prompt tokens of a measurement.
  public static let defaultMeasuredPrompt = 512
  /// The default number of new tokens of a measurement.
  public static let defaultMeasuredTokens = 64
  /// The default number of repetitions of a measurement.
  public static let defaultRuns = 5

  /// Ids whose logits can be biased. A model's vocabulary limits them further.
  public static let biasedIDs = 0...most
  /// The biases of logits.
  public static let bias = NumberBounds.any
  /// Prompts in the history.
  public static let historyPrompts = 1000
  /// Bytes of a model card that is read.
  public static let cardFileBytes = 16 << 20
  /// Bytes of a model card that is shown.
  public static let cardBytes = 65_536
}
