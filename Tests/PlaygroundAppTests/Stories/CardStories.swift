import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A model's card, read in the list of models.
@Suite struct CardStories {
  private func card(_ player: Player) throws -> ModelCard {
    guard case .card(let card) = player.state.overlay else { throw NoCard() }
    return card
  }

  private struct NoCard: Error {}

  @Test func escapeLeadsBackToTheListAsItWas() throws {
    var player = Player(80, 24)
    player.press("f2")
    player.type("mini")
    let list = player.state.overlay
    player.press("tab")
    #expect(try card(player).model.name == "storyteller-mini")
    #expect(player.screen.contains("no card: the folder has no README.md"))
    player.press("esc")
    #expect(player.state.overlay == list)
    player.press("esc")
    #expect(player.state.overlay == nil && player.exitCode == nil)
  }

  @Test func enterChoosesTheModel() {
    var player = Player(80, 24)
    player.press("f2")
    player.type("mini")
    player.press("tab enter")
    #expect(player.state.overlay == nil)
    #expect(player.state.current.model == ModelReference("storyteller-mini"))
  }

  @Test func onlyModelsHaveCards() {
    var player = Player(80, 24)
    player.press("f4")
    let themes = player.state.overlay
    player.press("tab")
    #expect(player.state.overlay == themes)
    #expect(!player.screen.contains("Tab card"))
    player.press("esc f2")
    player.type("nothing at all")
    let empty = player.state.overlay
    player.press("tab")
    #expect(player.state.overlay == empty)
  }

  @Test func theKeyIsInTheHelpAndInTheHints() {
    var player = Player(80, 24)
    player.press("f2")
    #expect(player.screen.contains("Tab card"))
    player.press("esc")
    let lines = HelpView.lines(player.state).map { $0.map(\.text).joined() }
    #expect(lines.contains { $0.contains("Tab") && $0.contains("Read the card of the model in the list") })
  }

  @Test func itScrollsToItsEndsAndNoFurther() throws {
    var player = Player(40, 12, catalogue: Cards.models(Cards.story))
    player.press("f2 tab up")
    #expect(try card(player).top == 0)
    player.press("down down")
    #expect(try card(player).top == 2)
    player.press("G down pagedown")
    let last = try card(player).top
    #expect(last == CardView.lastTop(try card(player), size: Size(40, 12)) && last > 9)
    #expect(player.screen.contains("Opens in transformers as well."))
    player.press("pageup")
    let page = CardView.rows(try card(player), size: Size(40, 12)) - 1
    #expect(try card(player).top == last - page && page > 3)
    player.send(.input(.mouse(MouseEvent(.scrollUp, at: Point(5, 5)))))
    #expect(try card(player).top == last - page - 1)
    player.press("g")
    #expect(try card(player).top == 0)
    player.press("q")
    #expect(player.exitCode == nil)
    guard case .picker = player.state.overlay else { throw NoCard() }
  }

  @Test func aWiderScreenKeepsThePlaceInTheText() throws {
    let card = (1...400).map { "\($0) " + String(repeating: "word ", count: 20) }.joined(separator: "\n")
    var player = Player(40, 12, catalogue: Cards.models(card))
    player.press("f2 tab G")
    #expect(player.screen.contains("400 word"))
    player.send(.input(.resize(Size(120, 36))))
    let reading = try self.card(player)
    #expect(reading.top <= CardView.lastTop(reading, size: Size(120, 36)))
    #expect(player.screen.contains("400 word") || player.screen.contains("390 word"))
    player.send(.input(.resize(Size(5, 2))))
    player.send(.input(.resize(Size(80, 24))))
    #expect(player.grid().problems(player.state) == [])
  }

  @Test(arguments: [
    "\u{1B}[31mred\u{1B}[0m\u{7}\u{9B}2J\u{202E}\u{0}", "line\r\nline\rline\u{2028}line\u{85}line",
    "\u{FFFD}\u{FFFD}\t\ttabs\t",
    String(repeating: "\u{301}", count: 3000), String(repeating: "👩‍🚀", count: 700), "| | |\n|\n||\n| --- |\n|:-:|",
    String(repeating: "x", count: 200_000), String(repeating: "\n", count: 100_000) + "end", "---\nkey: value",
    "   \n\t\n", String(repeating: "[", count: 60_000), String(repeating: "*a ", count: 20_000),
    String(repeating: "`` ` ", count: 12_000), String(repeating: "[a](", count: 15_000),
    "**\u{1B}[2J** `\u{9B}31m` [x](\u{7})",
    String(repeating: "|a", count: 30_000) + "\n" + String(repeating: "|-", count: 30_000),
    String(repeating: "> ", count: 30_000), String(repeating: "- ", count: 30_000),
    String(repeating: "<", count: 60_000),
    "```\n" + String(repeating: "é", count: 9_000), "| a | b |\n|---|---|\n| \u{1B}]0;t\u{7} | `\u{0}|` |",
  ])
  func hostileCardsDisturbNothing(text: String) throws {
    for (width, height) in [(40, 12), (80, 24), (120, 36)] {
      var player = Player(width, height, catalogue: Cards.models(text))
      player.press("f2")
      #expect(player.grid().problems(player.state) == [])
      player.press("tab down G")
      let grid = player.grid()
      #expect(grid.problems(player.state) == [])
      let scalars = grid.plainText.unicodeScalars
      #expect(
        !scalars.contains { $0 != "\n" && ($0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0.value == 0x202E) })
      #expect(try card(player).lines.count <= 10_000)
    }
  }

  @Test func linesOfAnyNewlineAreLines() {
    let lines = CardLine.lines(of: "a\r\n\r\nb\r\rc\n\nd", width: 20)
    #expect(lines.map(\.text) == ["a", "", "b", "", "c", "", "d"])
  }
}
