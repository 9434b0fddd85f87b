/// Wraps a text into lines. A line and its successors do not depend on earlier lines, so wrapping can start and stop at
/// any line.
struct LineBreaker {
  /// Maximum columns per line, at least 1.
  let width: Int

  /// Calls `body` with each line, from the one that starts at byte `first`, and with the start of the next line (past
  /// the end after the last line), until `body` returns `false`.
  func forEachLine(of text: String, from first: Int, _ body: (WrappedText.Line, _ next: Int) -> Bool) {
    let utf8 = text.utf8
    let isDone: Void? = utf8.withContiguousStorageIfAvailable { forEachLine(of: text, $0, from: first, body) }
    if isDone == nil { Array(utf8).withUnsafeBufferPointer { forEachLine(of: text, $0, from: first, body) } }
  }

  /// The properties of a grapheme that line breaking needs.
  private struct Piece {
    var length: Int
    var width: Int
    var isSpace = false
    var isTab = false
    var isNewline = false
    var isWide = false
  }

  private func forEachLine(
    of text: String, _ bytes: UnsafeBufferPointer<UInt8>, from first: Int, _ body: (WrappedText.Line, Int) -> Bool
  ) {
    var offset = first
    var start = first
    var column = 0
    /// The last possible break: its offset and column.
    var candidate: (offset: Int, column: Int)?
    var afterWide = false
    while offset < bytes.count {
      let piece = piece(text, bytes, at: offset, column: column)
      if piece.isNewline {
        let line = WrappedText.Line(range: start..<offset, columns: column, endsParagraph: true)
        offset += piece.length
        (start, column, candidate, afterWide) = (offset, 0, nil, false)
        guard body(line, start) else { return }
        continue
      }
      if (piece.isWide || afterWide) && !piece.isSpace && offset > start { candidate = (offset, column) }
      // Can run twice: the text after the break plus this grapheme may still be too wide.
      while column + piece.width > width, !piece.isSpace, offset > start {
        let (at, columns) = candidate ?? (offset, column)
        let line = WrappedText.Line(range: start..<at, columns: columns, endsParagraph: false)
        start = at
        column -= columns
        candidate = nil
        guard body(line, start) else { return }
      }
      // A tab's width depends on its column, which a break may have changed.
      column += piece.isTab ? RunningForm.tabWidth - column % RunningForm.tabWidth : piece.width
      offset += piece.length
      if piece.isSpace { candidate = (offset, column) }
      afterWide = piece.isWide
    }
    _ = body(WrappedText.Line(range: start..<offset, columns: column, endsParagraph: false), bytes.count + 1)
  }

  @inline(__always) private func piece(
    _ text: String, _ bytes: UnsafeBufferPointer<UInt8>, at offset: Int, column: Int
  ) -> Piece {
    let byte = bytes[offset]
    if byte == 0x0A { return Piece(length: 1, width: 0, isNewline: true) }
    let (length, width) = PlainScalar.at(offset, bytes)
    if width > 0, PlainScalar.endsGrapheme(at: offset + length, bytes) {
      return Piece(length: length, width: width, isSpace: byte == 0x20, isWide: width == 2)
    }
    return slowPiece(text, at: offset, column: column)
  }

  private func slowPiece(_ text: String, at offset: Int, column: Int) -> Piece {
    let utf8 = text.utf8
    let index = utf8.index(utf8.startIndex, offsetBy: offset)
    let character = text[index]
    let length = utf8.distance(from: index, to: text.index(after: index))
    if RunningForm.isNewline(character) { return Piece(length: length, width: 0, isNewline: true) }
    let isTab = character == "\t"
    return Piece(
      length: length, width: RunningForm.of(character, column: column, glyphs: .unicode).width,
      isSpace: isTab || character == " ", isTab: isTab, isWide: RunningForm.breaksAround(character))
  }
}

/// Scalars of common scripts with a known width that never combine with one another. They are recognized as graphemes
/// without lookups in Unicode tables.
enum PlainScalar {
  /// The length in bytes of the scalar at `offset`, and its columns; 0 columns if it is not a plain scalar.
  @inline(__always) static func at(_ offset: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> (length: Int, width: Int) {
    let first = bytes[offset]
    if first < 0x80 { return (1, first >= 0x20 && first < 0x7F ? 1 : 0) }
    if first < 0xE0 {
      let code = UInt32(first & 0x1F) << 6 | UInt32(bytes[offset + 1] & 0x3F)
      return (2, isNarrow(code) ? 1 : 0)
    }
    guard first < 0xF0 else { return (4, 0) }
    let code =
      UInt32(first & 0x0F) << 12 | UInt32(bytes[offset + 1] & 0x3F) << 6 | UInt32(bytes[offset + 2] & 0x3F)
    return (3, isWide(code) ? 2 : 0)
  }

  /// Whether a grapheme certainly ends before the scalar at `offset`, if the scalar before it is plain.
  @inline(__always) static func endsGrapheme(at offset: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    offset >= bytes.count || bytes[offset] < 0x80 || at(offset, bytes).width > 0
  }

  /// Latin, Greek and Cyrillic letters.
  @inline(__always) private static func isNarrow(_ code: UInt32) -> Bool {
    switch code {
    case 0xC0...0x2FF, 0x370...0x482, 0x48A...0x52F: true
    default: false
    }
  }

  /// Ideographs, kana, syllables of Hangul and their punctuation.
  @inline(__always) private static func isWide(_ code: UInt32) -> Bool {
    switch code {
    case 0x3001...0x3029, 0x3041...0x3096, 0x30A0...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3,
      0xFF01...0xFF5E:
      true
    default: false
    }
  }
}

/// The form of a grapheme in running text: unchanged, except for characters that could disturb the terminal.
enum RunningForm {
  /// Columns between tab stops.
  static let tabWidth = 4

  /// Whether the grapheme ends a line.
  static func isNewline(_ character: Character) -> Bool { character == "\n" || character == "\r\n" }

  /// Whether a line may break before and after the grapheme: ideographs and emoji. The first scalar decides, so the
  /// result does not change when more scalars are appended.
  static func breaksAround(_ character: Character) -> Bool {
    guard let first = character.unicodeScalars.first, first.value >= 0x80 else { return false }
    return first.columnWidth == 2 || first.isRegionalIndicator || first.properties.isEmoji
  }

  /// The text to draw and its columns, for a grapheme that begins at `column` of its line. A tab extends to the next
  /// tab stop; a control character is spelled out; a newline is empty.
  static func of(_ character: Character, column: Int, glyphs: Glyphs) -> (text: String, width: Int) {
    if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F { return (String(character), 1) }
    if isNewline(character) { return ("", 0) }
    if character == "\t" {
      let width = tabWidth - column % tabWidth
      return (String(repeating: " ", count: width), width)
    }
    if character.unicodeScalars.contains(where: \.isTerminalControl) {
      let text = visible(String(character), glyphs: glyphs)
      return (text, text.columnWidth)
    }
    return (String(character), character.columnWidth)
  }
}
