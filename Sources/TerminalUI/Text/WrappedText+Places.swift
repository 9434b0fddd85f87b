/// A grapheme of wrapped text and where it stands.
struct PlacedGrapheme {
  /// Its UTF-8 bytes in the text.
  let range: Range<Int>
  /// Its first column.
  let column: Int
  /// Its columns.
  let width: Int
  /// What is drawn.
  let text: String
}

/// Lines that a text was broken into.
protocol BrokenLines {
  /// The columns that a line may have.
  var width: Int { get }
  /// The number of lines, at least one.
  var count: Int { get }
  /// The line of an index.
  subscript(index: Int) -> WrappedText.Line { get }
  /// The line that holds a byte offset: at a break the later line.
  func line(at offset: Int) -> Int
}

extension EditorLines: BrokenLines {}

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
  func place(of offset: Int, in text: String) -> Point {
    let number = line(at: offset)
    let line = self[number]
    var column = 0
    for grapheme in graphemes(of: line, in: text, glyphs: .unicode) where grapheme.range.lowerBound < offset {
      column = grapheme.column + grapheme.width
    }
    return Point(min(column, width), number)
  }

  /// The byte offset of the grapheme at a line and column; past a line's end, its end. Of a line that the width broke,
  /// the end is before its last grapheme, so that the offset is still on the line.
  func offset(line number: Int, column: Int, in text: String) -> Int {
    let line = self[min(max(number, 0), count - 1)]
    let placed = graphemes(of: line, in: text, glyphs: .unicode)
    if let hit = placed.first(where: { $0.column + $0.width > column }) { return hit.range.lowerBound }
    let isLast = line.range.upperBound == self[count - 1].range.upperBound
    if line.endsParagraph || isLast { return line.range.upperBound }
    return placed.last?.range.lowerBound ?? line.range.upperBound
  }
}
