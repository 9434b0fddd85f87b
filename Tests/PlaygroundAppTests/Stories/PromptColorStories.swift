import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The prompt's own tokens in the colors of the heat scale.
@Suite struct PromptColorStories {
  private func requests(_ player: Player) -> [ScoreRequest] {
    player.effects.compactMap { if case .score(_, let request) = $0 { request } else { nil } }
  }

  /// The roles of the prompt's cells in its first line of text.
  private func roles(_ player: Player, _ count: Int) -> [Role] {
    guard let pane = player.state.shell.layout[.prompt] else { return [] }
    let room = PromptView.room(pane)
    return (0..<count).map { player.grid()[Point(room.x + $0, room.y)].style.role }
  }

  @Test func tokensAreColoredButTheFirst() throws {
    var player = Player(120, 36, settings: .steady)
    player.type("Once upon a")
    player.press("tab")
    let tokens = player.state.prompt.scores.tokens
    #expect(tokens.count == 3 && tokens[0].logprob == nil)
    let shown = roles(player, 11)
    #expect(shown[0..<4].allSatisfy { $0 == .text })
    let fraction = try #require(HeatScaleSteps.fraction(tokens[1], .probability))
    #expect(shown[5] == .heat(fraction: fraction))
    player.press("c")
    let rank = try #require(HeatScaleSteps.fraction(tokens[1], .rank))
    #expect(roles(player, 11)[5] == .heat(fraction: rank))
  }

  @Test func aKeyTurnsThemOffAndOn() {
    var player = Player(120, 36, settings: .steady)
    player.type("Once upon a")
    player.press("alt-c")
    #expect(player.state.notice == "the prompt's tokens are plain")
    #expect(roles(player, 11).allSatisfy { $0 == .text })
    let asked = requests(player).count
    player.type(" time")
    #expect(requests(player).count == asked, "nothing is asked for while it is off")
    player.press("tab P")
    #expect(requests(player).count == asked + 1)
    #expect(roles(player, 11)[5] != .text)
  }

  @Test func oneRequestAText() {
    var player = Player(120, 36, settings: .steady)
    player.send(.input(.paste("Once upon a")))
    #expect(requests(player).count == 1)
    player.press("tab down up right left shift-tab left left c")
    #expect(requests(player).count == 2, "the c was typed")
    player.press("backspace")
    #expect(requests(player).count == 3)
  }

  @Test func whatIsKnownOfTheBeginningStays() {
    var player = Player(120, 36, settings: .steady)
    player.send(.input(.paste("Once upon a")))
    let before = roles(player, 9)
    player.holdsAnswers = true
    player.type("b")
    #expect(roles(player, 9) == before, "the answer is not there yet")
  }

  @Test func aRequestForATextThatIsGoneIsCancelled() {
    var player = Player(120, 36, settings: .steady)
    player.press("right")
    player.holdsAnswers = true
    player.type("b")
    player.change {
      $0.prompt.scores.ask(TokenQuestion(text: "x", model: ModelReference("storyteller")), version: 1_000)
    }
    player.type("c")
    #expect(player.effects.suffix(3).contains(.cancel(.scores(.generate))))
    #expect(!player.state.prompt.scores.isAwaited)
  }

  @Test func aTextBeyondTheContextIsNotScored() {
    var player = Player(120, 36, settings: .steady)
    player.send(.input(.paste(String(repeating: " once", count: 600))))
    #expect(player.state.prompt.tokens.count > 512)
    #expect(requests(player).isEmpty)
  }

  @Test func onlyCausalModelsAreAsked() {
    for tab in [TabID.fillMask, .translate] {
      var player = Player(120, 36, task: tab)
      player.press("right enter")
      #expect(requests(player).isEmpty)
    }
  }

  @Test func aFailureLeavesThePromptPlainAndIsNotAskedForAgain() {
    var player = Player(120, 36, settings: .steady)
    player.holdsAnswers = true
    player.send(.input(.paste("Once upon")))
    player.holdsAnswers = false
    player.answer()
    var scores = PromptScores()
    scores.ask(TokenQuestion(text: "Once upon", model: ModelReference("storyteller")), version: 3)
    scores.receive(.failure(EngineError(.model, "can't score")), version: 3)
    #expect(scores.tokens.isEmpty && !scores.isAwaited)
    #expect(scores.heat(of: "Once upon", .probability)(1, 1, 9) == nil)
    #expect(scores.asked != nil)
  }
}
