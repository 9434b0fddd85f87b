import EngineAPI

/// What each token adds to a text: whole characters only.
enum TokenPieces {
  /// The pieces of tokens, one each. Bytes of a character that later tokens complete are held back and stand with the
  /// token that completes it; what can't become a character is U+FFFD. Tokens that end the text add nothing. The space
  /// that many vocabularies put before the first word is left out.
  ///
  /// - Parameter isComplete: whether no token will follow, so that held-back bytes are shown as U+FFFD.
  static func pieces(_ tokens: [TokenValue], endOfText: [Int], isComplete: Bool = true) -> [String] {
    var held: [UInt8] = []
    var pieces: [String] = []
    pieces.reserveCapacity(tokens.count)
    for (index, token) in tokens.enumerated() {
      guard !endOfText.contains(token.id) else {
        pieces.append("")
        continue
      }
      held += index == 0 && token.bytes.first == UInt8(ascii: " ") ? token.bytes.dropFirst() : token.bytes[...]
      let isLast = index == tokens.count - 1 && isComplete
      let keep = isLast ? 0 : incompleteTail(held)
      pieces.append(String(decoding: held.prefix(held.count - keep), as: UTF8.self))
      held.removeFirst(held.count - keep)
    }
    return pieces
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
