import TestSupport
import Testing

@testable import TerminalUI

@Suite("The text editor")
struct TextEditorTests {
  /// The text of an editor after keystrokes, with the cursor as `|`.
  private func after(_ text: String, _ strokes: [String], width: Int = 20) -> String {
    var editor = TextEditor(text.replacingCursor(""), cursor: text.cursorOffset)
    for stroke in strokes { if let stroke = KeyStroke(stroke) { editor.handle(stroke, width: width) } }
    return marked(editor)
  }

  private func marked(_ editor: TextEditor) -> String {
    let utf8 = Array(editor.text.utf8)
    return String(decoding: utf8[..<editor.cursor], as: UTF8.self) + "|"
      + String(decoding: utf8[editor.cursor...], as: UTF8.self)
  }

  @Test(
    "Key sequences give the expected text and cursor",
    arguments: [
      ("|", ["a", "b", "space", "c"], "ab c|"), ("ab|c", ["left", "x"], "ax|bc"), ("one two|", ["alt-b"], "one |two"),
      ("one, two|", ["ctrl-left", "ctrl-left"], "one|, two"), ("|one two", ["alt-f"], "one| two"),
      ("one two|", ["ctrl-w"], "one |"), ("one two|", ["ctrl-w", "ctrl-w", "ctrl-y"], "one two|"),
      ("one |two", ["ctrl-d"], "one |wo"), ("one |two", ["ctrl-k"], "one |"), ("one |two", ["ctrl-u"], "|two"),
      ("one |two", ["ctrl-k", "ctrl-a", "ctrl-y"], "two|one "),
      ("a|\nb", ["ctrl-k"], "a|b"), ("a\n|b", ["ctrl-u"], "a|b"), ("a\n|b", ["backspace"], "a|b"),
      ("a|\nb", ["delete"], "a|b"),
      ("e\u{301}|", ["backspace"], "|"), ("👩‍👩‍👧|x", ["left", "delete"], "|x"), ("日本|", ["left"], "日|本"),
      ("abc|", ["home", "end", "!"], "abc!|"), ("ab|", ["alt-enter", "c"], "ab\nc|"),
      ("ab|", ["ctrl-j", "c"], "ab\nc|"),
      ("a|", ["b", "c", "ctrl-z"], "a|"), ("|", ["a", "b", "space", "c", "d", "ctrl-z"], "ab |"),
      ("|", ["a", "b", "space", "c", "d", "ctrl-z", "ctrl-z"], "|"), ("|", ["a", "b", "ctrl-z", "ctrl-r"], "ab|"),
      ("|", ["a", "left", "right", "b", "ctrl-z"], "a|"), ("abc|", ["backspace", "backspace", "ctrl-z"], "abc|"),
      ("|", ["a", "ctrl-z", "b", "ctrl-r"], "b|"), ("one |two", ["alt-d"], "one |"),
      ("|", ["ctrl-z", "ctrl-r", "ctrl-y"], "|"),
      ("abc|", ["ctrl-home", "x"], "x|abc"), ("|abc", ["ctrl-end", "x"], "abcx|"),
    ])
  func stories(_ start: String, _ strokes: [String], _ end: String) {
    #expect(after(start, strokes) == end)
  }

  @Test("Vertical moves follow visual lines and keep the column")
  func vertical() {
    // Lines have at most 9 columns; the tenth is reserved for the cursor.
    let text = "once upon a time there\nlived\na king|"
    #expect(after(text, ["up"], width: 10) == "once upon a time there\nlived|\na king")
    #expect(after(text, ["up", "up"], width: 10) == "once upon a time there|\nlived\na king")
    #expect(after(text, ["up", "up", "up"], width: 10) == "once upon a time| there\nlived\na king")
    #expect(after(text, ["up", "up", "up", "down", "down", "down"], width: 10) == text)
    #expect(after("|ab", ["up", "down"], width: 10) == "|ab")
    #expect(after("日本|\nab", ["down"], width: 10) == "日本\nab|")
    #expect(after("日本\nab|c", ["up"], width: 10) == "日|本\nabc")
  }

  @Test("Home and End stay on the visual line")
  func homeEnd() {
    #expect(after("once upo|n a time", ["home"], width: 10) == "|once upon a time")
    #expect(after("once upon a t|ime", ["home"], width: 10) == "once upon |a time")
    #expect(after("on|ce upon a time", ["end"], width: 10) == "once upon| a time")
    #expect(after("once upon a| time", ["end"], width: 10) == "once upon a time|")
  }

  @Test("A paste is one change, and its line ends become newlines")
  func paste() {
    var editor = TextEditor("ab", cursor: 1)
    editor.insert("x\r\ny\rz")
    #expect(editor.text == "ax\ny\nzb")
    #expect(editor.cursor == 6)
    editor.undo()
    #expect(marked(editor) == "a|b")
    let again = editor.undo()
    #expect(!again)
  }

  @Test("The cursor is always on a grapheme boundary")
  func joining() {
    var editor = TextEditor("e", cursor: 1)
    editor.insert("\u{301}")
    #expect(editor.cursor == 3)
    editor = TextEditor("\u{301}", cursor: 0)
    editor.insert("e")
    #expect(editor.text.count == 1)
    #expect(editor.cursor == 3)
    editor.undo()
    #expect(editor.text.unicodeScalars.elementsEqual("\u{301}".unicodeScalars))
    #expect(TextEditor("日本", cursor: 4).cursor == 3)
    #expect(TextEditor("e\u{301}x", cursor: 1).cursor == 0)
    #expect(TextEditor("abc", cursor: 99).cursor == 3)
    #expect(TextEditor("abc", cursor: -1).cursor == 0)
  }

  @Test("Replacing a range is one change and rounds to graphemes")
  func replacing() {
    var editor = TextEditor("a日b")
    editor.replace(2..<3, with: "x")
    #expect(marked(editor) == "ax|b")
    editor.undo()
    #expect(marked(editor) == "a日b|")
    editor.setText("new", cursor: 1)
    #expect(marked(editor) == "n|ew")
    editor.undo()
    #expect(editor.text == "a日b")
    editor.replace(50..<90, with: "!")
    #expect(editor.text == "a日b!")
  }

  @Test("A field scrolls as little as needed to show the cursor")
  func scrolling() {
    var editor = TextEditor((1...20).map { "line \($0)" }.joined(separator: "\n"))
    let size = Size(20, 5)
    editor.keepCursorVisible(in: size)
    #expect(editor.top == 15)
    for _ in 0..<3 { editor.apply(.lineUp, width: 20) }
    editor.keepCursorVisible(in: size)
    #expect(editor.top == 15)
    for _ in 0..<3 { editor.apply(.lineUp, width: 20) }
    editor.keepCursorVisible(in: size)
    #expect(editor.top == 13)
    editor.setText("short")
    editor.keepCursorVisible(in: size)
    #expect(editor.top == 0)
  }
}

extension String {
  fileprivate func replacingCursor(_ with: String) -> String {
    split(separator: "|", omittingEmptySubsequences: false).joined()
  }
  fileprivate var cursorOffset: Int { Array(utf8).firstIndex(of: UInt8(ascii: "|")) ?? utf8.count }
}
