import EngineAPI
import TerminalUI

extension Slot {
  /// Lens, norms and attention.
  public static let insideLook = Slot(.inside, "look")
  /// What the parts of a model add to the difference of two logits.
  public static let insideSums = Slot(.inside, "sums")
  /// The tokens of the source (0) and of the target (1) of an encoder-decoder model.
  static func insidePair(_ index: Int) -> Slot { Slot(.inside, "pair", index) }
}

/// A question about the inside of a model, and the latest answer. The answer to an older question stays until the new
/// one comes; an answer that is no longer awaited is ignored.
struct InsideAnswer: Sendable, Equatable {
  /// The latest request.
  private(set) var request: InspectionRequest?
  /// The version of that request, until it is answered.
  private(set) var awaited: Int?
  /// The latest answer.
  private(set) var answer: InspectionAnswer?
  /// The request that it answers.
  private(set) var answered: InspectionRequest?
  /// Why there is no answer.
  private(set) var failure: EngineError?

  /// Notes a request; returns its version, or `nil` if it is the latest one.
  mutating func ask(_ wanted: InspectionRequest, _ shell: inout Shell) -> Int? {
    guard request != wanted else { return nil }
    (request, awaited, failure) = (wanted, shell.nextVersion(), nil)
    return awaited
  }

  /// Takes an answer; returns whether it was the awaited one.
  mutating func receive(_ result: Result<InspectionAnswer, EngineError>, _ ticket: Ticket) -> Bool {
    guard awaited == ticket.version else { return false }
    awaited = nil
    switch result {
    case .success(let found): (answer, answered, failure) = (found, request, nil)
    case .failure(let error): (answer, answered, failure) = (nil, nil, error)
    }
    return true
  }

  /// Forgets everything, and remembers an error if there is one. Returns whether an answer was awaited.
  mutating func clear(_ failure: EngineError? = nil) -> Bool {
    let wasAwaited = awaited != nil
    self = Self()
    self.failure = failure
    return wasAwaited
  }

  /// Stops waiting; returns whether an answer was awaited. The request is not made again until it changes.
  mutating func stop() -> Bool {
    defer { awaited = nil }
    return awaited != nil
  }

  /// Forgets a request that is not answered yet, so that it is made again.
  mutating func askAgain() { if awaited != nil { (request, awaited) = (nil, nil) } }
}

/// The texts that the two stacks of an encoder-decoder model read: source and target, with their ids.
struct InsidePair: Sendable, Equatable {
  /// The latest questions for tokens.
  private var asked: [TokenQuestion?] = [nil, nil]
  /// The versions of these questions, until they are answered.
  private var awaited: [Int?] = [nil, nil]
  /// The ids that were found.
  private(set) var ids: [[Int]?] = [nil, nil]
  /// Why a text has no tokens.
  private(set) var failure: EngineError?

  /// Asks for the tokens of a text, unless they are known or awaited. An empty target needs none.
  mutating func ask(_ index: Int, _ text: String, _ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    let question = TokenQuestion(text: text, model: model)
    guard asked[index] != question else { return [] }
    (asked[index], ids[index], failure) = (question, nil, nil)
    if text.isEmpty {
      (awaited[index], ids[index]) = (nil, [])
      return []
    }
    let version = shell.nextVersion()
    awaited[index] = version
    return [.tokenize(Ticket(.insidePair(index), version: version), text: text, model: model)]
  }

  mutating func receive(_ result: Result<TokenizedText, EngineError>, _ ticket: Ticket) {
    let index = ticket.slot.index
    guard ticket.slot == .insidePair(index), awaited.indices.contains(index), awaited[index] == ticket.version else {
      return
    }
    awaited[index] = nil
    switch result {
    case .success(let tokens): ids[index] = tokens.ids
    case .failure(let error): failure = error
    }
  }

  mutating func askAgain() {
    for index in awaited.indices where awaited[index] != nil { (asked[index], awaited[index]) = (nil, nil) }
  }
}

extension InsideState {
  /// The number of most probable tokens listed of each layer.
  static let listed = 20

  /// Asks for the tokens of source and target.
  mutating func askPair(_ shell: inout Shell) -> [Effect] {
    guard shell.information(model)?.family == .seq2seq else { return [] }
    let lines = prompt.editor.text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    return lines.prefix(2).enumerated().flatMap { pair.ask($0, String($1), model, &shell) }
      + (lines.count < 2 ? pair.ask(1, "", model, &shell) : [])
  }

  /// What the model reads, once its ids are known.
  private func context(_ shell: Shell) -> ModelContext? {
    guard let information = shell.information(model) else { return nil }
    guard information.family == .seq2seq else {
      return answeredQuestion(shell).map { _ in ModelContext(model: model, ids: prompt.ids) }
    }
    guard let source = pair.ids[0], let target = pair.ids[1] else { return nil }
    return ModelContext(model: model, encoderIDs: source, ids: target)
  }

