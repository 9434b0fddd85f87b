/// Text broken into lines of a width, at spaces where possible.
///
/// Lines break at newlines, after spaces, and before and after ideographs and emoji; a word longer than a line is cut
/// between graphemes. The spaces where a line breaks stay on it and may reach beyond the width, unseen.
/// Offsets are in UTF-8 bytes of the text.
public struct WrappedText: Hashable, Sendable {
  /// One line.
  public struct Line: Hashable, Sendable {
    /// The bytes on the line, its newline not included.
    public let range: Range<Int>
    /// Columns, spaces beyond the width included.
    public let columns: Int
    /// Whether a newline ends it.
    public let endsParagraph: Bool
  }

  /// The columns that a line may have.
  public let width: Int
  /// The lines, at least one.
  public private(set) var lines: [Line]

  /// The lines of `text`; a width below 1 counts as 1.
  public init(_ text: String, width: Int) {
    self.width = max(1, width)
    lines = []
    wrap(text, from: 0)
  }

  /// Wraps again after text was appended: only from the last line on.
  ///
  /// - Precondition: `text` begins with the text that was wrapped before.
  public mutating func extend(to text: String) {
    var first = lines.removeLast()
    let end = text.utf8.index(text.utf8.startIndex, offsetBy: first.range.upperBound)
    // The one case where appended text makes a grapheme narrower: `\r`, spelt out so far, becomes a newline.
    if first.range.upperBound > 0, text.utf8[text.utf8.index(before: end)] == 0x0D {
      while lines.last?.endsParagraph == false { first = lines.removeLast() }
    }
    wrap(text, from: first.range.lowerBound)
  }

  /// The line that holds a byte offset: at a break the later line.
  public func line(at offset: Int) -> Int {
    var low = 0
    var high = lines.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lines[middle].range.lowerBound <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private mutating func wrap(_ text: String, from first: Int) {
    LineBreaker(width: width).forEachLine(of: text, from: first) { line, _ in
      lines.append(line)
      return true
    }
  }
}
