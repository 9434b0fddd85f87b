/// Writes spaces as a visible character, `▁`, which also begins words (Kudo and Richardson 2018).
struct MetaspacePreTokenizer: PreTokenizer {
  /// Which pieces get the character in front when they lack it.
  enum PrependScheme: String {
    case always, first, never
  }

  let replacement: Unicode.Scalar
  let scheme: PrependScheme
  let split: Bool

  func preTokenize(_ text: inout SplitText) {
    let old = text
    let mark = replacement.value
    var builder = AlignedTextBuilder(old.text)
    var pieces: [Range<Int>] = []
    pieces.reserveCapacity(old.pieces.count)
    old.text.bytes.withUnsafeBufferPointer { bytes in
      for piece in old.pieces {
        var start = builder.count
        let (first, firstLength) = bytes.scalar(at: piece.lowerBound)
        if first != mark, first != 0x20, prepends(old.text, piece) {
          builder.append(mark, for: piece.lowerBound..<piece.lowerBound + firstLength)
        }
        var index = piece.lowerBound
        var plain = index
        while index < piece.upperBound {
          let (code, length) = bytes.scalar(at: index)
          if code == 0x20 || code == mark {
            builder.copy(plain..<index)
            if split, builder.count > start, index > piece.lowerBound {
              pieces.append(start..<builder.count)
              start = builder.count
            }
            if code == mark {
              builder.copy(index..<index + length)
            } else {
              builder.append(mark, for: index..<index + 1)
            }
            plain = index + length
          }
          index += length
        }
        builder.copy(plain..<piece.upperBound)
        pieces.append(start..<builder.count)
      }
    }
    text = SplitText(builder.text, pieces: pieces)
  }

  private func prepends(_ text: AlignedText, _ piece: Range<Int>) -> Bool {
    switch scheme {
    case .always: true
    case .never: false
    case .first: piece.lowerBound == 0 ? text.origin == 0 : text.span(piece).start == 0
    }
  }
}
