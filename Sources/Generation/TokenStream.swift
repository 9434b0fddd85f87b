import Models
import Sampling

/// A text that is made token by token: reads its prompt in one pass or in chunks, then draws.
///
/// A stream does nothing by itself. Whoever drives it takes many streams of one model at a time through ``step(_:)``,
/// which runs one forward pass for all of them. A stream's tokens depend on nothing but its own ids and options:
/// alone, among others, with its prompt in chunks or taken from a text that was read before, the bits are the same.
///
/// The coin of a token is a function of how many ids follow the prompt, so that going back into a text and on from
/// there with the same ids meets the same coins.
public final class TokenStream {
  /// What is read so far.
  public let sequence: ReadSequence
  /// The ids so far: the prompt, what followed it before this stream, and the tokens made.
  public var ids: [Int] { history.ids }
  /// The tokens made.
  public private(set) var tokens: [DrawnToken] = []
  /// How many ids the stream started from.
  public let startCount: Int
  /// Why the stream ended; `nil` while it goes on.
  public private(set) var end: TextEnd?

  let options: StreamOptions
  private let limit: Int
  private let rules: ConstraintRules
  private let generator: SeededGenerator
  private var history: TokenHistory
  private var chain: SamplerChain
  private var decoder: any TokenTextDecoder
  private var scanner: StopStringScanner
  private var hasTold = false

  /// A stream.
  ///
  /// - Parameters:
  ///   - sequence: what has been read already; it is cut to what it shares with `ids`. The stream owns it: give a fork.
  ///   - ids: what to go on from, at least one; of encoder-decoder models with the decoder's start token.
  ///   - promptCount: how many of the ids are the prompt (penalties and coins tell prompt and output apart).
  ///   - decoder: a fresh decoder of the model's tokenizer.
  ///   - options: how to go on.
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/promptTooLong(limit:found:)``.
  public init(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder, options: StreamOptions
  ) throws(GenerationError) {
    limit = try TokenLimit.newTokens(after: ids, atMost: options.maxTokens, model: sequence.model)
    sequence.truncate(to: sequence.commonPrefix(with: ids))
    self.sequence = sequence
    self.options = options
    startCount = ids.count
    let split = min(max(promptCount, 0), ids.count)
    history = TokenHistory(
      prompt: Array(ids[..<split]), output: Array(ids[split...]), endOfTextIDs: options.endOfTextIDs)
    rules = ConstraintRules(options.constraints, startCount: ids.count, limit: limit)
    generator = SeededGenerator(seed: options.seed, sequence: options.sequence)
    chain = SamplerChain(options.settings)
    scanner = StopStringScanner(options.stopStrings)
    // The decoder hears what came before, for the first token's text may depend on it (a leading space, half a
    // character).
    var decoder = decoder
    for id in ids { _ = decoder.append(id) }
    self.decoder = decoder
    if limit == 0 { end = .length }
  }

  /// Whether the last event has been told.
  public var isFinished: Bool { end != nil && hasTold }

  /// Whether all ids are read, so that the next token can be drawn.
  var isReady: Bool { end == nil && sequence.ids.count == history.ids.count }

  /// The ids that the next forward pass should read; empty when none.
  var unread: [Int] {
    guard end == nil else { return [] }
    let rest = history.ids[sequence.ids.count...]
    return Array(options.promptChunk > 0 ? rest.prefix(options.promptChunk) : rest)
  }

  /// Stops the stream.
  /// - Returns: its last event; `nil` if it was told before.
  public func interrupt() -> StreamEvent? {
    guard !isFinished else { return nil }
    return finish(end ?? .interrupted)
  }

  /// Draws the next token.
  /// - Parameter logits: the raw logits after the last id.
  func take(_ logits: [Float]) -> [StreamEvent] {
    let token = chain.draw(
      from: logits, history: history, coin: generator.coin(at: history.outputCount), topCount: options.topCount,
      mask: rules.mask(history, made: tokens.count))
    tokens.append(token)
    history.append(token.id)
    if options.endOfTextIDs.contains(token.id) { return [.token(token, text: ""), finish(.endOfText)] }
    let text = scanner.append(decoder.append(token.id))
    if scanner.isStopped { return [.token(token, text: text), finish(.stop)] }
    if tokens.count >= limit { return [.token(token, text: text), finish(.length)] }
    return [.token(token, text: text)]
  }

  /// The last event. Text that the decoder held back is looked through for stop strings too.
  func finish(_ reason: TextEnd) -> StreamEvent {
    end = reason
    hasTold = true
    let text = scanner.append(decoder.finish())
    return .finished(reason, text: text + scanner.finish())
  }
}
