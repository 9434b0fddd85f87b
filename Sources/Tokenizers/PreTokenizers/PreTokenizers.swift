/// Splits normalized text into the pieces that the model tokenizes one by one.
protocol PreTokenizer: Sendable {
  /// Splits each piece further. May also rewrite the text.
  func preTokenize(_ text: inout SplitText)
}

/// Applies pre-tokenizers in order.
struct PreTokenizerSequence: PreTokenizer {
  let parts: [any PreTokenizer]

  func preTokenize(_ text: inout SplitText) {
    for part in parts { part.preTokenize(&text) }
  }
}

/// Splits at the matches of a cutter.
struct SplitPreTokenizer: PreTokenizer {
  let cutter: any Cutter & Sendable
  let behavior: SplitBehavior
  var invert = false

  func preTokenize(_ text: inout SplitText) { text.split(by: cutter, behavior, invert: invert) }
}

/// Drops white space and isolates every punctuation character (Devlin et al. 2018).
struct BertPreTokenizer: PreTokenizer {
  func preTokenize(_ text: inout SplitText) {
    text.split(by: CharacterCutter(isDelimiter: ScalarClass.isWhitespace), .removed)
    text.split(by: CharacterCutter(isDelimiter: ScalarClass.isPunctuation), .isolated)
  }
}

/// Splits into pieces of `length` characters.
struct FixedLengthPreTokenizer: PreTokenizer {
  let length: Int

  func preTokenize(_ text: inout SplitText) {
    var pieces: [Range<Int>] = []
    text.text.bytes.withUnsafeBufferPointer { bytes in
      for piece in text.pieces {
        var start = piece.lowerBound
        var index = start
        var count = 0
        while index < piece.upperBound {
          index += bytes.scalar(at: index).length
          count += 1
          if count == length || index == piece.upperBound {
            pieces.append(start..<index)
            start = index
            count = 0
          }
        }
      }
    }
    text.pieces = pieces
  }
}

/// GPT-2's pre-tokenizer: splits by its pattern, then replaces every byte by its printable character.
struct ByteLevelPreTokenizer: PreTokenizer {
  let addPrefixSpace: Bool
  let usePattern: Bool

  /// Keeps the bytes unchanged, for a model that takes raw bytes. Ranges are then exact to the byte.
  var keepsBytes = false

  func preTokenize(_ text: inout SplitText) {
    if addPrefixSpace { prependSpaces(&text) }
    if usePattern { text.split(by: GPT2Cutter(), .isolated) }
    if !keepsBytes { writeBytes(&text) }
  }

  private func prependSpaces(_ text: inout SplitText) {
    let old = text
    guard old.pieces.contains(where: { old.text.bytes[$0.lowerBound] != 0x20 }) else { return }
    var builder = AlignedTextBuilder(old.text)
    var pieces: [Range<Int>] = []
    old.text.bytes.withUnsafeBufferPointer { bytes in
      for piece in old.pieces {
        let start = builder.count
        if bytes[piece.lowerBound] != 0x20 {
          let length = bytes.scalar(at: piece.lowerBound).length
          builder.append(0x20, for: piece.lowerBound..<piece.lowerBound + length)
        }
        builder.copy(piece)
        pieces.append(start..<builder.count)
      }
    }
    text = SplitText(builder.text, pieces: pieces)
  }

  private func writeBytes(_ text: inout SplitText) {
    let old = text
    var builder = AlignedTextBuilder(old.text)
    var pieces: [Range<Int>] = []
    pieces.reserveCapacity(old.pieces.count)
    for piece in old.pieces {
      let start = builder.count
      for index in piece { builder.append(ByteCharacters.codes[Int(old.text.bytes[index])], for: index..<index + 1) }
      pieces.append(start..<builder.count)
    }
    text = SplitText(builder.text, pieces: pieces)
  }
}

/// Replaces spaces by a visible character, usually `▁`, which marks the beginning of a word (Kudo and Richardson 2018).
struct MetaspacePreTokenizer: PreTokenizer {
  /// The pieces to which the character is prepended if they do not begin with it.
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
