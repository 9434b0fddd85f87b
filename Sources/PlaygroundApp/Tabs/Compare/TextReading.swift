import EngineAPI
import TerminalUI

extension Slot {
  /// The comparison of the text.
  public static let comparison = Slot(.compare, "comparison")
}

/// How the sides read a text: a request that is made again whenever it changes, and the positions that have come. The
/// positions of an older request stay until the first ones of the new request come.
struct TextReading: Sendable, Equatable {
  /// The latest request.
  private(set) var request: ComparisonRequest?
  /// The version of that request, until it is answered.
  private(set) var awaited: Int?
  /// The version whose positions are shown.
  private var shown: Int?
  /// The tokens of the text that is shown, and of the text that is asked for.
  private(set) var tokens: [TokenValue] = []
  private var askedTokens: [TokenValue] = []
  /// The compared positions. The last one may be that of the token that comes next.
  private(set) var positions: [ComparedPosition] = []
  /// The share of the work that is done, 0…1.
  private(set) var fraction = 0.0
  /// The number of tokens of the text at which two first choices differ, and the sum of the widest gaps.
  private(set) var (parted, gapSum) = (0, 0.0)
  /// The text that is shown, wrapped.
  private(set) var flow = TextFlow(width: 1)
  private var wrapped: Int?
  /// Why there are no positions.
  private(set) var failure: EngineError?

  /// Whether the shown positions are those of masks.
  private(set) var isAtMasks = false

  /// Whether the index of a position is that of the token that comes after the text.
  func isNext(_ index: Int) -> Bool { index >= tokens.count }

  /// Notes a request; returns its version, or `nil` if it is the latest one.
  mutating func ask(_ wanted: ComparisonRequest, _ tokens: [TokenValue], _ shell: inout Shell) -> Int? {
    guard request != wanted else { return nil }
    (request, awaited, failure, fraction) = (wanted, shell.nextVersion(), nil, 0)
    askedTokens = tokens
    return awaited
  }

  /// Takes positions, if they are the awaited ones.
  mutating func receive(_ part: ComparisonPart, _ ticket: Ticket) -> Bool {
    guard awaited == ticket.version else { return false }
    show(ticket.version)
    positions += part.positions
    for position in part.positions where !isNext(position.index) {
      parted += position.pairs.contains { !$0.topAgrees } ? 1 : 0
      gapSum += CompareState.gap(position)
    }
    fraction = part.fraction
    return true
  }

  /// Forgets the positions of an older version.
  private mutating func show(_ version: Int) {
    guard shown != version else { return }
    (positions, tokens, shown, parted, gapSum) = ([], askedTokens, version, 0, 0)
    isAtMasks = request?.isAtMasks ?? false
  }

  /// The number of compared tokens of the text.
  var count: Int { positions.last.map { isNext($0.index) ? positions.count - 1 : positions.count } ?? 0 }

  /// The index among the positions of the one at an index of the text. Unless they are masks, they follow one another.
  func offset(of index: Int) -> Int? {
    guard let first = positions.first?.index else { return nil }
    if isAtMasks { return positions.firstIndex { $0.index == index } }
    return positions.indices.contains(index - first) ? index - first : nil
  }

  /// Wraps the text that is shown, if it is another one or the width has changed.
  mutating func wrap(width: Int) {
    guard wrapped != shown else { return flow.rewrap(width: width) }
    flow = TextFlow(TokenPieces.pieces(tokens, endOfText: []).map { TextFlow.Token($0) }, width: max(1, width))
    wrapped = shown
  }

  /// Takes the end of the work, if it is the awaited one.
  mutating func receive(_ result: Result<[SideCost], EngineError>, _ ticket: Ticket) -> Bool {
    guard awaited == ticket.version else { return false }
    awaited = nil
    show(ticket.version)
    if case .failure(let error) = result { (failure, positions) = (error, []) }
    return true
  }

  /// Forgets everything, and remembers an error if there is one. Returns whether an answer was awaited.
  mutating func clear(_ failure: EngineError? = nil) -> Bool {
    let wasAwaited = awaited != nil
    self = Self()
    self.failure = failure
    return wasAwaited
  }

  /// Stops waiting. The request is not made again until it changes.
  mutating func stop() { awaited = nil }

  /// Forgets a request that is not answered yet, so that it is made again.
  mutating func askAgain() { if awaited != nil { (request, awaited) = (nil, nil) } }
}

extension CompareState {
  /// The number of most probable tokens of each side that the candidates list.
  static let listed = 40

