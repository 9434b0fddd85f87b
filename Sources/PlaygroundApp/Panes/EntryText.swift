import EngineAPI

/// A text that was typed into a picker, with its tokens.
struct EntryText: Sendable, Equatable {
  /// The text.
  let text: String
  /// Its tokens, once they are known.
  private(set) var tokens: TokenizedText?
  /// Why it has no tokens.
  private(set) var failure: EngineError?
  private var isAsked = false
  private var awaited: Int?

  /// A text whose tokens are not known yet.
  init(_ text: String) { self.text = text }

  /// Its ids, once they are known.
  var ids: [Int]? { tokens?.ids }

  /// Requests the tokens, once.
  mutating func ask(_ slot: Slot, _ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    guard !isAsked, shell.information(model) != nil else { return [] }
    let version = shell.nextVersion()
    (isAsked, awaited) = (true, version)
    return [.tokenize(Ticket(slot, version: version), text: text, model: model)]
  }

  /// Takes the tokens, if they are the awaited ones.
  mutating func receive(_ result: Result<TokenizedText, EngineError>, version: Int) {
    guard awaited == version else { return }
    awaited = nil
    switch result {
    case .success(let found): tokens = found
    case .failure(let error): failure = error
    }
  }

  /// Forgets a request that is not answered yet, so that it is made again.
  mutating func askAgain() { if awaited != nil { (isAsked, awaited) = (false, nil) } }
}
