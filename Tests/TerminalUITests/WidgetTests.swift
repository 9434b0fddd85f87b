import ScriptedSupport
import Testing

@testable import TerminalUI

@Suite("Widgets")
struct WidgetTests {
  private func drawn(_ widget: some Widget, _ width: Int, _ height: Int = 1, glyphs: Glyphs = .unicode) -> String {
    var grid = CellGrid(Size(width + 2, height), glyphs: glyphs)
    grid.draw(widget, in: Rect(1, 0, width, height))
    for y in 0..<height {
      #expect(grid[Point(0, y)].text == " ")
      #expect(grid[Point(width + 1, y)].text == " ")
    }
    return grid.plainText.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0.dropFirst()) }.joined(separator: "\n")
  }

  @Test("Bars are exact to an eighth of a cell")
  func bars() {
    for eighths in 0...32 {
      let text = Bar.text(Double(eighths) / 32, width: 4)
      #expect(text.count == (eighths + 7) / 8)
      #expect(text.filter { $0 == "█" }.count == eighths / 8)
    }
    #expect(Bar.text(0.6666, width: 10) == "██████▋")
    #expect(Bar.text(2, width: 3) == "███")
    #expect(Bar.text(.nan, width: 3) == "")
    #expect(Bar.text(0.5, width: 4, glyphs: .ascii) == "##")
    #expect(drawn(Bar(0.5), 8) == "████")
  }

  @Test("A progress bar shows label, bar and percentage")
  func progress() {
    #expect(drawn(ProgressBar("loading", fraction: 0.5), 20) == "loading ███     50 %")
    #expect(drawn(ProgressBar("loading", fraction: 0.5), 14) == "loading  50 %")
    #expect(drawn(ProgressBar("loading", fraction: 0.5), 9) == "loading …")
    #expect(drawn(ProgressBar("waiting", fraction: nil, tick: 11), 20) == "⠙ waiting")
    #expect(drawn(ProgressBar("waiting", fraction: nil, tick: -1), 20, glyphs: .ascii) == "/ waiting")
  }

  @Test("Tabs show all names, or only the selected one in a narrow row")
  func tabs() {
    let names = ["Generate", "Fill mask", "Translate"]
    #expect(drawn(Tabs(names, selected: 0), 40) == "┃ Generate ┃ Fill mask   Translate")
    #expect(drawn(Tabs(names, selected: 1), 40) == "  Generate ┃ Fill mask ┃ Translate")
    #expect(drawn(Tabs(names, selected: 2), 40) == "  Generate   Fill mask ┃ Translate ┃")
    #expect(drawn(Tabs(names, selected: 1), 20) == " Fill mask")
    #expect(drawn(Tabs(names, selected: 9), 40) == "")
  }

  @Test("A narrow status line drops hints from the right", arguments: [49, 48, 40, 30, 22, 12])
  func statusLine(width: Int) {
    let line = StatusLine(
      [.init("Enter", "generate"), .init("Tab", "pane"), .init("?", "help")], right: [.init("Ctrl-Q", "quit")])
    let expected = [
      49: " Enter generate · Tab pane · ? help  Ctrl-Q quit",
      48: " Enter generate · Tab pane          Ctrl-Q quit", 40: " Enter generate · Tab pane  Ctrl-Q quit",
      30: " Enter generate   Ctrl-Q quit", 22: " Enter generate", 12: " Enter gen…",
    ]
    #expect(drawn(line, width) == expected[width])
  }

  @Test("A dialog is centered and scrolls")
  func dialog() {
    let lines = (1...9).map { [Span("line \($0)")] }
    var grid = CellGrid(Size(24, 9))
    grid.draw(Dialog(title: "Help", lines: lines, footer: "Esc closes", top: 3), in: grid.bounds)
    #expect(
      grid.plainText == """
             ╭─ Help ─────╮
             │ line 4     │
             │ line 5     │
             │ line 6     │
             │ line 7     │
             │ line 8     │
             │            │
             │ Esc closes │
             ╰────────────╯
        """)
    let dialog = Dialog(title: "Help", lines: lines)
    #expect(dialog.lastTop(in: Rect(0, 0, 24, 6)) == 5)
    #expect(dialog.visibleLines(in: Rect(0, 0, 24, 6)) == 4)
  }

  @Test("An error in a dialog is wrapped and free of control characters")
  func errorDialog() {
    let dialog = Dialog(
      title: "Cannot open", text: "the file is\u{1B}[0m truncated, model: expected 12, found 3", width: 24,
      isError: true)
    var grid = CellGrid(Size(32, 5))
    grid.draw(dialog, in: grid.bounds)
    #expect(
      grid.plainText == """
            ╭─ Cannot open ────────╮
            │ the file is\\x1b[0m   │
            │ truncated, model:    │
            │ expected 12, found 3 │
            ╰──────────────────────╯
        """)
    #expect(grid[Point(7, 0)].style == Style(.error, .bold))
  }

  @Test("A menu marks the selected row")
  func menu() {
    let items = ["storyteller", "cloze", "interpreter"].map { MenuList.Item($0, detail: "21.3 M") }
    let menu = MenuList(items, window: ListWindow(count: 3, height: 2, selected: 2))
    #expect(drawn(menu, 24, 2) == "  cloze           21.3 M\n▸ interpreter     21.3 M")
    #expect(drawn(menu, 15, 2) == "  cloze  21.3 M\n▸ interpreter")
    #expect(drawn(MenuList([], window: ListWindow()), 24, 2) == "nothing here\n")
  }

  @Test("A legend shows four steps as swatches, or as marks without colors")
  func legend() {
    var legend = HeatLegend(
      "probability",
      steps: [.init([0, 0.1], ">50 %"), .init([0.3], ">10 %"), .init([0.6], ">1 %"), .init([1], "less")])
    #expect(drawn(legend, 60) == "probability  ██ >50 %  █ >10 %  █ >1 %  █ less")
    #expect(legend.width(glyphs: .unicode) == 46)
    legend.isColored = false
    #expect(drawn(legend, 60) == "probability  none >50 %  ░ >10 %  ▒ >1 %  █ less")
    #expect(Glyphs.unicode.shade(0.99) == "█")
    #expect(Glyphs.unicode.shade(0.1) == " ")
    #expect(Glyphs.unicode.shade(.nan) == " ")
  }

  @Test("Every glyph is one column wide, and ASCII glyphs are ASCII")
  func glyphs() {
    for glyphs in [Glyphs.unicode, .ascii] {
      var all = glyphs.eighths + glyphs.shades + glyphs.sparks + glyphs.spinner
      all += [
        glyphs.upperLeft, glyphs.horizontal, glyphs.vertical, glyphs.ellipsis, glyphs.space, glyphs.left, glyphs.chosen,
      ]
      all += [
        glyphs.dot, glyphs.ring, glyphs.separator, glyphs.dash, glyphs.cross, glyphs.tick, glyphs.tabBar, glyphs.caret,
      ]
      for sign in all {
        #expect(sign.columnWidth == 1)
        if glyphs.isASCII { #expect(sign.utf8.count == 1) }
      }
    }
  }
}
