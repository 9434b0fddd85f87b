import EngineAPI
import Models
import Sampling
import Tensors

/// A text that is made token by token: reads its prompt in one pass or in chunks, then draws.
///
/// A stream does nothing by itself. Whoever drives it takes many streams of one model at a time through ``step(_:)``,
/// which runs one forward pass for all of them. A stream's tokens depend on nothing but its own ids and options:
/// alone, among others, with its prompt in chunks or taken from a text that was read before, the bits are the same.
///
/// The coin of a token is a function of how many ids follow the prompt, so that going back into a text and on from
/// there with the same ids meets the same coins. For the same reason a ``Drafter`` changes no token: a pass may read
/// guesses after the text, and tokens are drawn from its rows for as long as they are what was guessed.
public final class TokenStream {
  /// What is read so far.
  public let sequence: ReadSequence
  /// The ids so far: the prompt, what followed it before this stream, and the tokens made.
  public var ids: [Int] { history.ids }
  /// The tokens made.
  public private(set) var tokens: [ScoredID] = []
  /// How many ids the stream started from.
  public let startCount: Int
  /// Why the stream ended; `nil` while it goes on.
  public private(set) var end: FinishReason?
  /// How the drafter's guesses did.
  public private(set) var tally = GuessTally()

  let options: Decoding<GenerationRequest>
  private let limit: Int
  private let rules: ConstraintRules
  private let generator: SeededGenerator
  private var history: TokenHistory
  private var chain: SamplerChain
  private var decoder: any TokenTextDecoder
  private var scanner: StopStringScanner
  private var pieces: StopPieces
  private var hasTold = false
  /// How many of the ids that the stream started from were read before it.
  private let readBefore: Int
  /// When the first token was made.
  private var promptSeconds: Double?
  /// Whether the chain looks at surprises of the output which this stream did not draw.
  private var needsSurprises = false
  private let drafter: (any Drafter)?
  private var pace: DraftPace
  /// What the pass under way reads after the text.
  private var guesses: [Int] = []

  /// A stream.
  ///
  /// - Parameters:
  ///   - sequence: what has been read already; it is cut to what it shares with `ids`. The stream owns it: give a fork.
  ///   - ids: what to go on from, at least one; of encoder-decoder models with the decoder's start token.
  ///   - promptCount: how many of the ids are the prompt (penalties and coins tell prompt and output apart).
  ///   - decoder: a fresh decoder of the model's tokenizer.
  ///   - options: how to go on. The request's context and count of the prompt are not looked at.
  ///   - drafter: guesses what comes, to be quicker; the tokens are the same without it.
  /// - Throws: ``GenerationError/emptyPrompt``, ``GenerationError/promptTooLong(limit:found:)``,
  ///   ``GenerationError/noSuchToken(id:place:vocabulary:)``.
  public init(
    sequence: ReadSequence, ids: [Int], promptCount: Int, decoder: any TokenTextDecoder,
    options: Decoding<GenerationRequest>,
    drafter: (any Drafter)? = nil
  ) throws(GenerationError) {
    limit = try TokenLimit.newTokens(after: ids, atMost: options.request.maxTokens, model: sequence.model)
    sequence.truncate(to: sequence.commonPrefix(with: ids))
    self.sequence = sequence
    self.options = options
    self.drafter = drafter
    pace = DraftPace(most: options.request.speculation.most)
    startCount = ids.count
    readBefore = min(sequence.ids.count, ids.count)
    let split = min(max(promptCount, 0), ids.count)
    history = TokenHistory(
      prompt: Array(ids[..<split]), output: Array(ids[split...]), endOfTextIDs: options.endOfTextIDs,
      source: sequence.source, sequenceBreakers: options.sequenceBreakers)
    let vocabulary = sequence.model.facts.vocabularySize
    try ConstraintRules.check(
      options.constraints, options.request.settings.rules, endOfTextIDs: options.endOfTextIDs, startCount: ids.count,
      vocabulary: vocabulary)
    rules = ConstraintRules(options.constraints, startCount: ids.count, limit: limit, vocabulary: vocabulary)
    generator = SeededGenerator(seed: options.request.seed, sequence: options.request.sequence)
    chain = SamplerChain(options.request.settings)
    needsSurprises = chain.needsSurprises && history.outputCount > 0
    scanner = StopStringScanner(options.request.stopStrings)
    pieces = StopPieces(options.request.stopStrings)
    // The decoder receives the context, because the first token's text may depend on it (a leading space, half a
    // character).
    var decoder = decoder
    var before = ""
    for id in ids {
      let text = decoder.append(id)
      guard !scanner.isEmpty else { continue }
      before += text
      _ = pieces.append(decoder.piece(of: id))
    }
    scanner.begin(after: before)
    self.decoder = decoder
    if limit == 0 { end = .length }
  }

