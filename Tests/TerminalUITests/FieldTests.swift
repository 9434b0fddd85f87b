import ScriptedSupport
import Testing

@testable import TerminalUI

@Suite("Text fields on the screen")
struct FieldTests {
  @Test("An editor is drawn with its styles and cursor")
  func editor() {
    var grid = CellGrid(Size(14, 3))
    let editor = TextEditor("once 日本 upon\na\ttime", cursor: 8)
    let styles = [StyledRange(0..<4, Style(.text, on: .tokenShade)), StyledRange(5..<11, Style(.heat(9)))]
    grid.draw(EditorView(editor, styles: styles), in: Rect(1, 0, 12, 3))
    #expect(grid.plainText == " once 日本\n upon\n a   time")
    #expect(grid.cursor == Point(8, 0))
    #expect(grid.styleMap { $0.background == .tokenShade ? "s" : $0.role == .heat(9) ? "h" : " " } == " ssss hhhh\n\n")
  }

  @Test("A long text scrolls with the cursor; an empty field shows the placeholder")
  func scrolling() {
    var grid = CellGrid(Size(10, 2))
    grid.draw(EditorView(TextEditor("a\nb\nc\nd")), in: grid.bounds)
    #expect(grid.plainText == "c\nd")
    #expect(grid.cursor == Point(1, 1))
    grid = CellGrid(Size(10, 2))
    grid.draw(EditorView(TextEditor(), placeholder: "type a prompt here", isFocused: false), in: grid.bounds)
    #expect(grid.plainText == "type a\nprompt")
    #expect(grid.cursor == nil)
  }

  @Test("The cursor is visible at every width", arguments: 1...12)
  func cursorCell(width: Int) {
    let text = "aa bbb 日本 cccccccc   dd"
    var editor = TextEditor(text, cursor: 0)
    repeat {
      var grid = CellGrid(Size(width, 4))
      grid.draw(EditorView(editor), in: grid.bounds)
      #expect(grid.cursor.map { grid.bounds.contains($0) } == true)
    } while editor.apply(.moveRight)
  }

  @Test("A single-line field scrolls horizontally and marks truncated ends")
  func lineInput() {
    var grid = CellGrid(Size(12, 1))
    var input = LineInput("abcdefghijklmnop")
    let view = { (input: LineInput) in LineInputView(input, prompt: Span("/", Style(.key))) }
    grid.draw(view(input), in: grid.bounds)
    #expect(grid.lines == ["/…hijklmnop "])
    #expect(grid.cursor == Point(11, 0))
    input.apply(.textStart)
    grid = CellGrid(Size(12, 1))
    grid.draw(view(input), in: grid.bounds)
    #expect(grid.lines == ["/abcdefghij…"])
    #expect(grid.cursor == Point(1, 0))
  }

  @Test("A single-line field turns newlines into spaces")
  func oneLine() {
    var input = LineInput("a\nb")
    #expect(input.text == "a b")
    input.insert("x\r\ny\u{7}")
    #expect(input.text == "a bx y\u{7}")
    let strokes = [
      KeyStroke(.enter), KeyStroke("j", .control), KeyStroke(.up), KeyStroke(.backspace), KeyStroke(.character("日")),
    ]
    let understood = strokes.map { input.handle($0) }
    #expect(understood == [false, false, false, true, true])
    #expect(input.text == "a bx y日")
    var grid = CellGrid(Size(12, 1))
    grid.draw(LineInputView(LineInput(), placeholder: "search"), in: grid.bounds)
    #expect(grid.plainText == "search")
  }
}
