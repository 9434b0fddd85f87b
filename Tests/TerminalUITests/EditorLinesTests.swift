import TestSupport
import Testing

@testable import TerminalUI

/// Incremental line breaking equals breaking the whole text.
@Suite("Lines of an edited text")
struct EditorLinesTests {
  static let parts = [
    "a", "bc", " ", "  ", "word ", "日", "本語", "e", "\u{301}", "🙂", "\n", "\r", "\r\n", "\t", "👩", "\u{200D}", "\u{7}",
    "🇫", "क", "्", "é", "ж", "й", "\u{306}", "가", "\u{11A8}", "か", "\u{3099}", "。", "\u{FEFF}", "\u{600}", "longerword",
  ]

  @Test("After every edit the lines equal a full rewrap", arguments: 0..<40)
  func edits(_ seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let width = Int(random.next() % 14) + 1
    var text = (0..<Int(random.next() % 900)).map { _ in pick(&random) }.joined()
    var lines = EditorLines(text, width: width)
    for _ in 0..<80 {
      let places = Array(text.unicodeScalars.indices) + [text.endIndex]
      let from = Int(random.next() % UInt64(places.count))
      let to = min(places.count - 1, from + Int(random.next() % 6))
      let inserted = (0..<Int(random.next() % 3)).map { _ in pick(&random) }.joined()
      let range = offset(places[from], text)..<offset(places[to], text)
      text.replaceSubrange(places[from]..<places[to], with: inserted)
      lines.replace(range, inserted: inserted.utf8.count, text: text)
      let whole = WrappedText(text, width: width).lines
      let found = (0..<lines.count).map { lines[$0] }
      guard found == whole else {
        Issue.record("seed \(seed): \(text.unicodeScalars.map { String($0.value, radix: 16) })")
        return
      }
      for at in [0, range.lowerBound, text.utf8.count] {
        #expect(lines.line(at: at) == WrappedText(text, width: width).line(at: at))
      }
    }
  }

  @Test("Line breaks equal those of a reference implementation", arguments: 0..<200)
  func reference(_ seed: Int) {
    var random = SplitMix64(seed: UInt64(seed) + 500)
    let width = Int(random.next() % 14) + 1
    let text = (0..<Int(random.next() % 60)).map { _ in pick(&random) }.joined()
    #expect(WrappedText(text, width: width).lines == EditorLinesTests.lines(text, width))
  }

  @Test("A keystroke rewraps only the lines around it, even in a long paragraph", arguments: ["\n", " "])
  func work(_ separator: String) {
    var random = SplitMix64(seed: 3)
    let words = ["once ", "upon ", "a ", "time ", "there ", "was ", "wonderful ", "ship ", "extraordinary ", "of "]
    let text = (0..<200_000).map { index in
      index % 12 == 11 ? separator : words[Int(random.next() % UInt64(words.count))]
    }
    var editor = TextEditor(text.joined())
    for offset in [0, 500_000, editor.text.utf8.count] {
      editor.moveCursor(to: offset)
      editor.keepCursorVisible(in: Size(60, 20))
      for key in ["x", " ", "y"] {
        let before = editor.layout(width: 60).brokenBytes
        editor.insert(key)
        editor.keepCursorVisible(in: Size(60, 20))
        #expect(editor.layout(width: 60).brokenBytes - before < 16_000)
      }
    }
  }

  private func pick(_ random: inout SplitMix64) -> String {
    EditorLinesTests.parts[Int(random.next() % UInt64(EditorLinesTests.parts.count))]
  }

  private func offset(_ index: String.Index, _ text: String) -> Int {
    text.utf8.distance(from: text.startIndex, to: index)
  }

  /// The rules of line breaking, applied to one grapheme at a time.
  private static func lines(_ text: String, _ width: Int) -> [WrappedText.Line] {
    var lines: [WrappedText.Line] = []
    var (offset, start, column, afterWide) = (0, 0, 0, false)
    var candidate: (offset: Int, column: Int)?
    for character in text {
      let length = String(character).utf8.count
      if RunningForm.isNewline(character) {
        lines.append(WrappedText.Line(range: start..<offset, columns: column, endsParagraph: true))
        offset += length
        (start, column, candidate, afterWide) = (offset, 0, nil, false)
        continue
      }
      let isSpace = character == " " || character == "\t"
      let form = RunningForm.of(character, column: column, glyphs: .unicode)
      let isWide = RunningForm.breaksAround(character)
      if (isWide || afterWide) && !isSpace && offset > start { candidate = (offset, column) }
      while column + form.width > width, !isSpace, offset > start {
        let (at, columns) = candidate ?? (offset, column)
        lines.append(WrappedText.Line(range: start..<at, columns: columns, endsParagraph: false))
        (start, column, candidate) = (at, column - columns, nil)
      }
      column += isSpace && character == "\t" ? RunningForm.tabWidth - column % RunningForm.tabWidth : form.width
      offset += length
      if isSpace { candidate = (offset, column) }
      afterWide = isWide
    }
    return lines + [WrappedText.Line(range: start..<offset, columns: column, endsParagraph: false)]
  }
}
