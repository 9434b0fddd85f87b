/// Matches `\w+|[^\w\s]+`: runs of word characters, and runs of what is neither word nor white space.
struct WordCutter: Cutter {
  private enum Kind { case word, other, space }

  private func kind(_ code: UInt32) -> Kind {
    if ScalarClass.isWhitespace(code) { return .space }
    return ScalarClass.isWord(code) ? .word : .other
  }

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    var start = range.lowerBound
    var current = Kind.space
    var index = start
    while index < range.upperBound {
      let (code, length) = text.scalar(at: index)
      let next = kind(code)
      if next != current {
        if current != .space { report(start..<index) }
        start = index
        current = next
      }
      index += length
    }
    if current != .space, start < index { report(start..<index) }
  }
}
