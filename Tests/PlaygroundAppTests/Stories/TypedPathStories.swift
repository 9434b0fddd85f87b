import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A model opened by a typed path is put into its tab once it is open, unless the user has done something else
/// meanwhile.
@Suite struct TypedPathStories {
  private let path = ModelReference("/far/model")

  /// A player that has typed the path; the model is not open yet.
  private func opening() -> Player {
    var player = Player()
    player.holdsAnswers = true
    player.press("f2")
    player.type(path.name)
    player.press("enter")
    return player
  }

  private func open(_ player: inout Player, as model: Int) {
    player.send(.loaded(path, .success(ScriptedModel.bundled[model].information(path))))
  }

  @Test func itTakesItsPlaceWherePeopleWait() {
    var player = opening()
    #expect(player.state.notice == "opening /far/model")
    open(&player, as: 2)
    #expect(player.state.tab == .fillMask && player.state.fillMask.model == path)
    player = opening()
    open(&player, as: 0)
    #expect(player.state.generate.leading.model == path)
  }

  @Test(arguments: ["alt-3", "x", "enter", "f3", "+"])
  func whoHasGoneOnIsNotMoved(keys: String) {
    var player = opening()
    if keys == "enter" { player.press("right") }
    player.press(keys)
    let before = player.state
    open(&player, as: 2)
    #expect(player.state.tab == before.tab && player.state.overlay == before.overlay)
    #expect(player.state.fillMask.model == before.fillMask.model)
    #expect(player.state.notice == "model is open: choose its path again to go there")
    // The model is open now, so its path selects it at once.
    player.press("esc f2")
    player.type(path.name)
    player.press("enter")
    #expect(player.state.tab == .fillMask && player.state.fillMask.model == path)
  }

  @Test func theNoticeGoesWhereTheOpeningFails() {
    var player = opening()
    let error = EngineError(.model, "no such model", at: path.name, expected: "a folder", found: "nothing")
    player.send(.loaded(path, .failure(error)))
    #expect(player.state.overlay == .failure(error) && player.state.notice == nil)
    player.press("esc")
    #expect(player.state.notice == nil && !player.screen.contains("opening"))
  }

  @Test func aFailureTakesEveryNoticeOfWhatWasBegunAway() {
    let error = EngineError(.model, "it went wrong", at: "the model", expected: "work", found: "none")
    var player = Player()
    player.send(.notice("seed 7 has made this text before: 8 is next"))
    player.send(.failure(error))
    #expect(player.state.notice == nil && player.state.overlay == .failure(error))
    // A path that was typed, and then another model of the list that is not supported.
    player = opening()
    player.send(.notice("opening /far/model"))
    player.change { $0.shell.fail(error) }
    #expect(player.state.notice == nil)
  }

  @Test func aPromptThatIsTypedMeanwhileIsForTheModel() {
    var player = opening()
    player.type("Once")
    open(&player, as: 0)
    #expect(player.state.generate.leading.model == path && player.state.generate.prompt.editor.text == "Once")
  }
}
