import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// An overlay either leaves a margin wide enough to show something, or covers all panes.
@Suite struct OverlayPlaceTests {
  static let sizes = [Size(160, 50), Size(120, 36), Size(100, 30), Size(80, 24), Size(60, 30), Size(40, 12)]

  /// The place of the overlay on the screen: the box whose title is `title`.
  private func place(_ title: String, on player: Player) throws -> Rect {
    let lines = player.grid().lines
    let top = try #require(lines.firstIndex { $0.contains("╭─ \(title) ") }, "\(title) is not there")
    let left = lines[top].prefix(upTo: try #require(lines[top].firstRange(of: "╭─ \(title) ")).lowerBound).count
    let right = try #require(lines[top].dropFirst(left).firstIndex(of: "╮"))
    let width = lines[top].distance(from: lines[top].startIndex, to: right) + 1 - left
    let bottom = try #require(lines.indices.dropFirst(top).first { Array(lines[$0])[left] == "╰" })
    return Rect(left, top, width, bottom + 1 - top)
  }

  @Test(arguments: sizes)
  func aMarginOrNothing(size: Size) throws {
    for (keys, title) in [("f1", "Keys"), ("f2", "Model of A"), ("f4", "Theme"), ("ctrl-p", "All actions")] {
      var player = Player(size.width, size.height)
      player.press(keys)
      let frame = try place(title, on: player)
      let isWhole = frame == Rect(0, 1, size.width, size.height - 2)
      let margins = [frame.x, size.width - frame.maxX]
      let rows = [frame.y - 1, size.height - 1 - frame.maxY]
      #expect(isWhole || (margins.min() ?? 0) >= 8 && (rows.min() ?? 0) >= 3, "\(title): \(frame)")
    }
  }

  @Test(arguments: sizes)
  func textsThatScrollSaySo(size: Size) {
    var player = Player(size.width, size.height)
    player.press("f1")
    let isLong = HelpView.lastTop(player.state) > 0
    #expect(player.screen.contains("↑↓ scroll") == isLong)
    player.press("esc f3")
    #expect(player.screen.contains("Esc close"), "the sampler leaves the hints")
  }

  @Test(arguments: [Size(80, 24), Size(40, 12)])
  func lowScreensHaveNoFreeLineInTheKeys(size: Size) {
    var player = Player(size.width, size.height)
    player.press("f1")
    let inside = player.screen.split(separator: "\n").dropFirst(2).dropLast(2)
    #expect(inside.allSatisfy { $0.contains { $0.isLetter || $0 == "]" || $0 == "[" } })
  }

  @Test func aCardDoesNotRepeatItsTitle() {
    let card = { (text: String) in
      let player = Player(catalogue: Cards.models(text))
      let model = player.state.models[0]
      return CardLine.lines(of: model, width: 40).map(\.text)
    }
    #expect(card("# storyteller\n\nA text.") == ["A text."])
    #expect(card("# Tales of old\n\nA text.") == ["Tales of old", "", "A text."])
    #expect(card("storyteller\n\nA text.") == ["storyteller", "", "A text."])
  }
}
