import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct StyleTests {
  private func player(_ task: TabID) -> Player {
    var player = Player(task: task, settings: .steady)
    player.press("right enter")
    return player
  }

  @Test(arguments: TabID.allCases)
  func onlyTheFocusedPaneHasTheAccentBorder(task: TabID) {
    var player = player(task)
    for _ in 0..<6 {
      let grid = player.grid()
      for pane in Layout(player.state).panes where pane.isFramed {
        let role = grid[Point(pane.frame.x, pane.frame.maxY - 1)].style.role
        #expect(role == (pane.focus == player.state.focus ? .focusedBorder : .border))
      }
      player.press("tab")
    }
  }

  @Test(arguments: TabID.allCases)
  func onlyAnOverlayIsLitWhileItIsOpen(task: TabID) {
    for keys in ["f1", "f2", "f3", "f4", "ctrl-p"] {
      var player = player(task)
      player.press("tab")
      player.press(keys)
      guard player.state.overlay != nil else { continue }
      let grid = player.grid()
      // Each frame has one lower left corner.
      let corners = (0..<grid.size.height).flatMap { y in (0..<grid.size.width).map { Point($0, y) } }
        .filter { grid[$0].text == grid.glyphs.lowerLeft }
      #expect(corners.count { grid[$0].style.role == .focusedBorder } == 1, "\(keys)\n\(player.screen)")
    }
  }

  @Test func theTokenAtTheCursorHasTheCursorsBackground() throws {
    var player = player(.generate)
    player.press("tab tab g")
    let grid = player.grid()
    let map = grid.styleMap { $0.background == .cursor ? "#" : " " }
    #expect(map.filter { $0 == "#" }.count == "little".count)
    #expect(try grid[#require(player.state.streamStart)].style.background == .cursor)
  }

  @Test func aChosenTokenIsUnderlined() throws {
    var player = player(.generate)
    player.press("tab tab g shift-tab down enter")
    let grid = player.grid()
    // The chosen candidate replaces "little" at the beginning of the text.
    let start = try #require(player.state.streamStart)
    #expect(grid[start].style.attributes.contains(.underline))
  }

  @Test func tokensOfThePromptStandOnAlternatingGrounds() {
    let player = player(.generate)
    let grid = player.grid()
    #expect(grid[Point(2, 3)].style.background == nil)
    #expect(grid[Point(6, 3)].style.background == .tokenShade)
    #expect(grid[Point(11, 3)].style.background == nil)
  }

  @Test func masksStandOutInTheText() {
    let player = player(.fillMask)
    #expect(player.grid()[Point(17, 3)].style == Style(.accent, .bold))
  }

  /// With eight colors the two strongest steps are the same red, normal and bold. A solid swatch does not show the
  /// difference.
  @Test func aLegendOfFewColorsWritesItsWordsInThem() throws {
    let player = player(.generate)
    let words = [">50 %", ">10 %", ">1 %", "less"]
    for colors in [ColorDepth.ansi16, .indexed256] {
      let grid = view(player.state, colors: colors)
      let row = try #require(grid.lines.firstIndex { $0.contains("color: probability") })
      let roles = try words.map { word in
        let start = try #require(grid.lines[row].firstRange(of: word)).lowerBound
        return grid[Point(grid.lines[row].distance(from: grid.lines[row].startIndex, to: start), row)].style.role
      }
      let steps = roles.map { role -> Int? in if case .heat(let place) = role { HeatPlace.step(place) } else { nil } }
      #expect(steps == (colors == .ansi16 ? [0, 1, 2, 3] : [nil, nil, nil, nil]))
    }
  }

  @Test func improbableTokensAreWarmerThanProbableOnes() {
    let player = player(.generate)
    func heat(_ row: Int) -> UInt8 {
      if case .bar(let place) = player.grid()[Point(81, row)].style.role { place } else { 0 }
    }
    #expect(heat(3) < heat(4))
  }

  @Test func theTerminalsCursorStandsInThePromptAlone() {
    var player = player(.generate)
    #expect(player.grid().cursor == Point(3, 4))
    player.press("tab")
    #expect(player.grid().cursor == nil)
    player.press("/")
    #expect(player.grid().cursor != nil)
    player.press("esc shift-tab f1")
    #expect(player.grid().cursor == nil)
  }
}
