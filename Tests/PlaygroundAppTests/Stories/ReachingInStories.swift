import EngineAPI
import ScriptedSupport
import Sessions
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Changes of a model in the Inside tab.
@Suite struct ReachingInStories {
  private func requests(_ player: Player, _ slot: Slot) -> [InspectionRequest] {
    player.effects.compactMap {
      if case .inspect(let ticket, let request) = $0, ticket.slot == slot { request } else { nil }
    }
  }

  private func generations(_ player: Player) -> [GenerationRequest] {
    player.effects.compactMap { if case .generate(_, let request) = $0 { request } else { nil } }
  }

  /// Types a text into the open picker in place of what is there.
  private func enter(_ text: String, _ player: inout Player) {
    player.press("ctrl-u")
    player.type(text)
    player.press("enter")
  }

  @Test func aPartIsScaledInSteps() {
    var player = InsideStories.player()
    player.press("enter 0 + +")
    let head = ModelPart(layer: 1, .head(0))
    #expect(player.state.inside.changes == [.scale(head, by: 0.5)])
    #expect(player.screen.contains("layer 2 head 1 × 0.50") && player.screen.contains("--scale 1.0=0.5"))
    // The factor of an unchanged part is 1: such a change is none.
    player.press("+ +")
    #expect(player.state.inside.changes.isEmpty)
    player.press("-")
    #expect(player.state.inside.changes == [.scale(head, by: 0.75)])
    player.press("f -")
    #expect(player.state.inside.changes.last == .scale(ModelPart(layer: 1, .feedForward), by: -0.25))
    // The chosen change is the one that keys reach.
    player.press("tab tab tab tab up +")
    #expect(player.state.inside.focus == .change)
    #expect(player.state.inside.changes == [.scale(ModelPart(layer: 1, .feedForward), by: -0.25)])
    player.press("delete")
    #expect(player.state.inside.changes.isEmpty && player.state.inside.focus == .sums)
  }

  @Test func aControlVectorIsAddedFromAFile() {
    var player = InsideStories.player()
    player.press("enter s")
    player.type("/tmp/happy.gguf")
    player.press("enter")
    #expect(player.state.inside.changes == [.steer(ControlVector(path: "/tmp/happy.gguf"))])
    #expect(player.screen.contains("Steered by happy.gguf × 1.00"))
    player.press("- -")
    #expect(player.state.inside.changes == [.steer(ControlVector(path: "/tmp/happy.gguf", scale: -0.5))])
    // The file can be chosen again from the list.
    player.press("backspace s enter")
    #expect(player.state.inside.changes == [.steer(ControlVector(path: "/tmp/happy.gguf"))])
  }

  @Test func anErrorOfAChangeStaysInItsPlace() {
    var player = InsideStories.player()
    player.press("enter s")
    player.type("nothing.txt")
    player.press("enter")
    #expect(player.screen.contains("no control vector") && player.state.overlay == nil)
    #expect(player.state.inside.look.answer != nil && player.state.inside.sums.answer != nil)
  }

