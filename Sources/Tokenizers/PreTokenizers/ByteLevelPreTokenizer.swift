/// GPT-2's pre-tokenizer: its pattern, then every byte as its printable character.
struct ByteLevelPreTokenizer: PreTokenizer {
  let addPrefixSpace: Bool
  let usePattern: Bool

  /// Leaves the bytes as they are: the model takes them directly, and ranges stay exact to the byte.
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
