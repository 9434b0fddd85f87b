import EngineAPI
import Models
import Sampling

/// A generation request together with what the model's configuration and the engine add to it.
public struct Decoding<Request: Sendable>: Sendable {
  /// The request.
  public var request: Request
  /// The ids that end the text; empty if no id does.
  public var endOfTextIDs: [Int]
  /// What the model's folder forces or forbids.
  public var constraints: TokenConstraints
  /// The tokens at which the stage `dry` stops matching repetitions.
  public var sequenceBreakers: SequenceBreakers
  /// The padding id, if the model has one. Diverse beam search counts a finished group as continued by it.
  public var padID: Int?
  /// Returns the seconds since the start of the work. Called when the first token is drawn, at the end, and, if the
  /// time is limited, after each token.
  public var clock: @Sendable () -> Double
  /// A token with its bytes.
  public var token: @Sendable (Int) -> TokenValue

  /// A request without additions from a model: no end-of-text ids, token bytes or clock.
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

  /// Whether a time limit has passed. Without a limit the clock is not read. The limit is checked after each token, so
  /// at least one token is generated.
  func isOver(_ seconds: Double?) -> Bool { seconds.map { clock() > $0 } ?? false }
}

/// The number of new tokens that fit into the context.
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

/// A check that long loops call between steps to find out whether to stop.
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
