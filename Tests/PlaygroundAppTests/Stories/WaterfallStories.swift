import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The sampler waterfall in the candidates pane.
@Suite struct WaterfallStories {
  private static let settings: PlaygroundSettings = {
    var chain = SamplingSettings()
    (chain.temperature, chain.topK, chain.topP) = (0.8, 8, 0.9)
    return PlaygroundSettings(sampling: chain, maxTokens: 40)
  }()

  /// The rows of the pane with the candidates.
  private func pane(_ player: Player) -> [String] {
    guard let rect = player.state.shell.layout[.candidates]?.frame else { return [] }
    let grid = player.grid()
    return (0..<rect.height).map { row in
      (rect.x..<rect.maxX).map { grid[Point($0, rect.y + row)].text }.joined()
    }
  }

  @Test(arguments: [Size(120, 36), Size(40, 12)])
  func everyStageThatActsHasAColumnAndARemovedTokenACross(size: Size) throws {
    var player = Player(size.width, size.height, settings: Self.settings)
    player.press("right tab W")
    let list = player.state.generate.candidates
    let steps = try #require(list.answer?.steps)
    #expect(steps.map(\.stage) == [nil, .temperature, .topK, .topP])
    let rows = pane(player)
    #expect(rows[0].contains("waterfall"), "\(player.screen)")
    #expect(rows[1].contains("top-p") && rows[1].contains("top-k"), "\(player.screen)")
    #expect(rows.contains { $0.contains(size.height < 20 ? "keeps 1" : "kept") }, "\(player.screen)")
    // The first removed token has a cross in the column of its stage.
    let index = try #require((0..<list.count).first { list.rows[$0]?.removedBy != nil })
    for _ in 0..<index { player.press("down") }
    let row = try #require(pane(player).first { $0.contains("▸") })
    #expect(row.contains("✗"), "\(player.screen)")
    player.press("W")
    #expect(!pane(player)[0].contains("waterfall"))
  }

  @Test func valuesAndOrderChangeTheWaterfallAtOnce() throws {
    var player = Player(120, 36, settings: Self.settings)
    player.press("right tab s W")
    #expect(pane(player)[1].contains("temperature") || pane(player)[1].contains(" T "), "\(player.screen)")
    let before = player.state.generate.candidates.answer?.steps
    // The chosen stage is temperature, whose value goes up.
    player.press("right")
    let after = try #require(player.state.generate.candidates.answer?.steps)
    #expect(after.map(\.kind) == before?.map(\.kind) && after != before)
    // Down one place: top-k then comes before temperature.
    player.press("J")
    #expect(player.state.generate.candidates.answer?.steps.map(\.stage) == [nil, .topK, .temperature, .topP])
    #expect(player.state.generate.candidates.answer?.entropy != nil)
  }

  @Test func columnsScrollWhereNotAllFit() throws {
    var player = Player(40, 12, settings: Self.settings)
    player.press("right tab W")
    #expect(!pane(player)[1].contains("model") && pane(player)[1].contains("top-p"), "\(player.screen)")
    player.press("{ {")
    #expect(pane(player)[1].contains("model") && !pane(player)[1].contains("top-p"), "\(player.screen)")
    player.press("}")
    #expect(!pane(player)[1].contains("model"))
  }

  @Test func anEngineWithoutStepsSaysSo() {
    var player = Player(80, 24, settings: Self.settings)
    player.press("right tab")
    player.change { $0.tabs[GenerateState.self].candidates.answer?.steps = [] }
    player.press("W")
    #expect(player.state.generate.candidates.showsSteps == false)
    #expect(player.screen.contains("steps of the chain are not known"), "\(player.screen)")
  }

  @Test func theColumnOfTheChosenStageIsVisible() {
    let steps =
      [ChainStep(.model, kept: 9, entropy: 3)]
      + [.temperature, .topNSigma, .topH, .topK, .topP, .minP, .typicalP].map {
        ChainStep(.stage($0), kept: 5, entropy: 2)
      }
    for width in [38, 58, 118] {
      for (index, step) in steps.enumerated() where step.stage != nil {
        let columns = WaterfallColumns(width: width, digits: 2, longest: 8, steps: steps, showing: step.stage)
        #expect(columns.visible.contains(index) && columns.visible.upperBound <= steps.count)
        #expect(columns.x(columns.visible.upperBound) < width)
      }
      let last = WaterfallColumns(width: width, digits: 2, longest: 8, steps: steps)
      #expect(last.visible.upperBound == steps.count)
    }
  }
}
