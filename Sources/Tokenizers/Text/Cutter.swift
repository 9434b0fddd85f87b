/// What finds the delimiters that a text is cut at.
protocol Cutter {
  /// Reports every match in `range` of the text, from left to right.
  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void)
}