  /// Requests the comparison of the text as soon as its tokens are known and all models are open.
  mutating func askReading(_ shell: inout Shell) -> [Effect] {
    let opened = sides.compactMap { shell.information($0.model) }
    guard opened.count == sides.count else {
      for side in sides { if let error = shell.failure(side.model) { return refuse(error) } }
      return []
    }
    if let error = difference(opened, shell) { return refuse(error) }
    if opened[0].family == .seq2seq {
      if reading.failure != nil { _ = reading.clear() }
      return []
    }
    guard answeredQuestion(shell) != nil else { return [] }
    guard !prompt.tokens.isEmpty else { return forget() }
    let added = addedCount
    let isMasked = opened[0].family == .masked
    let masks = isMasked ? opened[0].maskToken.map { prompt.tokens.all(id: $0.id) } ?? [] : []
    // Any token after the text stands for the one that comes next: what predicts it does not depend on it.
    let ids = Array(prompt.ids.dropFirst(added)) + (isMasked ? [] : prompt.ids.suffix(1))
    var compared: [ComparedSide] = []
    for side in sides {
      if let error = side.prompt?.failure { return refuse(error) }
      if isMasked, side.prompt != nil {
        return refuse(
          EngineError(
            .usage, "a masked model has no prompt of its own", at: shell.label(side.model, among: models),
            expected: "sides that continue a text", found: "a masked model"))
      }
      guard let leading = leading(side) else { return [] }
      let count = leading.count + prompt.tokens.count - added
      if let error = shell.overflow(count, of: side.model, among: models) { return refuse(error) }
      compared.append(
        ComparedSide(
          context: ModelContext(model: side.model, ids: leading.map(\.id) + ids), leading: leading.count,
          settings: side.settingsAreOwn ? side.settings : nil))
    }
    let request = ComparisonRequest(sides: compared, topCount: CompareState.listed, isAtMasks: !masks.isEmpty)
    return reading.ask(request, Array(prompt.tokens.values.dropFirst(added)), &shell)
      .map { [.compare(Ticket(.comparison, version: $0), request)] } ?? []
  }

  /// Why the open models can't be compared token by token; `nil` if they can.
  private func difference(_ opened: [ModelInformation], _ shell: Shell) -> EngineError? {
    for (index, other) in opened.enumerated().dropFirst() {
      let first = opened[0]
      guard other.family == first.family else {
        return EngineError(
          .usage, "the sides are of different families", at: shell.label(sides[index].model, among: models),
          expected: "a \(first.family.rawValue) model", found: "a \(other.family.rawValue) model",
          hint: "choose another model for one of them")
      }
      guard other.vocabularyFingerprint != nil, other.vocabularyFingerprint == first.vocabularyFingerprint,
        other.vocabularySize == first.vocabularySize
      else {
        return EngineError(
          .usage, "the sides have different tokenizers", at: shell.label(sides[index].model, among: models),
          expected: "the tokenizer of \(shell.label(sides[0].model, among: models))", found: "another one",
          hint: "triptych compare gives their bits per byte")
      }
    }
    return nil
  }

  /// Shows an error in place of the comparison.
  private mutating func refuse(_ error: EngineError) -> [Effect] {
    guard reading.failure != error || reading.request != nil else { return [] }
    return reading.clear(error) ? [.cancel(.comparison)] : []
  }

  /// Forgets the comparison, and cancels its request.
  mutating func forget() -> [Effect] {
    place = nil
    let effects = forgetTranslations()
    return effects + (reading.clear() ? [.cancel(.comparison)] : [])
  }

  // MARK: The cursor

  /// The index among the positions of the one that the cursor is on; `nil` without positions.
  var cursor: Int? {
    guard !reading.positions.isEmpty else { return nil }
    return place.flatMap { reading.offset(of: $0) } ?? reading.positions.count - 1
  }

  /// The position that the cursor is on.
  var position: ComparedPosition? { cursor.map { reading.positions[$0] } }

  /// Moves the cursor to a position, by its index among them.
  mutating func walk(to index: Int) {
    guard !reading.positions.isEmpty else { return }
    let target = reading.positions[min(max(index, 0), reading.positions.count - 1)]
    place = reading.isNext(target.index) ? nil : target.index
    window.select(0)
    followPlace()
  }

  /// Moves to the next or previous position at which the most probable tokens of two sides differ; from the last one on
  /// to the first.
  mutating func walkToParting(forward: Bool, _ shell: inout Shell) {
    guard let cursor else { return }
    let partings = reading.positions.indices.filter { index in reading.positions[index].pairs.contains { !$0.topAgrees }
    }
    if let hit = forward ? partings.first(where: { $0 > cursor }) : partings.last(where: { $0 < cursor }) {
      walk(to: hit)
    } else if let hit = forward ? partings.first : partings.last {
      shell.notice = forward ? "from the beginning of the text" : "from the end of the text"
      walk(to: hit)
    } else {
      shell.notice = "the first choices are the same everywhere"
    }
  }

  /// Moves to the position with the widest gap between two sides.
  mutating func walkToWidestGap() {
    let widest = reading.positions.indices.max {
      CompareState.gap(reading.positions[$0]) < CompareState.gap(reading.positions[$1])
    }
    if let widest { walk(to: widest) }
  }

  /// The largest Jensen-Shannon divergence of two sides, in bits.
  static func gap(_ position: ComparedPosition) -> Double { position.pairs.map(\.divergence.jensenShannon).max() ?? 0 }

  /// The candidates at the cursor in the chosen order; ties go to the lower id.
  var candidates: [JointCandidate<TokenValue>] {
    guard let position else { return [] }
    let keyed = position.candidates.map { (key: order.key($0), candidate: $0) }
    return keyed.sorted { ($0.key, $1.candidate.token.id) > ($1.key, $0.candidate.token.id) }.map(\.candidate)
  }

  /// Fits the list of candidates to the position.
  mutating func followPlace() { window.update(count: position?.candidates.count ?? 0) }
}
