import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// What small screens, few colors and no colors still show.
@Suite struct LittleRoomStories {
  @Test(arguments: [Size(80, 24), Size(84, 30), Size(120, 36)], ColorDepth.allCases)
  func theTokenAtTheCursorHasItsFacts(size: Size, colors: ColorDepth) throws {
    var player = Player(size.width, size.height, settings: .steady)
    player.type("Once upon a")
    player.press("enter tab tab left left left")
    try #require(player.state.current.walkedCursor != nil)
    for heat in HeatMeasure.allCases {
      let line = player.grid(colors).lines[player.state.shell.layout.legend.y]
      #expect(line.contains(" %") && line.contains("rank ") && line.contains(" bits"), "\(heat): \(line)")
      #expect(line.hasSuffix(" ") && !line.contains("…"), "\(line)")
      for step in HeatScaleSteps.legend(heat, isColored: true).steps {
        #expect(line.contains(step.label), "the legend stays: \(line)")
      }
      player.press("c")
    }
  }

  @Test func everyActionOfThePaletteIsReadableAtFortyColumns() {
    for tab in TabID.allCases {
      var player = Player(40, 12, task: tab)
      player.press("ctrl-p")
      guard case .picker(let picker) = player.state.overlay else {
        Issue.record("no palette")
        return
      }
      let items = player.state.items(picker)
      for item in items {
        let words = player.screen.split(whereSeparator: { " │\n".contains($0) }).joined(separator: " ")
        #expect(words.contains(item.name), "\(player.screen)")
        player.press("down")
      }
    }
  }

  @Test func aHintThatDoesNotFitEndsWithAnEllipsis() {
    var player = Player(40, 12)
    player.send(.input(.paste(String(repeating: "Once ", count: 2_000))))
    let words = player.screen.split(whereSeparator: { " │\n".contains($0) }).joined(separator: " ")
    #expect(words.contains("shorten it, or open a model with a longer context"), "\(player.screen)")
    var grid = CellGrid(Size(12, 3))
    grid.draw(DimLines("one two three four five"), in: Rect(0, 0, 9, 2))
    #expect(grid.lines == ["one two     ", "three…      ", "            "])
  }

  @Test func theMessageOfATooSmallTerminalIsReadable() {
    let player = Player(20, 7)
    let words = player.screen.split(whereSeparator: { " \n".contains($0) }).joined(separator: " ")
    #expect(words == "This terminal is too small. 20 × 7; it takes 40 × 12. Ctrl-Q leaves.")
  }

  @Test func theBarsOfMasksHaveALegend() {
    for size in [Size(120, 36), Size(80, 24)] {
      var player = Player(size.width, size.height, task: .fillMask)
      player.type("The capital of [MASK] is [MASK].")
      let row = player.state.shell.layout.legend.y
      for colors in [ColorDepth.ansi16, .indexed256, .trueColor] {
        #expect(player.grid(colors).lines[row].contains("color: probability  ██ >50 %"))
      }
      #expect(player.grid(.none).lines[row].contains("bars: probability, from 0 to 100 %"))
      player.press("tab b")
      #expect(player.grid(.none).lines[row].contains("bars: relative to the first candidate"))
    }
  }

  @Test(arguments: [Size(80, 24), Size(40, 12)])
  func thePromptsCountHasItsUnitWhereTheContextHasNoLimit(size: Size) {
    var player = Player(size.width, size.height, task: .translate)
    player.type("How are you?")
    let title = player.screen.split(separator: "\n").first { $0.contains("English") } ?? ""
    #expect(title.contains(" tok ─"), "\(title)")
  }

  @Test func aSearchedWordIsShownInLowPanes() {
    var player = Player(40, 12)
    player.type("Once upon a")
    player.press("tab /")
    player.type("vil")
    #expect(player.screen.contains("╭─ /vil "), "\(player.screen)")
    #expect(player.grid().cursor == Point(7, player.state.shell.layout[.candidates]?.frame.y ?? 0))
    player.press("enter")
    #expect(player.screen.contains("╭─ /vil ") && player.grid().cursor == nil, "the list is still narrowed")
    player.press("esc")
    #expect(player.screen.contains("╭─ Candidates "))
    player.press("/")
    player.type(String(repeating: "long", count: 20))
    #expect(player.grid().problems(player.state) == [] && player.screen.contains("longlong"), "\(player.screen)")
  }

  /// The part of a pane that the overlay leaves keeps its title.
  @Test func theSamplerCoversAPaneWholeOrItsRestHasATitle() {
    for width in [100, 120, 160] {
      for height in [24, 27, 30, 36, 50, 60] {
        var player = Player(width, height, settings: .steady)
        player.type("Once upon a")
        player.press("enter f3")
        let frame = player.state.shell.layout.sampler
        for pane in player.state.shell.layout.panes where pane.focus != .prompt {
          let isBeside = pane.frame.x >= frame.maxX
          let isCovered = frame.y <= pane.frame.y && pane.frame.maxY <= frame.maxY
          #expect(isBeside || isCovered || pane.frame.y >= frame.maxY, "\(width) columns, \(height) rows")
        }
        #expect(player.grid().problems(player.state) == [], "\(player.screen)")
        let rows = player.screen.split(separator: "\n", omittingEmptySubsequences: false)
        let below = frame.maxY < rows.count ? String(rows[frame.maxY].prefix(frame.maxX)) : ""
        let hasStreamBelow = player.state.shell.layout[.stream(0)].map { $0.frame.y == frame.maxY } ?? false
        #expect(!hasStreamBelow || below.contains("╭─ A "), "\(player.screen)")
      }
    }
  }

  @Test(arguments: [Size(40, 12), Size(80, 24)])
  func everyRowOfTheLessonsNamesItsTab(size: Size) {
    var player = Player(size.width, size.height)
    player.press("f7")
    for lesson in Lesson.all {
      let row = player.screen.split(separator: "\n").first { $0.contains("▸") } ?? ""
      #expect(row.contains(lesson.title) && row.contains(lesson.tab.title.lowercased()), "\(row)")
      player.press("down")
    }
  }
}
