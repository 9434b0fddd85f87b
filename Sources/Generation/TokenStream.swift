import EngineAPI
import Models
import Sampling
import Tensors

/// Generates a text token by token: reads the prompt in one pass or in chunks, then samples.
///
/// A stream does not run by itself. The caller passes any number of streams of one model to ``step(_:)``, which runs
/// one forward pass for all of them. The tokens of a stream depend only on its ids and options. They have the same bits
/// alone or in a batch, whether the prompt is read in chunks or reused from the prompt cache.
///
/// The random number ("coin") of a token depends only on the seed and the number of ids after the prompt, so truncating
/// a text and continuing with the same ids draws the same tokens. For the same reason a ``Drafter`` changes no token: a
/// pass may also read guesses, and tokens are drawn from their rows as long as each drawn token equals the guess.
public final class TokenStream {
  /// The ids read so far with their keys, values and hidden rows.
  public let sequence: ReadSequence
  /// All ids: the prompt, output from before this stream, and the tokens of this stream.
  public var ids: [Int] { history.ids }
  /// The generated tokens.
  public private(set) var tokens: [ScoredID] = []
  /// How many ids the stream started from.
  public let startCount: Int
  /// Why the stream ended; `nil` while it is running.
  public private(set) var end: FinishReason?
  /// The number of the drafter's guesses, and how many of them were right.
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
  /// The number of start ids that had already been read when the stream was created.
  private let readBefore: Int
  /// The time of the first token, in seconds of `options.clock`.
  private var promptSeconds: Double?
  /// Whether a stage of the chain still needs the surprises of output tokens from before this stream.
  private var needsSurprises = false
  private let drafter: (any Drafter)?
  private var pace: DraftPace
  /// The guessed ids that the current forward pass reads after the text.
  private var guesses: [Int] = []

  /// Creates a stream.
  ///
  /// - Parameters:
  ///   - sequence: a sequence that may share a prefix with `ids`. The stream truncates it to that prefix and extends
  ///     it, so pass a fork.
  ///   - ids: the ids to continue, at least one. For an encoder-decoder model they include the decoder's start token.
  ///   - promptCount: the number of ids that belong to the prompt; penalties and random numbers depend on it.
  ///   - decoder: a new decoder of the model's tokenizer.
  ///   - options: the generation settings. The request's context and prompt count are ignored.
  ///   - drafter: guesses tokens to speed up decoding; the tokens are the same without it.
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

  /// Whether the last event has been returned.
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

  /// The ids that the next forward pass reads: ``unread`` and, if they reach the end of the text, the drafter's
  /// guesses.
  func nextReading() throws(GenerationError) -> [Int] {
    let ids = unread
    guesses = []
    // A pass also draws the token after the last guess, so leave room for it.
    let room = limit - tokens.count - 1
    guard let drafter, ids.count == 1, sequence.ids.count + 1 == history.ids.count, room > 0 else { return ids }
    let wanted = min(pace.next(), room)
    if wanted > 0 { guesses = try drafter.draft(after: history, atMost: wanted) }
    return ids + guesses
  }

  /// Stops the stream.
  /// - Returns: its last event; `nil` if that has already been returned.
  public func interrupt() -> TokenEvent? {
    guard !isFinished else { return nil }
    return finish(end ?? .interrupted)
  }

  /// Ends the stream because it can't continue.
  /// - Returns: its last event; `nil` if that has already been returned.
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

  /// Computes the surprises of the output from before this stream, all of which has been read.
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

  /// Ends the stream and returns its last event. Text that the decoder held back is also searched for stop strings.
  func finish(_ reason: FinishReason) -> TokenEvent {
    end = reason
    hasTold = true
    let text = scanner.append(decoder.finish())
    return .finished(reason, text: text + scanner.finish(), timing: timing)
  }
}

extension TokenStream {
  /// Advances each stream by one step: one forward pass reads the next ids of every stream, then each stream whose
  /// input has been read completely draws a token.
  ///
  /// - Parameter streams: streams of one model, each at most once; finished ones are skipped.
  /// - Returns: the events of each stream, in the order of the streams.
  /// - Throws: ``GenerationError/model(_:)``. No stream has changed then.
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

  /// Runs streams of one model to their ends, or until it is canceled.
  /// - Returns: all events of each stream.
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