  /// Whether the last event has been told.
  public var isFinished: Bool { end != nil && hasTold }

  /// Whether all ids are read, so that the next token can be drawn.
  var isReady: Bool { end == nil && sequence.ids.count >= history.ids.count }

  /// The positions whose rows predict the next tokens: the last of the text, and those of the guesses after it.
  var drawingPositions: Range<Int> { history.ids.count - 1..<sequence.ids.count }

  /// The ids that the next forward pass should read; empty when none.
  var unread: [Int] {
    guard end == nil else { return [] }
    let rest = history.ids[sequence.ids.count...]
    return Array(options.request.promptChunk > 0 ? rest.prefix(options.request.promptChunk) : rest)
  }

  /// The ids that the next forward pass reads: ``unread``, and after the text's last id what the drafter guesses.
  func nextReading() throws(GenerationError) -> [Int] {
    let ids = unread
    guesses = []
    // The token after the last guess is drawn as well, so one guess fewer than may still be made.
    let room = limit - tokens.count - 1
    guard let drafter, ids.count == 1, sequence.ids.count + 1 == history.ids.count, room > 0 else { return ids }
    let wanted = min(pace.next(), room)
    if wanted > 0 { guesses = try drafter.draft(after: history, atMost: wanted) }
    return ids + guesses
  }

  /// Stops the stream.
  /// - Returns: its last event; `nil` if it was told before.
  public func interrupt() -> TokenEvent? {
    guard !isFinished else { return nil }
    return finish(end ?? .interrupted)
  }

  /// Ends the stream because it can't go on.
  /// - Returns: its last event; `nil` if it was told before.
  public func fail(_ error: GenerationError) -> TokenEvent? {
    guard !isFinished else { return nil }
    let reason = FinishReason.failed(EngineError(error))
    end = reason
    hasTold = true
    return .finished(reason, text: "", timing: timing)
  }

  /// Draws the next tokens: one, and one more for each guess that was right.
  /// - Parameter row: the raw logits of one of the ``drawingPositions``, counted from their first.
  func take(_ row: (Int) -> [Float]) -> [TokenEvent] {
    var events: [TokenEvent] = []
    var right = 0
    for place in 0...guesses.count {
      do throws(GenerationError) {
        events += try take(row(place))
      } catch {
        return events + [fail(error)].compactMap(\.self)
      }
      guard place < guesses.count, tokens.last?.id == guesses[place] else { break }
      right += 1
      if end != nil { break }
    }
    guard !guesses.isEmpty else { return events }
    sequence.truncate(to: sequence.ids.count - guesses.count + right)
    tally.guessed += guesses.count
    tally.right += right
    pace.note(guessed: guesses.count, right: right)
    guesses = []
    return events
  }

  /// Draws the next token.
  /// - Parameter logits: the raw logits after the last id.
  private func take(_ logits: [Float]) throws(GenerationError) -> [TokenEvent] {
    if needsSurprises { try recall() }
    let mask = try rules.mask(history, made: tokens.count)
    let token = chain.draw(
      from: logits, history: history, coin: generator.coin(at: history.outputCount),
      stageCoin: generator.stageCoin(at: history.outputCount), topCount: options.request.topCount, mask: mask)
    try chain.check(at: history.ids.count)
    if promptSeconds == nil { promptSeconds = options.clock() }
    tokens.append(token)
    history.append(token.id, surprise: token.surprise)
    let told = token.map(options.token)
    if options.endOfTextIDs.contains(token.id) { return [.token(told, text: ""), finish(.endOfText)] }
    let text = scanner.append(decoder.append(token.id))
    if !scanner.isEmpty, pieces.append(decoder.piece(of: token.id)) || scanner.isStopped {
      return [.token(told, text: text), finish(.stop)]
    }
    if tokens.count >= limit { return [.token(told, text: text), finish(.length)] }
    if options.isOver(options.request.maxSeconds) { return [.token(told, text: text), finish(.time)] }
    return [.token(told, text: text)]
  }

