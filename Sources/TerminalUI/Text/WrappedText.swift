/// Text wrapped to a width, at spaces where possible.
///
/// Lines break at newlines, after spaces, and before and after ideographs and emoji. A word longer than a line is cut
/// between graphemes. Spaces at a break stay at the end of their line; beyond the width they are not drawn. Offsets are
/// in UTF-8 bytes of the text.
public struct WrappedText: Hashable, Sendable {
  /// One line.
  public struct Line: Hashable, Sendable {
    /// The bytes of the line, without its newline.
    public let range: Range<Int>
    /// Columns of the line, including spaces beyond the width.
    public let columns: Int
    /// Whether the line ends with a newline.
    public let endsParagraph: Bool
  }

  /// Maximum columns per line.
  public let width: Int
  /// The lines, at least one.
  public private(set) var lines: [Line]

  /// Wraps `text`. A width below 1 counts as 1.
  public init(_ text: String, width: Int) {
    self.width = max(1, width)
    lines = []
    wrap(text, from: 0)
  }

  /// The text of a line without its trailing spaces, so that it fits the width.
  /// - Precondition: `text` is the text that was wrapped.
  public static func visible(_ range: Range<Int>, of text: String) -> String {
    let bytes = text.utf8.dropFirst(range.lowerBound).prefix(range.count)
    let spaces = bytes.reversed().prefix { $0 == 0x20 }.count
    return String(decoding: bytes.dropLast(spaces), as: UTF8.self)
  }

  /// Rewraps after text was appended, from the last line on.
  ///
  /// - Precondition: `text` begins with the text wrapped before.
  public mutating func extend(to text: String) {
    var first = lines.removeLast()
    let end = text.utf8.index(text.utf8.startIndex, offsetBy: first.range.upperBound)
    // Appended text can make a grapheme narrower in one case: a final `\r`, drawn as an escape so far, becomes part of
    // a newline.
    if first.range.upperBound > 0, text.utf8[text.utf8.index(before: end)] == 0x0D {
      while lines.last?.endsParagraph == false { first = lines.removeLast() }
    }
    wrap(text, from: first.range.lowerBound)
  }

  /// The line that holds a byte offset; at a break, the later line.
  public func line(at offset: Int) -> Int { Self.line(at: offset, in: lines) }

  /// The line of a wrapped text that holds a byte offset; at a break, the later line.
  static func line(at offset: Int, in lines: [Line]) -> Int {
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

/// A grapheme of wrapped text and its position.
struct PlacedGrapheme {
  /// Its UTF-8 bytes in the text.
  let range: Range<Int>
  /// Its first column.
  let column: Int
  /// Its columns.
  let width: Int
  /// The text to draw.
  let text: String
}

/// The lines of a wrapped text.
protocol BrokenLines {
  /// Maximum columns per line.
  var width: Int { get }
  /// The number of lines, at least one.
  var count: Int { get }
  /// The line at an index.
  subscript(index: Int) -> WrappedText.Line { get }
  /// The line that holds a byte offset; at a break, the later line.
  func line(at offset: Int) -> Int
}

extension WrappedText: BrokenLines {
  var count: Int { lines.count }
  subscript(index: Int) -> Line { lines[index] }
}

extension BrokenLines {
  /// The graphemes of a line with their columns.
  func graphemes(of line: WrappedText.Line, in text: String, glyphs: Glyphs) -> [PlacedGrapheme] {
    let utf8 = text.utf8
    var index = utf8.index(utf8.startIndex, offsetBy: line.range.lowerBound)
    var offset = line.range.lowerBound
    var column = 0
    var result: [PlacedGrapheme] = []
    while offset < line.range.upperBound {
      let next = text.index(after: index)
      let length = utf8.distance(from: index, to: next)
      let form = RunningForm.of(text[index], column: column, glyphs: glyphs)
      result.append(
        PlacedGrapheme(range: offset..<(offset + length), column: column, width: form.width, text: form.text))
      column += form.width
      offset += length
      index = next
    }
    return result
  }

  /// The line and column of a byte offset. The column is at most the width.
  func place(of offset: Int, in text: String) -> (x: Int, y: Int) {
    let number = line(at: offset)
    let line = self[number]
    var column = 0
    for grapheme in graphemes(of: line, in: text, glyphs: .unicode) where grapheme.range.lowerBound < offset {
      column = grapheme.column + grapheme.width
    }
    return (min(column, width), number)
  }

  /// The byte offset of the grapheme at a line and column. Past the end of a line, the end of the line. If the line is
  /// wrapped there, the start of its last grapheme, so that the offset belongs to this line.
  func offset(line number: Int, column: Int, in text: String) -> Int {
    let line = self[min(max(number, 0), count - 1)]
    let placed = graphemes(of: line, in: text, glyphs: .unicode)
    if let hit = placed.first(where: { $0.column + $0.width > column }) { return hit.range.lowerBound }
    let isLast = line.range.upperBound == self[count - 1].range.upperBound
    if line.endsParagraph || isLast { return line.range.upperBound }
    return placed.last?.range.lowerBound ?? line.range.upperBound
  }
}
