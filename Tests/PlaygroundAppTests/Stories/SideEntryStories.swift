import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Changes and prompts of single sides of the Compare tab, and masked models in it.
@Suite struct SideEntryStories {
  static func player(_ size: Size = Size(120, 36), models: [String] = ["storyteller", "storyteller@q8"], text: String)
    -> Player
  {
    var player = Player(
      size.width, size.height, task: .compare, models: [.compare: models.map { ModelReference(parsing: $0) }])
    player.send(.input(.paste(text)))
    return player
  }

  private func requests(_ player: Player) -> [ComparisonRequest] {
    player.effects.compactMap { if case .compare(_, let request) = $0 { request } else { nil } }
  }

  private func enter(_ text: String, _ player: inout Player) {
    player.type(text)
    player.press("enter")
  }

  @Test func aSideIsAModelWithAChange() throws {
    var player = Self.player(text: "Once upon a time")
    player.press("tab tab tab tab e")
    enter("1.0", &player)
    let off = ModelChange.scale(ModelPart(layer: 1, .head(0)), by: 0)
    #expect(player.state.compare.lead == 1 && player.state.compare.sides[1].model.changes == [off])
    #expect(try #require(requests(player).last).sides.map(\.context.model.changes) == [[], [off]])
    #expect(player.screen.contains("ablate 1.0"))
    player.press("e")
    enter("--scale 0.ffn=0.5", &player)
    #expect(player.state.compare.sides[1].model.changes.last == .scale(ModelPart(layer: 0, .feedForward), by: 0.5))
    // The list takes a change back.
    player.press("e enter")
    #expect(player.state.compare.sides[1].model.changes.map(\.option) == ["--scale 0.ffn=0.5"])
    player.press("e")
    enter("nonsense", &player)
    #expect(player.state.overlay != nil && player.state.compare.sides[1].model.changes.count == 1)
  }

  @Test func aSideReadsAPromptOfItsOwn() throws {
    var player = Self.player(text: " upon a time")
    player.press("tab tab tab P")
    enter("Once", &player)
    let request = try #require(requests(player).last)
    #expect(request.sides.map(\.leading) == [1, 0])
    #expect(request.sides[0].context.ids.dropFirst() == request.sides[1].context.ids[...])
    player.press("tab tab enter")
    let written = player.effects.compactMap { if case .generate(_, let request) = $0 { request } else { nil } }
    #expect(written.count == 2)
    #expect(written[0].context.ids == Array(request.sides[0].context.ids.prefix(written[0].context.ids.count)))
    #expect(written[0].context.ids.count == written[1].context.ids.count + 1)
  }

  @Test func masksOfMaskedModelsAreCompared() throws {
    var player = Self.player(models: ["cloze"], text: "The capital of [MASK] is [MASK]")
    let request = try #require(requests(player).last)
    #expect(request.isAtMasks && player.state.compare.reading.positions.count == 2)
    #expect(player.screen.contains("Mask 2 of 2") && player.screen.contains("of 2 masks"))
    player.press("tab left")
    #expect(player.screen.contains("Mask 1 of 2"))
    player.press("enter")
    #expect(player.state.shell.notice == "a masked model writes nothing: it fills masks")
    // Without masks every token is predicted alone.
    player.press("shift-tab ctrl-u")
    player.type("The king")
    #expect(requests(player).last?.isAtMasks == false && player.state.compare.reading.positions.count > 1)
  }

  @Test func translationsOfAllSidesHaveTheScoresOfAll() throws {
    var player = Self.player(
      models: ["interpreter", "interpreter@q8"], text: "translate English to French: How are you?")
    #expect(requests(player).isEmpty && player.screen.contains("translation models are compared by their beams"))
    player.press("enter")
    let found = try #require(player.state.compare.translations)
    #expect(!found.isRunning && Set(found.translations.map(\.side)) == [0, 1])
    #expect(found.translations.allSatisfy { $0.scores.allSatisfy { $0 != nil } })
    // A side scores the translations of the other one, after the same source.
    let scores = player.effects.compactMap {
      if case .score(let ticket, let request) = $0 { (ticket, request) } else { nil }
    }
    .filter { $0.0.slot.name == "cross-score" }
    #expect(scores.count == found.translations.count)
    #expect(scores.allSatisfy { $0.1.context.encoderIDs == player.state.compare.prompt.ids })
    #expect(player.screen.contains("╭─ Translations") && player.screen.contains("Comment"))
    // Another model forgets them.
    player.press("tab tab tab e")
    player.type("1")
    player.press("enter")
    #expect(player.state.compare.translations == nil)
  }

  @Test func escStopsTheTranslations() {
    var player = Self.player(
      models: ["interpreter", "interpreter@q8"], text: "translate English to French: How are you?")
    player.holdsAnswers = true
    player.press("enter")
    #expect(player.state.compare.isBusy)
    player.press("esc")
    #expect(!player.state.compare.isBusy)
    #expect(player.effects.count { if case .cancel(let slot) = $0 { slot.name == "beams" } else { false } } == 2)
  }

  @Test func sidesOfDifferentFamiliesAreAnErrorInPlace() {
    let player = Self.player(models: ["storyteller", "cloze"], text: "The king")
    #expect(player.screen.contains("the sides are of different families") && player.state.overlay == nil)
  }
}