  /// Requests lens, norms and attention at the cursor. The number of layers is known from the
  /// first answer, so the attention follows with the second.
  mutating func askLook(_ shell: inout Shell) -> [Effect] {
    if let error = shell.failure(model) { return refuse(error) }
    if let error = pair.failure ?? prompt.failure { return refuse(error) }
    guard let context = context(shell) else { return [] }
    let length = max(context.ids.count, context.encoderIDs?.count ?? 0)
    guard (context.encoderIDs ?? context.ids).isEmpty == false else { return forget() }
    if let error = overflow(length, shell) { return refuse(error) }
    if look.request?.context != context, look.request != nil { (place, sourcePlace) = (nil, nil) }
    // A decoder reads its start token in place of the last one.
    let count = max(1, context.ids.count)
    place = place.map { min($0, count - 1) }
    var request = InspectionRequest(
      context: context, position: place ?? firstMask(shell), parts: [.lens, .norms], topCount: Self.listed,
      token: followed, against: nil)
    request.watched = watchList
    if columns > 0 {
      let positions = window(around: request.position ?? count - 1, of: count)
      request.table = LensTable(positions, isAfterAttention: cells == .afterAttention)
    }
    if let layers { (request.attentionLayer, request.parts) = (attentionLayer(layers), [.lens, .norms, .attention]) }
    return look.ask(request, &shell).map { [.inspect(Ticket(.insideLook, version: $0), request)] } ?? []
  }

  /// Requests what the parts add, once the tokens at the cursor are known and the pane is on the screen.
  mutating func askSums(_ shell: inout Shell) -> [Effect] {
    guard shell.layout[.sums] != nil, look.awaited == nil, let answer = look.answer, let answered = look.answered
    else { return [] }
    let request = InspectionRequest(
      context: answered.context, position: answer.position, parts: [.attribution], topCount: 1,
      token: answer.token.token.id, against: rival(answer)?.token.id)
    return sums.ask(request, &shell).map { [.inspect(Ticket(.insideSums, version: $0), request)] } ?? []
  }

  /// The token that the followed one is compared with: the chosen one, else the most probable other one.
  func rival(_ answer: InspectionAnswer) -> RankedToken? {
    let top = answer.lens.last?.prediction.top ?? []
    let chosen = top.first { $0.token.id == against && $0.token.id != answer.token.token.id }
    return chosen ?? top.first { $0.token.id != answer.token.token.id }
  }

  /// The error if a text has more tokens than the model, or this tab, takes.
  private func overflow(_ count: Int, _ shell: Shell) -> EngineError? {
    if let limit = shell.information(model)?.contextLength, count > limit {
      return EngineError(
        .input, "the text is too long", at: shell.label(model, among: models),
        expected: "at most \(NumberText.grouped(limit)) tokens", found: "\(NumberText.grouped(count)) tokens",
        hint: "shorten the text")
    }
    guard count > Self.mostTokens else { return nil }
    return EngineError(
      .input, "the text is too long to look inside", at: "the tab Inside",
      expected: "at most \(NumberText.grouped(Self.mostTokens)) tokens",
      found: "\(NumberText.grouped(count)) tokens", hint: "triptych inspect takes longer texts")
  }

  /// The position of the first mask, or of the last token of a masked model's text; `nil` for other models.
  func firstMask(_ shell: Shell) -> Int? {
    guard let information = shell.information(model), information.family == .masked else { return nil }
    let masks = information.maskToken.map { prompt.tokens.all(id: $0.id) } ?? []
    return masks.first?.index ?? prompt.tokens.lastIndexInText ?? 0
  }

  /// The positions of the table: as many as fit, with the cursor among them, moved as little as possible.
  private mutating func window(around position: Int, of count: Int) -> Range<Int> {
    let nearest = min(max(firstColumn, position - columns + 1), position)
    firstColumn = min(max(0, nearest), max(0, count - columns))
    return firstColumn..<min(firstColumn + columns, count)
  }

  /// Shows an error in place of what is inside.
  private mutating func refuse(_ error: EngineError) -> [Effect] {
    guard look.failure != error || look.request != nil else { return [] }
    let effects = forget()
    _ = look.clear(error)
    return effects
  }

  /// Forgets all answers, and cancels their requests.
  mutating func forget() -> [Effect] {
    (place, sourcePlace) = (nil, nil)
    return (look.clear() ? [.cancel(.insideLook)] : []) + (sums.clear() ? [.cancel(.insideSums)] : [])
      + (changed.clear() ? [.cancel(.insideChange)] : []) + (sweep.clear() ? [.cancel(.insideSweep)] : [])
      + (formats.clear() ? [.cancel(.insideFormats)] : [])
  }
}
