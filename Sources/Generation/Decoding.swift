import EngineAPI
import Models
import Sampling

/// A request for a new text, with what the model's folder and the engine add to it.
public struct Decoding<Request: Sendable>: Sendable {
  /// The request.
  public var request: Request
  /// The ids that end the text; empty: none does.
  public var endOfTextIDs: [Int]
  /// What the model's folder forces or forbids.
  public var constraints: TokenConstraints
  /// What breaks the repetitions that the stage `dry` looks for.
  public var sequenceBreakers: SequenceBreakers
  /// The id that fills up batches, if the model has one: a group of beams that is done counts as continued by it.
  public var padID: Int?
  /// The seconds since the work began. It is read where the first token comes, after each token where the time is
  /// limited, and at the end.
  public var clock: @Sendable () -> Double
  /// A token with its bytes.
  public var token: @Sendable (Int) -> TokenValue

  /// A request for a model that adds nothing: no end of text, no bytes of tokens, no clock.
  public init(
    _ request: Request, endOfTextIDs: [Int] = [], constraints: TokenConstraints = .none,
    sequenceBreakers: SequenceBreakers = SequenceBreakers(), padID: Int? = nil,
    clock: @escaping @Sendable () -> Double = { 0 },
    token: @escaping @Sendable (Int) -> TokenValue = { TokenValue(id: $0, bytes: []) }
  ) {
    self.request = request
    self.endOfTextIDs = endOfTextIDs
    self.constraints = constraints
    self.sequenceBreakers = sequenceBreakers
    self.padID = padID
    self.clock = clock
    self.token = token
  }

  /// Whether a limit of so many seconds is over. Without a limit the clock is not read. The limit is asked for after
  /// each token, so at least one is made.
  func isOver(_ seconds: Double?) -> Bool { seconds.map { clock() > $0 } ?? false }
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
