/// Matches each single character of a class.
struct CharacterCutter: Cutter {
  let isDelimiter: @Sendable (UInt32) -> Bool

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    var index = range.lowerBound
    while index < range.upperBound {
      let (code, length) = text.scalar(at: index)
      if isDelimiter(code) { report(index..<index + length) }
      index += length
    }
  }
}
