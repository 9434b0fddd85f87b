import EngineAPI
import Sessions
import TerminalUI

/// A text that a model writes after a given one, in the tree, beside those of other models.
struct WrittenText: Sendable, Equatable {
  /// The version of its request: events of others are stale.
  var version: Int
  /// The tokens after the given text, in the tree.
  var trace: Trace
  /// The same as wrapped text.
  var text = TokenText()
  /// Why it ended; `nil` while it runs.
  var reason: FinishReason?
  /// Tokens per second, once it has ended.
  var rate: Double?
  /// The tokens of words that no other text has; known once all texts have ended.
  var ownWords: Set<Int> = []
  /// The first line shown; `nil` follows the end.
  var scroll: Int?

  /// Whether the engine works on it.
  var isRunning: Bool { reason == nil }
}

extension WrittenText {
  /// The text of a request that is begun now: a new branch after what was typed.
  ///
  /// - Parameters:
  ///   - text: the given text.
  ///   - tokens: its tokens.
  init(_ request: GenerationRequest, after text: String, _ tokens: [TokenValue], _ shell: inout Shell) {
    let typed = shell.tree.type(text, tokens, model: request.context.model)
    let place = shell.tree.branch(at: typed, by: shell.tree.add(.sampled(request)))
    self.init(version: shell.nextVersion(), trace: shell.tree.trace(to: place, promptCount: tokens.count))
  }

  /// Takes an event of its stream; returns whether it was one.
  mutating func receive(_ event: TokenEvent, _ ticket: Ticket, _ shell: inout Shell) -> Bool {
    guard version == ticket.version, isRunning else { return false }
    switch event {
    case .prompt: break
    case .token(let token, text: _):
      // Release the trace's reference to the tree's storage, so that appending does not copy a chunk.
      trace.tokens = TokenPath()
      let place = shell.tree.append(token.kept, to: trace.place.node)
      trace = shell.tree.trace(to: place, promptCount: trace.promptCount)
      text.grow(trace, endOfText: shell.endOfText(trace), isComplete: false)
    case .finished(let reason, text: _, let timing):
      self.reason = reason
      rate = timing.tokensPerSecond
      shell.tree.finish(trace.place.node, Outcome(reason, timing: timing))
      if case .failed(let error) = reason { shell.fail(error) }
    }
    return true
  }

  /// Ends the text where it is; returns whether the engine worked on it.
  mutating func interrupt(_ shell: inout Shell) -> Bool {
    guard isRunning else { return false }
    shell.tree.finish(trace.place.node, Outcome(.interrupted))
    reason = .interrupted
    return true
  }

  /// Marks the words of each text that a word-level difference from another text inserts.
  /// Nothing is marked while one of them runs.
  static func markOwnWords(_ texts: inout [WrittenText?], _ shell: Shell) {
    guard texts.allSatisfy({ $0?.isRunning == false }) else { return }
    let words = texts.map { text in
      text.map { WrittenWord.words($0.trace.pieces(endOfText: shell.endOfText($0.trace))) } ?? []
    }
    for index in texts.indices {
      var common = Set(words[index].indices)
      for other in words.indices where other != index {
        let changes = words[index].map(\.text).difference(from: words[other].map(\.text))
        for case .insert(let offset, _, _) in changes { common.remove(offset) }
      }
      texts[index]?.ownWords = Set(
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
