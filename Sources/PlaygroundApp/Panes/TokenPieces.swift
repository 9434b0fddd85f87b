import EngineAPI

/// What each token adds to a text: whole characters only. Reads a text token by token.
///
/// Bytes of a character that later tokens complete are held back and stand with the token that completes it; what can't
/// become a character is U+FFFD. Tokens that end the text add nothing. The space that many vocabularies put before the
/// first word is left out.
struct TokenPieces: Sendable {
  private var held: [UInt8] = []
  private var isFirst = true

  /// Whether bytes of an incomplete character are held back.
  var isHolding: Bool { !held.isEmpty }

  /// What the next token adds.
  ///
  /// - Parameter isLast: whether no token will follow, so that held-back bytes are shown as U+FFFD.
  mutating func next(_ token: TokenValue, endOfText: [Int], isLast: Bool) -> String {
    defer { isFirst = false }
    guard !endOfText.contains(token.id) else { return "" }
    held += isFirst && token.bytes.first == UInt8(ascii: " ") ? token.bytes.dropFirst() : token.bytes[...]
    let keep = isLast ? 0 : TokenPieces.incompleteTail(held)
    defer { held.removeFirst(held.count - keep) }
    return String(decoding: held.prefix(held.count - keep), as: UTF8.self)
  }

  /// The pieces of tokens, one each.
  ///
  /// - Parameter isComplete: whether no token will follow.
  static func pieces(_ tokens: [TokenValue], endOfText: [Int], isComplete: Bool = true) -> [String] {
    var reader = TokenPieces()
    return tokens.indices.map { index in
      reader.next(tokens[index], endOfText: endOfText, isLast: isComplete && index == tokens.count - 1)
    }
  }

  /// How many bytes at the end begin a character that is not complete yet: 0 to 3.
  private static func incompleteTail(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte < 0x80 { return 0 }
      guard byte >= 0xC0 else { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
      guard byte < 0xF5, length > back else { return 0 }
      return back
    }
    return 0
  }
}
