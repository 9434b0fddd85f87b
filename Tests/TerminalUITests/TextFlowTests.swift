import ScriptedSupport
import TestSupport
import Testing

@testable import TerminalUI

@Suite("Text flow")
struct TextFlowTests {
  private let story = ["Once", " upon", " a", " time", ",\n", "in", " 日", "本", " there", " lived"].map {
    TextFlow.Token($0)
  }

  @Test("Tokens map to cells and back")
  func mapping() {
    let flow = TextFlow(story, width: 12)
    #expect(flow.lineCount == 4)
    #expect(flow.token(at: Point(0, 0)) == 0)
    #expect(flow.token(at: Point(4, 0)) == 1)
    #expect(flow.token(at: Point(0, 1)) == 3)
    #expect(flow.token(at: Point(11, 1)) == nil)
    #expect(flow.token(at: Point(0, 9)) == nil)
    #expect(flow.places(of: 1) == [Rect(4, 0, 5, 1)])
    #expect(flow.places(of: 3) == [Rect(11, 0, 1, 1), Rect(0, 1, 4, 1)])
    #expect(flow.places(of: 7) == [Rect(5, 2, 2, 1)])
    #expect(flow.places(of: 99) == [])
    #expect(flow.line(of: 9) == 3)
  }

  @Test("Every cell of a token maps back to the token", arguments: 0..<30)
  func inverse(_ seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let parts = ["a", " b", "日", "e", "\u{301}", "\n", "", " long word", "👩", "\u{200D}👧", "  "]
    let tokens = (0..<25).map { _ in TextFlow.Token(parts[Int(random.next() % UInt64(parts.count))]) }
    let width = Int(random.next() % 10) + 2
    let flow = TextFlow(tokens, width: width)
    var grown = TextFlow(width: width)
    for token in tokens { grown.append(token) }
    #expect(grown == flow)
    var cells = 0
    for index in tokens.indices {
      for place in flow.places(of: index) {
        cells += place.width
        for x in place.x..<place.maxX { #expect(flow.token(at: Point(x, place.y)) == index) }
      }
    }
    var filled = 0
    for y in 0..<flow.lineCount { for x in 0..<width where flow.token(at: Point(x, y)) != nil { filled += 1 } }
    #expect(cells == filled)
  }

  @Test("The view draws lines, the selected token, newlines and a caret")
  func view() {
    var tokens = story
    for index in tokens.indices { tokens[index].style = Style(.heat(UInt8(index))) }
    var grid = CellGrid(Size(14, 4))
    grid.draw(TextFlowView(TextFlow(tokens, width: 12), selected: 3, showsCaret: true), in: Rect(1, 0, 12, 4))
    #expect(grid.plainText == " Once upon a\n time,⏎\n in 日本\n there lived▏")
    let map = grid.styleMap { style in
      if style.background == .cursor { return "#" }
      if case .heat(let place) = style.role { return Character(String(place)) }
      return style.role == .accent ? "|" : " "
    }
    #expect(map == " 00001111122#\n ####44\n 55666778\n 88888999999|")
  }

  @Test("Every other token is shaded, and drawing starts at the top line")
  func shading() {
    var grid = CellGrid(Size(12, 2))
    grid.draw(TextFlowView(TextFlow(story, width: 12), top: 2, shadesTokens: true), in: grid.bounds)
    #expect(grid.plainText == "in 日本\nthere lived")
    #expect(grid.styleMap { $0.background == .tokenShade ? "s" : "." } == "ss...ss.....\n.....ssssss.")
  }

  @Test("Scrolling to a line moves the view as little as possible")
  func scrolling() {
    let flow = TextFlow((0..<50).map { TextFlow.Token("line \($0)\n") }, width: 20)
    #expect(flow.top(showing: 30, from: 0, height: 10) == 21)
    #expect(flow.top(showing: 25, from: 21, height: 10) == 21)
    #expect(flow.top(showing: 5, from: 21, height: 10) == 5)
    #expect(flow.top(showing: 50, from: 0, height: 10) == 41)
    #expect(TextFlow([.init("x")], width: 5).top(showing: 0, from: 9, height: 4) == 0)
  }

  @Test("Rewrapping uses the new width, but at least one column")
  func changes() {
    var flow = TextFlow(story, width: 12)
    flow.rewrap(width: 80)
    #expect(flow.lineCount == 2)
    flow.rewrap(width: 0)
    #expect(flow.wrapped.width == 1)
  }

  @Test("The space at a line break does not count as a shown column; a space at the end of the text does")
  func breaks() {
    let flow = TextFlow([.init("a village"), .init(" by the "), .init("sea \n"), .init("x ")], width: 10)
    #expect(flow.lineCount == 3)
    #expect((0..<3).map { flow.shownColumns(line: $0) } == [9, 10, 2])
    #expect(flow.shownColumns(line: 3) == 0 && flow.shownColumns(line: -1) == 0)
  }
}
