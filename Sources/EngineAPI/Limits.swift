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
  /// Positions in a text.
  public static let positions = 0...most
  /// Seeds. Only half of the 64-bit range, so that JSON readers with signed integers can read them.
  public static let seeds: ClosedRange<UInt64> = 0...UInt64(Int64.max)
  /// The maximum size of a command's input text, in bytes.
  public static let textBytes = 64 << 20
  /// The maximum size of a prompt in the playground, in bytes.
  public static let promptBytes = 4 << 20

  /// Most probable tokens that come with each token of a text that the playground generates.
  public static let liveCandidates = 32
  /// New tokens by default.
  public static let defaultTokens = 256
  /// Beams of a translation by default.
  public static let defaultBeams = 4
  /// Most probable tokens listed with a token by default.
  public static let defaultListed = 10
  /// Candidates listed for a mask by default.
  public static let defaultFillings = 5
  /// Tokens proposed at a time in speculative decoding by default.
  public static let defaultGuesses = 7
  /// Prompt tokens of a benchmark by default.
  public static let defaultMeasuredPrompt = 512
  /// New tokens of a benchmark by default.
  public static let defaultMeasuredTokens = 64
  /// Measured runs of a benchmark by default.
  public static let defaultRuns = 5

  /// Ids whose logits can be biased. A model's vocabulary limits them further.
  public static let biasedIDs = 0...most
  /// The biases of logits.
  public static let bias = NumberBounds.any
  /// Prompts in the history.
  public static let historyPrompts = 1000
  /// The maximum size of a model card's file, in bytes; a larger one is not read.
  public static let cardFileBytes = 16 << 20
  /// The maximum number of bytes of a model card that are shown.
  public static let cardBytes = 65_536
}
