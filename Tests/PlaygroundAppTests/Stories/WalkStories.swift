import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Streams side by side: going to one by its number, and walking through all at once.
@Suite struct WalkStories {
  static let sizes = [Size(160, 50), Size(120, 36), Size(80, 24), Size(40, 12)]

  /// Three streams with texts.
  private func written(_ size: Size = Size(120, 36)) -> Player {
    var player = Player(size.width, size.height, settings: .steady)
    player.press("right tab + + m down enter enter shift-tab")
    player.change { $0.focus = .prompt }
    player.press("enter tab")
    return player
  }

  @Test(arguments: sizes)
  func aDigitGoesToItsStream(size: Size) {
    var player = written(size)
    for (key, index) in [("3", 2), ("1", 0), ("2", 1)] {
      player.press(key)
      #expect(player.state.focus == .stream(index))
      #expect(player.state.shell.layout[.stream(index)] != nil, "it is on the screen")
      #expect(player.state.generate.lead == index)
    }
    player.press("4")
    #expect(player.state.focus == .stream(1))
    #expect(player.state.notice == "there is no stream D: + adds one")
    player.change { $0.focus = .prompt }
    player.type("1")
    #expect(
      player.state.focus == .prompt && player.state.prompt.editor.text.hasSuffix("1"), "in the prompt it is typed")
  }

  @Test func helpAndPaletteNameThem() {
    var player = written()
    player.press("f1")
    #expect(
      player.screen.contains("1 2 3 4")
        || HelpView.lines(player.state).contains { $0.contains { $0.text.contains("1 2 3 4") } })
    player.press("esc ctrl-p")
    player.type("stream b")
    #expect(player.screen.contains("Go to stream B"))
    player.press("enter")
    #expect(player.state.focus == .stream(1))
  }

  @Test(arguments: sizes)
  func cursorsMoveTogether(size: Size) {
    var player = written(size)
    player.press("1 g right right")
    #expect(player.state.generate.streams.map(\.cursor) == [2, nil, nil])
    player.press("w")
    #expect(player.state.generate.streams.map(\.cursor) == [2, 2, 2])
    #expect(player.grid().lines[0].contains("together"))
    player.press("right")
    #expect(player.state.generate.streams.map(\.cursor) == [3, 3, 3])
    player.press("2 left left")
    #expect(player.state.generate.streams.map(\.cursor) == [1, 1, 1])
    player.press("G")
    #expect(player.state.generate.streams.map(\.cursor) == [nil, nil, nil])
    player.press("w g")
    #expect(player.state.generate.streams.map(\.cursor) == [nil, 0, nil])
    #expect(!player.grid().lines[0].contains("together"))
  }

  @Test func aShorterTextIsShownToItsEnd() {
    var player = written()
    player.press("2 , , , , , , , , 1 w")
    let counts = player.state.generate.streams.map { $0.run?.trace.tokens.count ?? 0 }
    #expect(counts[1] < counts[0] - 4)
    player.press("left left")
    #expect(player.state.generate.streams[0].cursor == counts[0] - 2)
    #expect(player.state.generate.streams[1].cursor == nil)
  }
}
