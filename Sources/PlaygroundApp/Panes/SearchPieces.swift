import EngineAPI
import TerminalUI

/// The tokens that a searched text falls into: what to tell where it is no single token.
struct SearchPieces: Sendable, Equatable {
  /// The text whose tokens were asked for.
  var text: String
  /// Whose tokens.
  var model: ModelReference
  /// The version of the request.
  var version: Int
  /// The tokens, once they have come.
  var tokens: [TokenValue] = []

  /// `dragon is no single token: ·dra gon`; nil where it is one, or nothing is known yet.
  func words(search: String, glyphs: Glyphs) -> String? {
    guard tokens.count > 1 else { return nil }
    let pieces = tokens.map { visible(bytes: $0.bytes, glyphs: glyphs) }.joined(separator: " ")
    return "\(visible(search, glyphs: glyphs, keepsSpaces: true)) is no single token: \(pieces)"
  }
}

extension PlaygroundState {
  /// Asks for the pieces of what is looked for in the list.
  mutating func askPieces() -> [Effect] {
    guard let list else { return [] }
    guard !list.search.text.isEmpty, let model = list.query?.context.model, let family = information(model)?.family
    else {
      if list.pieces != nil { self.list?.pieces = nil }
      return []
    }
    // Vocabularies of causal models hold most words with the space before them.
    let typed = list.search.text
    let text = family == .causal && typed.first != " " ? " " + typed : typed
    guard list.pieces?.text != text || list.pieces?.model != model else { return [] }
    let version = nextVersion()
    self.list?.pieces = SearchPieces(text: text, model: model, version: version)
    return [.tokenize(Ticket(.searchTokens(task), version: version), text: text, model: model)]
  }

  /// The pieces came; where they can't be told, nothing is.
  mutating func receive(pieces result: Result<TokenizedText, EngineError>, version: Int) {
    guard case .success(let answer) = result else { return }
    let tokens = answer.tokens.filter { !$0.isSpecial && !$0.range.isEmpty }
    let take = { (list: inout CandidateList) in
      guard let pieces = list.pieces, pieces.version == version else { return }
      list.pieces?.tokens = tokens.map { token in
        TokenValue(
          id: token.id, bytes: Array(pieces.text.utf8.dropFirst(token.range.lowerBound).prefix(token.range.count)))
      }
    }
    take(&generate.candidates)
    take(&translate.candidates)
    for index in fillMask.lists.indices { take(&fillMask.lists[index]) }
  }
}
