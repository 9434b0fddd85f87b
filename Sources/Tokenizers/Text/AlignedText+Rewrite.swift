extension AlignedText {
  /// Rewrites the text character by character: `body` appends to the builder what a character becomes.
  mutating func rewrite(_ body: (_ code: UInt32, _ range: Range<Int>, inout AlignedTextBuilder) -> Void) {
    var builder = AlignedTextBuilder(self)
    bytes.withUnsafeBufferPointer { text in
      var index = 0
      while index < text.count {
        let (code, length) = text.scalar(at: index)
        body(code, index..<index + length, &builder)
        index += length
      }
    }
    self = builder.text
  }
}
