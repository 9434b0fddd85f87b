import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Zooming the focused pane to the whole screen, and back.
@Suite struct ZoomStories {
  static let sizes = [Size(160, 50), Size(120, 36), Size(80, 24), Size(40, 12)]

  @Test(arguments: TabID.allCases, sizes)
  func everyPaneFillsTheRoomAndGivesItBack(tab: TabID, size: Size) {
    var player = Player(size.width, size.height, task: tab, settings: .steady)
    player.press("right enter")
    for focus in player.state.focusOrder {
      player.change { $0.focus = focus }
      player.send(.input(.focus(true)))
      let before = player.state
      player.press("alt-z")
      let panes = player.state.shell.layout.panes
      #expect(panes.map(\.focus) == [focus])
      let beside = [
        player.state.shell.layout.header, player.state.shell.layout.legend, player.state.shell.layout.hints,
      ]
      #expect(
        panes.map(\.frame.height) == [size.height - beside.reduce(0) { $0 + $1.height }]
          && panes.map(\.frame.width) == [size.width])
      #expect(player.grid().lines[0].contains("zoomed"))
      #expect(player.grid().problems(player.state) == [])
      player.press(focus.context.isTextEntry ? "alt-z" : "z")
      #expect(player.state.shell.layout == before.shell.layout)
      #expect(player.state.tabs == before.tabs, "what was hidden is as it was")
      #expect(!player.grid().lines[0].contains("zoomed"))
    }
  }

  @Test func escapeBringsThePanesBackBeforeItDoesAnythingElse() {
    var player = Player(120, 36, settings: .steady)
    player.press("right enter tab tab g z esc")
    #expect(player.state.shell.layout.panes.count == 3)
    #expect(player.state.generate.leading.cursor == 0, "the cursor is where it was")
    player.press("esc")
    #expect(player.state.generate.leading.cursor == nil)
    player.holdsStreams = true
    player.press("r z esc")
    #expect(player.state.shell.isZoomed && !player.state.generate.isBusy, "what runs is stopped first")
  }

  @Test func theNextPaneIsZoomedToo() {
    var player = Player(80, 24, settings: .steady)
    player.press("right enter tab z")
    #expect(player.state.shell.layout.panes.map(\.focus) == [.candidates])
    player.press("tab")
    #expect(player.state.shell.layout.panes.map(\.focus) == [.stream(0)])
    #expect(player.screen.contains("little girl"))
  }

  @Test func theListShowsAsManyRowsAsItHas() {
    var player = Player(80, 24, settings: .steady)
    player.press("right enter tab")
    let rows = player.state.generate.candidates.window.height
    player.press("z")
    #expect(player.state.generate.candidates.window.height > rows + 8)
    player.press("z")
    #expect(player.state.generate.candidates.window.height == rows)
  }
}
