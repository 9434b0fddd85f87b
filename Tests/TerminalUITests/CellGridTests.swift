import ScriptedSupport
import TestSupport
import Testing

@testable import TerminalUI

@Suite("Drawing into a grid")
struct CellGridTests {
  @Test("Text takes the columns of its graphemes")
  func drawsText() {
    var grid = CellGrid(Size(10, 2))
    #expect(grid.draw("日e\u{301}本", at: Point(1, 0)) == 5)
    #expect(grid.lines == [" 日e\u{301}本    ", "          "])
    #expect(grid[Point(1, 0)].width == 2)
    #expect(grid[Point(2, 0)].isContinuation)
    #expect(grid[Point(3, 0)].text == "e\u{301}")
    #expect(grid.plainText == " 日e\u{301}本\n")
  }

  @Test("A wide character is never split", arguments: [3, 4, 5])
  func wideAtEdge(width: Int) {
    var grid = CellGrid(Size(width, 1))
    grid.draw("a日本", at: .zero)
    #expect(grid.lines[0] == ["a日", "a日 ", "a日本"][width - 3])
    #expect(grid.lines[0].columnWidth == width)
  }

  @Test("Drawing over half of a wide character leaves a space")
  func overHalves() {
    var grid = CellGrid(Size(6, 1))
    grid.draw("日本", at: .zero)
    grid.draw("x", at: Point(1, 0))
    #expect(grid.lines == [" x本  "])
    grid.draw("y", at: Point(2, 0))
    #expect(grid.lines == [" xy   "])
    grid.draw("日本", at: .zero)
    grid.draw("語", at: Point(1, 0))
    #expect(grid.lines == [" 語   "])
  }

  @Test("Rows keep their width under random overdrawing")
  func overdrawing() {
    var random = SplitMix64(seed: 7)
    var grid = CellGrid(Size(12, 1))
    let texts = ["a", "日", "🙂x", "e\u{301}", "👩‍👩‍👧", "日本語"]
    for _ in 0..<2_000 {
      let text = texts[Int(random.next() % UInt64(texts.count))]
      grid.draw(text, at: Point(Int(random.next() % 16) - 2, 0))
      #expect(grid.lines[0].columnWidth == 12)
      for x in 0..<12 where grid[Point(x, 0)].isContinuation { #expect(grid[Point(x - 1, 0)].width == 2) }
    }
  }

  @Test("Drawing outside is clipped on every side")
  func clipping() {
    var grid = CellGrid(Size(3, 1))
    grid.draw("abcdef", at: Point(-2, 0))
    #expect(grid.lines == ["cde"])
    grid.draw("xyz", at: Point(0, 5))
    grid.draw("xyz", at: Point(0, -1))
    grid.draw("xyz", at: Point(9, 0))
    #expect(grid.lines == ["cde"])
    grid.fill(Rect(-5, -5, 100, 100), "#")
    #expect(grid.lines == ["###"])
    grid.draw("日", at: Point(-1, 0))
    #expect(grid.lines == [" ##"])
  }

  @Test("Control characters and lone marks never reach a cell")
  func controls() {
    var grid = CellGrid(Size(8, 1))
    grid.draw("\u{301}a\u{1B}\u{7}\n\u{202E}b", at: .zero)
    #expect(grid.lines == ["a\u{FFFD}\u{FFFD}\u{FFFD}b   "])
  }

  @Test("Spans are adjacent; the truncation mark has the style of the truncated span")
  func spans() {
    var grid = CellGrid(Size(8, 1))
    #expect(grid.draw([Span("ab", Style(.key)), Span(" cd", Style(.dim))], at: .zero) == 5)
    #expect(grid.lines == ["ab cd   "])
    grid = CellGrid(Size(8, 1))
    #expect(grid.draw([Span("ab", Style(.key)), Span("日本語", Style(.dim))], at: .zero, maxWidth: 6) == 5)
    #expect(grid.lines == ["ab日…   "])
    #expect(grid[Point(4, 0)].style == Style(.dim))
    #expect(grid.draw([Span("abc"), Span("def")], at: .zero, maxWidth: 3) == 3)
    #expect(grid.lines == ["ab… …   "])
    #expect(grid.draw([Span("abc"), Span("")], at: .zero, maxWidth: 3) == 3)
    #expect(grid.lines == ["abc …   "])
  }

  @Test("Lines align left, centered and right")
  func alignment() {
    var grid = CellGrid(Size(9, 3))
    for (row, alignment) in [Alignment.left, .center, .right].enumerated() {
      grid.draw("日a", in: Rect(1, 0, 7, 3), row: row, alignment: alignment)
    }
    #expect(grid.lines == [" 日a     ", "   日a   ", "     日a "])
    #expect(grid.draw("x", in: Rect(1, 0, 7, 3), row: 3) == 0)
  }

  @Test("A box draws its title and note")
  func box() {
    var grid = CellGrid(Size(24, 4))
    let inside = grid.box(Rect(0, 0, 24, 4), title: "Prompt", right: "3 of 9", focused: true)
    #expect(inside == Rect(2, 1, 20, 2))
    grid.draw("日本", in: inside)
    #expect(
      grid.plainText == """
        ╭─ Prompt ──── 3 of 9 ─╮
        │ 日本                 │
        │                      │
        ╰──────────────────────╯
        """)
    let map = grid.styleMap {
      $0.role == .focusedBorder ? ($0.attributes == .bold ? "T" : "b") : $0.role == .dim ? "n" : " "
    }
    #expect(
      map == """
        bbTTTTTTTTbbbbnnnnnnnnbb
        b                      b
        b                      b
        bbbbbbbbbbbbbbbbbbbbbbbb
        """)
  }

  @Test("A narrow box drops its note first, then truncates its title", arguments: [16, 12, 9, 6, 2])
  func narrowBox(width: Int) {
    var grid = CellGrid(Size(width, 2), glyphs: .ascii)
    grid.box(Rect(0, 0, width, 2), title: "Candidates", right: "note")
    let top = [
      16: "+- Candidates -+", 12: "+- Candi~ -+", 9: "+- Ca~ -+", 6: "+----+", 2: "++",
    ]
    #expect(grid.lines[0] == top[width])
  }

  @Test("A box that is too small draws nothing")
  func noBox() {
    var grid = CellGrid(Size(5, 5))
    #expect(grid.box(Rect(1, 1, 1, 5)).isEmpty)
    #expect(grid == CellGrid(Size(5, 5)))
  }

  @Test("Shading changes backgrounds, not text")
  func shade() {
    var grid = CellGrid(Size(4, 1))
    grid.draw("日a", at: .zero, style: Style(.key))
    grid.shade(Rect(0, 0, 3, 9), background: .selection, adding: .bold)
    #expect(grid.lines == ["日a "])
    #expect(grid[Point(2, 0)].style == Style(.key, on: .selection, .bold))
    #expect(grid[Point(3, 0)].style == .plain)
  }

  @Test("Bars, plots and marks are blocks; text and borders are not")
  func blocks() {
    let glyphs = Glyphs.unicode
    var grid = CellGrid(Size(40, 1))
    let blocks = glyphs.eighths + glyphs.sparks + glyphs.shades.dropFirst()
    let others = ["a", " ", "日", glyphs.horizontal, glyphs.chosen, glyphs.separator, glyphs.newline, "\u{1F469}"]
    for (signs, isBlock) in [(blocks, true), (others, false)] {
      for sign in signs {
        grid.fill(grid.bounds)
        grid.draw(sign, at: .zero)
        #expect(grid[.zero].isBlock == isBlock, "\(sign)")
      }
    }
  }
}