  /// Computes the surprises of the output that was made before this stream, of which all is read by now.
  private func recall() throws(GenerationError) {
    needsSurprises = false
    let (rules, sequence) = (rules, sequence)
    history = chain.recalled(history, coins: generator, mask: { (try? rules.mask($0, made: -1)) ?? nil }) { position in
      sequence.model.logits(sequence.hiddenRow(at: position)).row(0)
    }
  }

  /// How long the stream took.
  private var timing: GenerationTiming {
    let seconds = options.clock()
    let prompt = promptSeconds ?? seconds
    return GenerationTiming(
      promptSeconds: prompt, generateSeconds: seconds - prompt, promptTokens: startCount - readBefore,
      tokens: tokens.count, guessed: tally.guessed, guessedRight: tally.right)
  }

  /// The last event. Text that the decoder held back is looked through for stop strings too.
  func finish(_ reason: FinishReason) -> TokenEvent {
    end = reason
    hasTold = true
    let text = scanner.append(decoder.finish())
    return .finished(reason, text: text + scanner.finish(), timing: timing)
  }
}

extension TokenStream {
  /// Advances each stream by one step: one forward pass reads the next ids of every stream, and each stream whose input
  /// is read draws a token.
  ///
  /// - Parameter streams: streams of one model, each at most once; finished ones are passed over.
  /// - Returns: what each stream has to tell, in the order of the streams.
  /// - Throws: ``GenerationError/model(_:)``; nothing has changed then.
  public static func step(_ streams: [TokenStream]) throws(GenerationError) -> [[TokenEvent]] {
    var events = streams.map { stream in
      stream.end.map { stream.isFinished ? [] : [stream.finish($0)] } ?? []
    }
    guard let model = streams.first?.sequence.model else { return events }
    let reading = streams.indices.filter { !streams[$0].unread.isEmpty }
    if !reading.isEmpty {
      var news: [[Int]] = []
      for index in reading { news.append(try streams[index].nextReading()) }
      let rows = try model.read(zip(reading, news).map { streams[$0].sequence.segment(reading: $1) })
      for (place, index) in reading.enumerated() {
        let stream = streams[index]
        stream.sequence.note(news[place], rows: rows.rows(ofSegment: place))
        if stream.tokens.isEmpty {
          let done = min(stream.sequence.ids.count, stream.startCount)
          events[index].append(.prompt(done: done, total: stream.startCount))
        }
      }
    }
    let ready = streams.indices.filter { streams[$0].isReady }
    guard !ready.isEmpty else { return events }
    let places = ready.map { streams[$0].drawingPositions }
    let rows = zip(ready, places).flatMap { index, places in places.map { streams[index].sequence.hiddenRow(at: $0) } }
    let logits = model.logits(Tensor.stackingRows(rows))
    var first = 0
    for (index, places) in zip(ready, places) {
      events[index] += streams[index].take { logits.row(first + $0) }
      first += places.count
    }
    return events
  }

  /// Runs streams of one model to their ends, or until it is cancelled.
  /// - Returns: all that each stream told.
  /// - Throws: ``GenerationError/model(_:)``, ``GenerationError/cancelled``.
  public static func run(
    _ streams: [TokenStream], _ cancellation: Cancellation = .never
  ) throws(GenerationError) -> [[TokenEvent]] {
    var events = streams.map { _ in [TokenEvent]() }
    while streams.contains(where: { !$0.isFinished }) {
      try cancellation.check()
      for (index, new) in try step(streams).enumerated() { events[index] += new }
    }
    return events
  }
}
