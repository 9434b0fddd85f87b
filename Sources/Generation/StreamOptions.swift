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

/// What a stream tells: some `.prompt`, then `.token`s, then one `.finished` or `.failed`.
public enum StreamEvent: Sendable, Equatable {
  /// So many of the ids that stream started from have been read.
  case prompt(done: Int, total: Int)
  /// A token was made. `text` became final with it; it has no end-of-text and no stop string in it.
  case token(DrawnToken, text: String)
  /// The end, with the text that was held back.
  case finished(TextEnd, text: String)
  /// The end because it can't go on, instead of the other.
  case failed(GenerationError)
}

/// Why a text ended.
public enum TextEnd: Sendable, Hashable {
  /// A stop string stands in it.
  case stop
  /// The limit of tokens or the context's end was reached.
  case length
  /// The limit of time was reached.
  case time
  /// An end-of-text token was made.
  case endOfText
  /// It was interrupted.
  case interrupted
}

/// A limit of time for a text: whether it is over is asked after each token, so at least one is made.
public struct TimeLimit: Sendable {
  private let seconds: Double
  private let elapsed: @Sendable () -> Double

  /// A limit.
  /// - Parameters:
  ///   - seconds: how long the text may take.
  ///   - elapsed: the seconds since its beginning.
  public init(seconds: Double, elapsed: @escaping @Sendable () -> Double) {
    self.seconds = seconds
    self.elapsed = elapsed
  }

  /// Whether the time is over.
  public var isOver: Bool { elapsed() > seconds }
}

/// How much may follow a text.
enum TokenLimit {
  /// How many tokens may follow these ids.
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/promptTooLong(limit:found:)``.
  static func newTokens(after ids: [Int], atMost most: Int, model: any LanguageModel) throws(GenerationError) -> Int {
    guard !ids.isEmpty else { throw .emptyPrompt }
    guard let context = model.facts.contextLength else { return max(most, 0) }
    guard ids.count <= context else { throw .promptTooLong(limit: context, found: ids.count) }
    return max(min(most, context - ids.count), 0)
  }
}

/// A question that long loops ask between their steps: whether to stop.
public struct Cancellation {
  private let isRequested: () -> Bool

  /// A cancellation that is requested when `isRequested` says so.
  public init(_ isRequested: @escaping () -> Bool) { self.isRequested = isRequested }

  /// Never.
  public static var never: Cancellation { Cancellation { false } }

  /// - Throws: ``GenerationError/cancelled`` if it is requested.
  public func check() throws(GenerationError) {
    if isRequested() { throw .cancelled }
  }
}
