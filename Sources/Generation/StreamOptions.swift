import Models
import Sampling

/// How a stream makes its tokens and when it ends.
public struct StreamOptions: Sendable {
  /// How tokens are drawn.
  public var settings: SamplingSettings
  /// At most this many new tokens; what is left of the context bounds it too.
  public var maxTokens: Int
  /// The seed of the coins.
  public var seed: UInt64
  /// Which of several sequences of the seed this is.
  public var sequence: Int
  /// The ids that end the text; empty: none does.
  public var endOfTextIDs: [Int]
  /// Texts at which the stream ends.
  public var stopStrings: [String]
  /// How many of the most probable tokens come with each token.
  public var topCount: Int
  /// How many ids of the prompt a forward pass takes; 0: all at once.
  public var promptChunk: Int
  /// How many tokens a drafter may guess at a time.
  public var mostGuesses: Int
  /// What breaks the repetitions that the stage `dry` looks for.
  public var sequenceBreakers = SequenceBreakers()
  /// What the model's folder forces or forbids.
  public var constraints: TokenConstraints
  /// When the stream ends at the latest.
  public var timeLimit: TimeLimit?

  /// Options.
  public init(
    settings: SamplingSettings = SamplingSettings(), maxTokens: Int = 256, seed: UInt64 = 0, sequence: Int = 0,
    endOfTextIDs: [Int] = [], stopStrings: [String] = [], topCount: Int = 0, promptChunk: Int = 0,
    mostGuesses: Int = 7, constraints: TokenConstraints = .none
  ) {
    self.settings = settings
    self.maxTokens = maxTokens
    self.seed = seed
    self.sequence = sequence
    self.endOfTextIDs = endOfTextIDs
    self.stopStrings = stopStrings
    self.topCount = topCount
    self.promptChunk = promptChunk
    self.mostGuesses = mostGuesses
    self.constraints = constraints
  }
}
