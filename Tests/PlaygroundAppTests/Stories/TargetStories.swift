import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Targets in the Fill mask tab: given fillings of one piece or several, ranked by their probability.
@Suite struct TargetStories {
  /// A text with one mask, and its targets.
  static func player(_ size: Size = Size(120, 36), targets: String = "paris, france, red green, italy") -> Player {
    var player = Player(size.width, size.height, task: .fillMask)
    player.send(.input(.paste("The capital of [MASK] is here.")))
    player.press("enter")
    enter(targets, &player)
    return player
  }

  /// Types targets in place of those that are there.
  static func enter(_ targets: String, _ player: inout Player) {
    player.press("T ctrl-u")
    player.type(targets)
    player.press("enter")
  }

  private func requests(_ player: Player) -> [ChoiceRequest] {
    player.effects.compactMap { if case .rankChoices(_, let request) = $0 { request } else { nil } }
  }

  @Test func targetsOfSeveralPiecesAreRankedByTheirSums() throws {
    let player = Self.player()
    let targets = player.state.fillMask.targets
    #expect(targets.texts == ["paris", "france", "red green", "italy"] && player.state.fillMask.focus == .targets)
    #expect(targets.ranked.map(\.text).first == "france" && targets.ranked.count == 4)
    let sums = targets.ranked.compactMap(\.logprob)
    #expect(sums == sums.sorted(by: >) && sums.count == 4)
    let several = try #require(targets.ranked.first { $0.text == "red green" })
    #expect(several.tokens.count == 3 && several.tokens.map(\.token.text).joined() == "red green")
    // The first piece is predicted while the others are masks.
    let request = try #require(requests(player).last)
    #expect(request.text == "The capital of [MASK] is here." && request.mask?.text == "[MASK]")
    #expect(player.screen.contains("per token") && player.screen.contains("pieces"))
  }

  @Test func targetsStayWhileTheTextChanges() throws {
    var player = Self.player()
    let before = player.state.fillMask.targets.ranked
    player.press("shift-tab shift-tab")
    #expect(player.state.fillMask.focus == .prompt)
    player.type(" Now")
    let after = player.state.fillMask.targets
    #expect(after.texts.count == 4 && after.ranked.count == 4 && after.ranked != before && !after.isAwaited)
    #expect(requests(player).last?.text == "The capital of [MASK] is here. Now")
    #expect(requests(player).count == 5)
  }

  @Test func theLineOpensWithWhatIsThereAndAnEmptyOneTakesThemAway() {
    var player = Self.player()
    player.press("T")
    guard case .picker(let picker) = player.state.overlay else {
      Issue.record("no line is open")
      return
    }
    #expect(picker.filter.text == "paris, france, red green, italy")
    player.type(", china")
    player.press("enter")
    #expect(player.state.fillMask.targets.texts.last == "china" && player.state.fillMask.targets.ranked.count == 5)
    player.press("T ctrl-u enter")
    #expect(!player.state.fillMask.targets.isShown && player.state.overlay == nil)
    #expect(player.state.fillMask.focus == .mask(0) && !player.screen.contains("Targets"))
  }

  @Test(arguments: [
    ("paris,,rome", "a target is empty"), ("paris, ", "a target is empty"), ("a, b, a", "twice: a"),
    ((1...30).map(String.init).joined(separator: ","), "24 targets at most"),
  ])
  func badTargetsAreRefusedAndNothingIsLost(text: String, problem: String) {
    var player = Self.player()
    let before = player.state.fillMask.targets
    Self.enter(text, &player)
    #expect(player.state.overlay != nil && player.state.notice == problem)
    #expect(player.state.fillMask.targets == before)
  }

  @Test func aTextWithoutAMaskOrWithTwoSaysWhatTargetsNeed() {
    var player = Self.player()
    player.press("shift-tab shift-tab")
    player.type(" [MASK]")
    #expect(player.state.fillMask.targets.ranked.isEmpty && player.screen.contains("has two"))
    #expect(player.screen.contains("Together"))
    player.press("ctrl-u")
    player.type("The sea")
    #expect(player.screen.contains("the text has none") && player.screen.contains("Word by word"))
    player.type(" [MASK]")
    #expect(player.state.fillMask.targets.ranked.count == 4)
  }

  @Test func charactersThatNoWordHasArePieces() {
    let player = Self.player(targets: "\u{2603}, paris")
    let targets = player.state.fillMask.targets
    #expect(targets.ranked.map(\.text) == ["paris", "\u{2603}"] && targets.ranked[1].tokens.count == 3)
  }

  @Test func aRefusalIsShownInThePane() throws {
    var player = Player(80, 24, task: .fillMask)
    player.send(.input(.paste("The capital of [MASK] is here.")))
    player.press("enter")
    player.holdsAnswers = true
    Self.enter("\u{200B}", &player)
    let ticket = try #require(
      player.effects.compactMap { if case .rankChoices(let ticket, _) = $0 { ticket } else { nil } }.last)
    #expect(player.state.fillMask.isBusy && player.screen.contains("the targets are being scored"))
    player.send(
      .choicesRanked(ticket, .failure(EngineError(.input, "a choice without tokens", found: "'\u{200B}'"))))
    #expect(player.screen.contains("a choice without tokens") && !player.state.fillMask.isBusy)
  }

  @Test func escStopsTheScoringAndAnotherModelScoresAnew() {
    var player = Self.player()
    player.holdsAnswers = true
    Self.enter("rome, berlin", &player)
    player.press("esc")
    #expect(!player.state.fillMask.isBusy && player.effects.contains(.cancel(.targets)))
    player.answer()
    #expect(player.state.fillMask.targets.ranked.isEmpty && player.state.fillMask.targets.texts.count == 2)
    player.holdsAnswers = false
    player.change { state in _ = state.tabs[TabID.fillMask].use(ModelReference("cloze", format: .q8), &state.shell) }
    player.send(.input(.focus(true)))
    #expect(player.state.fillMask.targets.ranked.count == 2)
    #expect(requests(player).last?.model.format == .q8)
  }

  @Test func enterPutsTheChosenTargetIntoTheText() {
    var player = Self.player()
    player.press("g down")
    let chosen = player.state.fillMask.targets.chosen?.text ?? ""
    player.press("enter")
    #expect(player.state.fillMask.prompt.editor.text == "The capital of \(chosen) is here.")
    #expect(player.state.fillMask.targets.isShown)
  }
}
