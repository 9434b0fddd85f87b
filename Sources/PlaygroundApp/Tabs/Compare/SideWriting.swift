import EngineAPI
import Sessions
import TerminalUI

extension Slot {
  /// What a side of the Compare tab writes.
  static func side(_ id: Int) -> Slot { Slot(.compare, "side", id) }
}

extension CompareState {
  /// The notice if sides shall go on from a text that is being read.
  static let notRead = "the text is not read yet"

  /// Every side goes on from the text before the cursor, or from the whole text, with the same seed.
  ///
  /// - Parameter candidate: a token to continue with; `nil`: none.
  mutating func write(wholeText: Bool, taking candidate: TokenValue? = nil, _ shell: inout Shell) -> [Effect] {
    guard !reading.tokens.isEmpty, reading.failure == nil, let cursor else {
      shell.notice = reading.failure.map(\.what) ?? Self.notRead
      return []
    }
    guard shell.information(model)?.family == .causal else {
      shell.notice = "a masked model writes nothing: it fills masks"
      return []
    }
    let count = wholeText ? reading.tokens.count : min(reading.positions[cursor].index, reading.tokens.count)
    let tokens = Array(reading.tokens[..<count]) + (candidate.map { [$0] } ?? [])
    let text = String(decoding: tokens.flatMap(\.bytes), as: UTF8.self)
    var effects: [Effect] = wholeText ? rememberPrompt() : []
    for index in sides.indices { effects += begin(side: index, text, tokens, &shell) }
    return effects
  }

  private mutating func begin(
    side index: Int, _ text: String, _ tokens: [TokenValue], _ shell: inout Shell
  ) -> [Effect] {
    let side = sides[index]
    let leading = leading(side) ?? []
    let text = (side.prompt?.text ?? "") + text
    let tokens = leading + tokens
    _ = abandon(side: index, &shell)
    var request = GenerationRequest(
      context: ModelContext(model: side.model, ids: tokens.map(\.id)), settings: side.settings, maxTokens: maxTokens,
      seed: seed, topCount: SessionTree.keptTops)
    if let information = shell.information(side.model) {
      request.stopStrings = information.decoding.length.stopStrings
      request.maxSeconds = information.decoding.length.maxTime
    }
    let writing = WrittenText(request, after: text, tokens, &shell)
    sides[index].writing = writing
    return [.generate(Ticket(.side(side.id), version: writing.version), request)]
  }

  /// Ends a side's text where it is. Returns the effect that stops its work.
  mutating func abandon(side index: Int, _ shell: inout Shell) -> [Effect] {
    let wasRunning = sides[index].writing?.interrupt(&shell) ?? false
    sides[index].writing = nil
    return wasRunning ? [.cancel(.side(sides[index].id))] : []
  }

  mutating func receive(_ event: TokenEvent, _ ticket: Ticket, _ shell: inout Shell) {
    guard let index = sides.firstIndex(where: { ticket.slot == .side($0.id) }) else { return }
    guard sides[index].writing?.receive(event, ticket, &shell) == true else { return }
    if sides[index].writing?.isRunning == false { markOwnWords(shell) }
  }

  /// Stops all work and keeps what has come; returns `nil` if nothing was running.
  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    var effects: [Effect] = []
    for index in sides.indices {
      guard sides[index].writing?.interrupt(&shell) == true else { continue }
      effects.append(.cancel(.side(sides[index].id)))
    }
    effects += cancelTranslations()
    if reading.awaited != nil {
      reading.stop()
      effects.append(.cancel(.comparison))
    }
    if !effects.isEmpty { markOwnWords(shell) }
    return effects.isEmpty ? nil : effects
  }

  /// Marks the words that only one side has written, once all sides have ended.
  private mutating func markOwnWords(_ shell: Shell) {
    var texts = sides.map(\.writing)
    WrittenText.markOwnWords(&texts, shell)
    for (index, text) in texts.enumerated() { sides[index].writing = text }
  }
}
