import TestSupport
import Testing

@testable import TerminalUI

@Suite("Wrapped text")
struct WrappedTextTests {
  private func lines(_ text: String, _ width: Int) -> [String] {
    WrappedText(text, width: width).lines.map { line in
      String(decoding: Array(text.utf8)[line.range], as: UTF8.self)
    }
  }

  @Test("Lines break after spaces, inside long words, and between wide characters")
  func breaks() {
    #expect(lines("once upon a time", 9) == ["once upon ", "a time"])
    #expect(lines("once upon", 4) == ["once ", "upon"])
    #expect(lines("extraordinary", 5) == ["extra", "ordin", "ary"])
    #expect(lines("a extraordinary", 5) == ["a ", "extra", "ordin", "ary"])
    #expect(lines("日本語です", 5) == ["日本", "語で", "す"])
    #expect(lines("ab日本", 5) == ["ab日", "本"])
    #expect(lines("a\n\nb\n", 5) == ["a", "", "b", ""])
    #expect(lines("a\r\nb", 5) == ["a", "b"])
    #expect(lines("", 5) == [""])
    #expect(lines("a    b", 2) == ["a    ", "b"])
    #expect(lines("日", 1) == ["日"])
    #expect(lines("\t\tx", 4) == ["\t\t", "x"])
    #expect(lines("\u{1B}[0m", 4) == ["\u{1B}", "[0m"])
  }

  @Test("The visible text of a line has no trailing spaces and fits the width")
  func visibleLines() {
    let text = "one two  three four"
    let wrapped = WrappedText(text, width: 7)
    #expect(wrapped.lines.map { WrappedText.visible($0.range, of: text) } == ["one two", "three", "four"])
    #expect(WrappedText.visible(3..<4, of: text) == "")
  }

  @Test("Wrapping keeps all text within the width, and appending gives the same lines")
  func properties() {
    var random = SplitMix64(seed: 5)
    let parts = [
      "a", "bc", " ", "  ", "日", "本語", "e", "\u{301}", "🙂", "\n", "\r", "\r\n", "\t", "👩", "\u{200D}", "\u{7}", "🇫",
      "क", "्",
    ]
    for _ in 0..<1_500 {
      let width = Int(random.next() % 12) + 1
      var text = ""
      var grown = WrappedText("", width: width)
      for _ in 0..<Int(random.next() % 30) {
        text += parts[Int(random.next() % UInt64(parts.count))]
        grown.extend(to: text)
      }
      let wrapped = WrappedText(text, width: width)
      #expect(grown == wrapped, "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
      var offset = 0
      for line in wrapped.lines {
        #expect(line.range.lowerBound == offset)
        let bytes = Array(text.utf8)[line.range]
        let shown = String(decoding: bytes, as: UTF8.self)
        let trimmed = shown.reversed().drop { $0 == " " || $0 == "\t" }
        if trimmed.count > 1 { #expect(columns(String(trimmed.reversed())) <= width) }
        offset = line.range.upperBound
        if line.endsParagraph { offset += text.utf8.dropFirst(offset).starts(with: [0x0D]) ? 2 : 1 }
      }
      #expect(offset == text.utf8.count)
    }
  }

  private func columns(_ text: String) -> Int {
    text.reduce(0) { $0 + RunningForm.of($1, column: $0, glyphs: .unicode).width }
  }

  @Test("Converting offsets to positions and back gives the same offset")
  func places() {
    let text = "日本 and e\u{301}t\u{301}\n\tx 👩‍👩‍👧 end of it"
    for width in 3...20 {
      let wrapped = WrappedText(text, width: width)
      var offset = 0
      for character in text {
        let place = wrapped.place(of: offset, in: text)
        let isHidden = place.x >= width
        if !isHidden { #expect(wrapped.offset(line: place.y, column: place.x, in: text) == offset) }
        offset += character.utf8.count
      }
      let end = wrapped.place(of: offset, in: text)
      #expect(wrapped.offset(line: end.y, column: .max, in: text) == offset)
      #expect(wrapped.offset(line: -3, column: -3, in: text) == 0)
    }
  }
}
