import Testing

@testable import TerminalUI

/// Pictures of the screen.
struct ScreenSVGTests {
  private static let grid: CellGrid = {
    var grid = CellGrid(Size(24, 5))
    _ = grid.box(Rect(0, 0, 12, 3), title: "A & B", right: "", focused: true)
    grid.draw("<é日x>", at: Point(1, 1), style: Style(.warning, on: nil, .bold))
    grid.draw("██▌▁▇", at: Point(13, 1), style: Style(.bar(200)))
    grid.fill(Rect(0, 3, 24, 1), style: Style(on: .selection))
    grid.draw("chosen", at: Point(2, 3), style: Style(.text, on: .selection, [.underline, .italic]))
    grid.draw("a\u{7}b", at: Point(0, 4), style: Style(.dim, on: nil, .reverse))
    return grid
  }()

  /// An element on a line of its own: its name, attributes and text.
  private struct Element {
    var name: String
    var attributes: [String: String]
    var text: String
  }

  private func elements(_ theme: Theme = .standard) throws -> [Element] {
    let document = ScreenSVG(Self.grid, theme: theme, title: "a < b").document
    return try document.split(separator: "\n").filter { $0 != "</svg>" }.map { line in
      let match = try #require(line.wholeMatch(of: /<(\w+)((?: [\w:-]+="[^"<&]*")*)(?:\/>|>(?:([^<]*)<\/\1>)?)/))
      let pairs = match.2.matches(of: /([\w:-]+)="([^"]*)"/).map { (String($0.1), String($0.2)) }
      return Element(
        name: String(match.1), attributes: Dictionary(uniqueKeysWithValues: pairs), text: String(match.3 ?? ""))
    }
  }

  @Test func textKeepsItsCellsColorsAndAttributes() throws {
    let texts = try elements().filter { $0.name == "text" }
    #expect(texts.map(\.text).contains("日") && !texts.contains { $0.text.contains("\u{7}") })
    let wide = try #require(texts.first { $0.text == "日" })
    #expect(wide.attributes["x"] == "24" && wide.attributes["y"] == "28" && wide.attributes["textLength"] == "16")
    #expect(wide.attributes["fill"] == Theme.standard.color(.warning).description)
    #expect(wide.attributes["font-weight"] == "bold")
    let chosen = try #require(texts.first { $0.text == "chosen" })
    #expect(chosen.attributes["text-decoration"] == "underline" && chosen.attributes["font-style"] == "italic")
    #expect(texts.contains { $0.text == "&lt;é" } && texts.contains { $0.text.contains("A &amp; B") })
    for text in texts {
      let columns = text.text.replacing(/&\w+;/, with: "x").columnWidth
      #expect(text.attributes["textLength"] == "\(8 * columns)", "\(text.text)")
    }
  }

  @Test func barsAndBoxesAreShapes() throws {
    let elements = try elements()
    let color = Theme.standard.paint(Style(.bar(200)), depth: .trueColor).foreground
    guard case .rgb(let bar) = color else {
      Issue.record("no color")
      return
    }
    let bars = elements.filter { $0.name == "rect" && $0.attributes["fill"] == bar.description }
    #expect(bars.map { $0.attributes["x"] } == ["104", "112", "120", "128", "136"])
    #expect(bars.map { $0.attributes["width"] } == ["8", "8", "4", "8", "8"])
    #expect(bars.map { $0.attributes["height"] } == ["16", "16", "16", "2", "14"])
    #expect(bars.map { $0.attributes["y"] } == ["16", "16", "16", "30", "18"])
    let paths = elements.filter { $0.name == "path" }.compactMap { $0.attributes["d"] }
    #expect(paths.contains("M4 16V12Q4 8 8 8"), "the upper left corner is round")
    #expect(paths.contains("M4 16V32"), "the left side fills its cell")
  }

  @Test func backgroundsAreThoseOfTheTheme() throws {
    let elements = try elements()
    #expect(elements[0].attributes["viewBox"] == "0 0 192 80" && elements[1].text == "a &lt; b")
    #expect(elements[2].attributes["fill"] == Theme.standard.color(.background).description)
    let rows = elements.filter { $0.name == "rect" && $0.attributes["y"] == "48" }
    let width = rows.compactMap { $0.attributes["width"].flatMap { Int($0) } }.reduce(0, +)
    #expect(width == 192 && rows.allSatisfy { $0.attributes["fill"] == Theme.standard.color(.selection).description })
    let reversed = try #require(elements.first { $0.name == "rect" && $0.attributes["y"] == "64" })
    #expect(reversed.attributes["fill"] != elements[2].attributes["fill"])
  }
}
