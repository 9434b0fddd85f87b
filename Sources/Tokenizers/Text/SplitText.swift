/// A text cut into pieces: what pre-tokenizers pass on and models take.
struct SplitText {
  var text: AlignedText
  /// The pieces in order, each a range of the text's bytes, none empty; bytes between pieces are dropped.
  var pieces: [Range<Int>]

  init(_ text: AlignedText) {
    self.text = text
    pieces = text.bytes.isEmpty ? [] : [0..<text.bytes.count]
  }

  init(_ text: AlignedText, pieces: [Range<Int>]) {
    self.text = text
    self.pieces = pieces
  }

  /// Cuts every piece where `cutter` says.
  mutating func split(by cutter: Cutter, _ behavior: SplitBehavior, invert: Bool = false) {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count)
    text.bytes.withUnsafeBufferPointer { buffer in
      var collector = SplitCollector(behavior: behavior, invert: invert)
      for piece in pieces {
        collector.begin(at: piece.lowerBound)
        cutter.matches(buffer, piece) { collector.add($0) }
        collector.end(at: piece.upperBound, into: &result)
      }
    }
    pieces = result
  }
}
