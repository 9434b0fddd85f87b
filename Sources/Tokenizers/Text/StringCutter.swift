/// Matches a fixed string; an empty one never matches.
struct StringCutter: Cutter {
  let needle: [UInt8]

  func matches(_ text: TextBuffer, _ range: Range<Int>, _ report: (Range<Int>) -> Void) {
    guard let first = needle.first else { return }
    var index = range.lowerBound
    while index + needle.count <= range.upperBound {
      if text[index] == first, needle.elementsEqual(text[index..<index + needle.count]) {
        report(index..<index + needle.count)
        index += needle.count
      } else {
        index += 1
      }
    }
  }
}
