/// Cuts a text at the matches of a regular expression.
struct RegexCutter: Cutter {
  let program: RegexProgram

  /// - Throws: where the pattern is malformed, not supported or too large.
  init(_ pattern: String) throws(RegexParser.Failure) {
    program = try RegexProgram(try RegexParser.parse(pattern))
  }

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    let budget = 100_000 + range.count.multipliedReportingOverflow(by: 500).partialValue
    var matcher = RegexMatcher(program, text, range, budget: budget)
    var position = range.lowerBound
    while position <= range.upperBound, matcher.budget > 0 {
      guard let end = matcher.match(at: position) else {
        guard position < range.upperBound else { return }
        position += text.scalar(at: position).length
        continue
      }
      if end > position {
        report(position..<end)
        position = end
      } else {
        // An empty match cuts the text but takes nothing.
        report(position..<position)
        guard position < range.upperBound else { return }
        position += text.scalar(at: position).length
      }
    }
  }
}
