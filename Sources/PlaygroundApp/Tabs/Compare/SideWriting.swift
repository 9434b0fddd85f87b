import EngineAPI
import Sessions
import TerminalUI

extension Slot {
  /// What a side of the Compare tab writes.
  static func side(_ id: Int) -> Slot { Slot(.compare, "side", id) }
}

/// A text that a side writes after the common text.
struct SideWriting: Sendable, Equatable {
  /// The version of its request: events of others are stale.
  var version: Int
  /// The tokens after the common text, in the tree.
  var trace: Trace
  /// The same as wrapped text.
  var text = TokenText()
  /// Why it ended; `nil` while it runs.
  var reason: FinishReason?
  /// Tokens per second, once it has ended.
  var rate: Double?
  /// The tokens of words that no other side has written; known once all sides have ended.
  var ownWords: Set<Int> = []
  /// The first line shown; `nil` follows the end.
  var scroll: Int?

  /// Whether the engine works on it.
  var isRunning: Bool { reason == nil }
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
    _ = abandon(side: index, &shell)
    var request = GenerationRequest(
      context: ModelContext(model: side.model, ids: tokens.map(\.id)), settings: side.settings, maxTokens: maxTokens,
      seed: seed)
    if let information = shell.information(side.model) {
      request.stopStrings = information.decoding.length.stopStrings
      request.maxSeconds = information.decoding.length.maxTime
    }
    let typed = shell.tree.type(text, tokens, model: side.model)
    let place = shell.tree.branch(at: typed, by: shell.tree.add(.sampled(request)))
    let version = shell.nextVersion()
    sides[index].writing = SideWriting(
      version: version, trace: shell.tree.trace(to: place, promptCount: tokens.count))
    return [.generate(Ticket(.side(side.id), version: version), request)]
  }

  /// Ends a side's text where it is. Returns the effect that stops its work.
  mutating func abandon(side index: Int, _ shell: inout Shell) -> [Effect] {
    guard let writing = sides[index].writing else { return [] }
    if writing.isRunning { shell.tree.finish(writing.trace.place.node, Outcome(.interrupted)) }
    sides[index].writing = nil
    return writing.isRunning ? [.cancel(.side(sides[index].id))] : []
  }

  mutating func receive(_ event: TokenEvent, _ ticket: Ticket, _ shell: inout Shell) {
    guard let index = sides.firstIndex(where: { ticket.slot == .side($0.id) }),
      var writing = sides[index].writing, writing.version == ticket.version, writing.isRunning
    else { return }
    sides[index].writing = nil
    switch event {
    case .prompt: break
    case .token(let token, text: _):
      var kept = token
      kept.top = []
      // Release the trace's reference to the tree's storage, so that appending does not copy a chunk.
      writing.trace.tokens = TokenPath()
      let place = shell.tree.append(kept, to: writing.trace.place.node)
      writing.trace = shell.tree.trace(to: place, promptCount: writing.trace.promptCount)
      writing.text.grow(writing.trace, endOfText: shell.endOfText(writing.trace), isComplete: false)
    case .finished(let reason, text: _, let timing):
      writing.reason = reason
      writing.rate = timing.tokensPerSecond
      shell.tree.finish(writing.trace.place.node, Outcome(reason, timing: timing))
      if case .failed(let error) = reason { shell.fail(error) }
    }
    sides[index].writing = writing
    if !writing.isRunning { markOwnWords(shell) }
  }

  /// Stops all work and keeps what has come; returns `nil` if nothing was running.
  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    var effects: [Effect] = []
    for index in sides.indices {
      guard let writing = sides[index].writing, writing.isRunning else { continue }
      shell.tree.finish(writing.trace.place.node, Outcome(.interrupted))
      sides[index].writing?.reason = .interrupted
      effects.append(.cancel(.side(sides[index].id)))
    }
    if reading.awaited != nil {
      reading.stop()
      effects.append(.cancel(.comparison))
    }
    if !effects.isEmpty { markOwnWords(shell) }
    return effects.isEmpty ? nil : effects
  }

  /// Marks the words of each text that the other sides have not written at the same place: a difference word by word.
  private mutating func markOwnWords(_ shell: Shell) {
    guard sides.allSatisfy({ $0.writing?.isRunning == false }) else { return }
    let words = sides.map { side in
      side.writing.map { WrittenWord.words($0.trace.pieces(endOfText: shell.endOfText($0.trace))) } ?? []
    }
    for index in sides.indices {
      var common = Set(words[index].indices)
      for other in words.indices where other != index {
        let changes = words[index].map(\.text).difference(from: words[other].map(\.text))
        for case .insert(let offset, _, _) in changes { common.remove(offset) }
      }
      sides[index].writing?.ownWords = Set(
        words[index].indices.filter { !common.contains($0) }.flatMap { words[index][$0].tokens })
    }
  }
}

/// A word of a text with the tokens that it is made of.
struct WrittenWord: Sendable, Equatable {
  var text: String
  var tokens: [Int]

  /// The words of a text that is given in pieces, one for each token. A word ends at a space; a piece within which it
  /// ends belongs to the word that follows.
  static func words(_ pieces: [String]) -> [WrittenWord] {
    var words: [WrittenWord] = []
    for (index, piece) in pieces.enumerated() {
      let startsWord = piece.first?.isWhitespace == true || words.isEmpty
      let letters = piece.filter { !$0.isWhitespace }
      if startsWord {
        words.append(WrittenWord(text: letters, tokens: [index]))
      } else {
        words[words.count - 1].text += letters
        words[words.count - 1].tokens.append(index)
      }
    }
    return words
  }
}
