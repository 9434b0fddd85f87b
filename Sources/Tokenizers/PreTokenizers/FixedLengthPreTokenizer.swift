/// Pieces of so many characters.
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