  @Test func anActivationOfAnotherTextIsPutIn() throws {
    var player = InsideStories.player()
    player.press("enter p")
    #expect(player.state.shell.notice?.hasPrefix("no other text yet") == true)
    player.press("P")
    enter("Once upon a time, in village by the the", &player)
    player.press("left p")
    let patch = try #require(player.state.inside.changes.first)
    let position = try #require(player.state.inside.position)
    #expect(
      patch
        == .patch(
          ActivationPatch(layer: 1, position: position, text: "Once upon a time, in village by the the")))
    #expect(requests(player, .insideChange).last?.changes == [patch])
    // The same key takes it back; another text takes the place of the old one.
    player.press("p")
    #expect(player.state.inside.changes.isEmpty)
    player.press("p P")
    enter("Once", &player)
    guard case .patch(let other) = player.state.inside.changes.first else {
      Issue.record("the patch is gone")
      return
    }
    #expect(other.text == "Once")
    player.press("down down p")
    #expect(player.state.shell.notice?.contains("embedding") == true && player.state.inside.changes.count == 1)
  }

  @Test func aChangeWithoutEffectIsSaidSo() {
    var player = InsideStories.player()
    player.press("enter P enter p")
    #expect(player.screen.contains("without effect: the prediction is"))
    #expect(player.state.inside.spoken(.change, player.state.shell)?.first == ChangeView.withoutEffect)
  }

  @Test func theSweepFillsTheTable() throws {
    var player = InsideStories.player()
    player.press("enter w")
    #expect(player.state.inside.cells == .afterLayer)
    player.press("P")
    enter("Once upon a time, in village by the the", &player)
    player.press("w")
    let request = try #require(requests(player, .insideSweep).last)
    #expect(request.sweptIDs?.count == request.context.ids.count && request.parts.isEmpty)
    #expect(player.screen.contains("Restored by patches") && player.screen.contains("100 %"))
    #expect(player.screen.contains("color: restored"))
    // The cursor moves without another sweep.
    player.press("left up")
    #expect(requests(player, .insideSweep).count == 1)
    player.press("w")
    #expect(player.state.inside.cells == .afterLayer)
    player.press("P")
    enter("Once", &player)
    player.press("w")
    #expect(player.screen.contains("texts of different lengths"))
  }

  @Test func theTextThatFollowsIsWrittenWithAndWithoutTheChanges() throws {
    var player = InsideStories.player()
    player.press("enter r")
    #expect(generations(player).count == 1 && player.state.inside.written.count == 1)
    player.press("0 left r")
    let two = Array(generations(player).suffix(2))
    #expect(two.map(\.context.model.changes) == [[], [.scale(ModelPart(layer: 1, .head(0)), by: 0)]])
    #expect(two[0].context.ids == two[1].context.ids && two.allSatisfy { $0.settings.isGreedy })
    #expect(two[0].context.ids.count == player.state.inside.position.map { $0 + 1 })
    #expect(player.screen.contains("What follows") && player.screen.contains("as it is"))
    // Both texts are in the tree, each with its model: that is what the session keeps and a replay checks.
    let traces = player.state.inside.written.compactMap { $0?.trace }
    let origins = traces.compactMap { player.state.shell.tree.origin(of: $0.place.node)?.model }
    #expect(origins == two.map(\.context.model) && traces.allSatisfy { !$0.tokens.isEmpty })
    player.press("backspace")
    #expect(player.screen.contains("of older changes"))
  }

  @Test func anotherNumberFormatIsComparedLayerByLayer() throws {
    var player = InsideStories.player()
    player.press("enter F")
    player.type("q4")
    player.press("enter")
    let request = try #require(requests(player, .insideFormats).last)
    #expect(request.otherFormat == .q4 && player.state.inside.focus == .formats)
    #expect(player.screen.contains("f32 and q4") && player.screen.contains("h.1.mlp.c_fc.weight"))
    #expect(player.screen.contains("it wins 0.125 of 0.250 bits"))
    // The cursor moves without another comparison.
    player.press("left left")
    #expect(requests(player, .insideFormats).count == 1)
    #expect(
      player.state.inside.spoken(.formats, player.state.shell)?.first?.hasPrefix("embedding: difference 1.00") == true)
    player.press("F")
    player.type("none")
    player.press("enter")
    #expect(player.state.inside.otherFormat == nil && player.state.inside.focus == .sums)
  }

  @Test func stringsAreFollowedThroughTextAndLayers() throws {
    var player = InsideStories.player()
    player.press("enter i")
    player.type(" little")
    player.press("enter")
    #expect(requests(player, .insideLook).last?.watched == [" little"])
    let watched = try #require(player.state.inside.look.answer?.watched.first)
    #expect(watched.layers.count == 3 && player.screen.contains("·little ") && player.state.inside.watchList.count == 1)
    #expect(player.state.inside.spoken(.cell, player.state.shell)?.last?.hasPrefix("watched  little: ") == true)
    // The list takes it off again.
    player.press("i enter")
    #expect(player.state.inside.watchList.isEmpty && requests(player, .insideLook).last?.watched == [])
    for word in ["a", "b", "c", "d", "e"] {
      player.press("i")
      player.type(word)
      player.press("enter")
    }
    #expect(player.state.inside.watchList.count == 4 && player.state.overlay != nil)
  }

  @Test func onlyACausalModelWritesOn() {
    var player = InsideStories.player(model: "cloze", text: "The capital of [MASK] is")
    player.press("enter r")
    #expect(player.state.shell.notice == "only a causal model writes on" && player.state.inside.written.isEmpty)
  }

  @Test func escStopsTheTexts() {
    var player = InsideStories.player()
    player.holdsStreams = true
    player.press("enter 0 r")
    player.stream(3)
    #expect(player.state.inside.isBusy)
    player.press("esc")
    #expect(!player.state.inside.isBusy && player.effects.contains(.cancel(.insideText(1))))
    #expect(player.state.inside.written.allSatisfy { $0?.reason == .interrupted })
  }
}
