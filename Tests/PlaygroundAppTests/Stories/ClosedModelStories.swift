import EngineAPI
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Models in the list that can't be opened.
@Suite struct ClosedModelStories {
  private static let models = [
    ModelSummary(
      name: "hf:org/half", path: "/c/half", family: nil, architecture: "", parameters: nil, dtype: nil, bytes: 7,
      context: .unknown, source: "hf", reason: "the download is not complete"),
    ModelSummary(
      name: "hf:org/mamba", path: "/c/mamba", family: nil, architecture: "mamba", parameters: 7, dtype: "f32",
      bytes: 28,
      context: .unknown, source: "hf", reason: "the architecture mamba is not supported"),
  ]

  /// The list of models, narrowed to one of those above.
  private func list(_ model: ModelSummary) -> Player {
    var player = Player()
    player.send(.models(player.state.models + Self.models))
    player.press("f2")
    player.type(String(model.name.dropFirst("hf:org/".count)))
    return player
  }

  @Test(arguments: models)
  func theListShowsThemDimmedAndTheReasonBeside(model: ModelSummary) throws {
    let player = list(model)
    let grid = player.grid()
    let row = try #require(grid.lines.firstIndex { $0.contains("▸ \(model.name)") })
    let line = grid.lines[row]
    let start = try #require(line.range(of: model.name)).lowerBound
    #expect(grid[Point(line.distance(from: line.startIndex, to: start), row)].style.role == .dim)
    #expect(player.screen.contains(model.architecture.isEmpty ? "can't open" : "mamba: not supported"))
    // A long reason takes two lines of the card.
    let reason = try #require(model.reason)
    #expect(player.screen.contains("can't open: \(reason.prefix(20))"))
  }

  @Test(arguments: models)
  func enterSaysTheReasonAndKeepsTheModel(model: ModelSummary) throws {
    var player = list(model)
    let before = player.state.current.model
    player.press("enter")
    guard case .failure(let error) = player.state.overlay else {
      Issue.record("no reason")
      return
    }
    #expect(error.place == "/c/\(model.name.dropFirst("hf:org/".count))" && error.found == model.reason)
    #expect(player.state.current.model == before && player.state.opened[ModelReference(model.name)] == nil)
  }

  /// A store may hold thousands of models, which are found while the list is open.
  @Test func modelsFoundWhileTheListIsOpenKeepTheChosenRow() {
    var player = Player(80, 24)
    let first = player.state.models
    player.press("f2 down")
    let chosen = player.grid().lines.first { $0.contains("▸") }
    let found = (0..<5_000).map { number in
      ModelSummary(
        name: "hf:org/a\(number)", path: "/c/\(number)", family: .causal, architecture: "gpt2", parameters: 7,
        dtype: "f32", bytes: 28, context: .unknown, source: "hf")
    }
    player.send(.models(found + first))
    #expect(player.grid().lines.first { $0.contains("▸") } == chosen, "\(player.screen)")
    player.type("a4999")
    #expect(player.screen.contains("▸ hf:org/a4999"))
    // A chosen model that is no longer found leaves the list where it was.
    player.send(.models(first))
    #expect(player.grid().problems(player.state) == [])
  }
}
