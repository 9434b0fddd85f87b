import EngineAPI
import ScriptedSupport
import Sessions
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The list of sessions, and sessions that take the place of the open one.
@Suite struct SessionStories {
  /// A session as another run of the playground has left it.
  private func session(_ task: TabID = .generate, _ body: (inout Player) -> Void) -> Session {
    var settings = PlaygroundSettings.steady
    settings.keepsSession = true
    var player = Player(task: task, settings: settings)
    body(&player)
    var session = Session()
    player.change { session.tree = $0.shell.tree }
    return session
  }

  private func summary(_ name: String, _ prompt: String, _ made: String) -> SessionSummary {
    SessionSummary(
      path: "/sessions/" + name, created: "2026-11-28T18:00:00Z", models: [ModelReference("storyteller")],
      texts: [.init(prompt: prompt, made: made)])
  }

  private func player(_ width: Int = 120, _ height: Int = 36) -> Player {
    var player = Player(width, height)
    player.sessions = [
      summary("2026-11-28-1803-once-upon-a-time", "Once upon a time", " there was a little girl, who had no father."),
      summary("2026-11-27-0912-the-king", "The king", " had three daughters."),
      summary("2026-11-26-2040-the-sea", "The sea was dark,", " and the wolf slept."),
    ]
    return player
  }

  @Test func theListIsNarrowedByWordsOfNamesAndTexts() {
    var player = player()
    player.press("ctrl-o")
    #expect(player.screen.contains("1 of 3") && player.screen.contains("there was a little girl"))
    player.type("wolf")
    #expect(player.screen.contains("1 of 1") && player.screen.contains("the-sea"))
    player.press("backspace backspace backspace backspace down")
    #expect(player.screen.contains("2 of 3") && player.screen.contains("three daughters"))
    player.type("nothing")
    #expect(player.screen.contains("nothing matches"))
    player.press("esc")
    #expect(player.state.overlay == nil)
  }

  @Test func removingAsksFirst() {
    var player = player()
    player.press("ctrl-o down ctrl-x")
    #expect(player.state.notice == "Ctrl-X again removes 2026-11-27-0912-the-king for good")
    player.press("down ctrl-x up ctrl-x")
    #expect(player.sessions.count == 3, "another row asks anew")
    player.press("ctrl-x")
    #expect(player.sessions.map(\.name).contains("2026-11-27-0912-the-king") == false)
    #expect(player.screen.contains("1 of 2") || player.screen.contains("2 of 2"))
  }

  @Test func anOpenedSessionShowsItsTextsWhereTheyStood() throws {
    let old = session { player in
      player.press("right enter tab tab + r shift-tab")
    }
    var player = player()
    player.stored["/sessions/2026-11-27-0912-the-king"] = old
    player.type("mine")
    player.press("ctrl-o down enter")
    #expect(player.state.overlay == nil && player.state.shell.session.name == "2026-11-27-0912-the-king")
    let streams = player.state.generate.streams
    #expect(streams.count == 2 && streams.allSatisfy { ($0.run?.trace.tokens.count ?? 0) > 1 })
    #expect(player.state.prompt.editor.text.hasPrefix("Once upon a time"))
    // It goes on: a text, an undo.
    let before = player.state.shell.tree.tokenCount
    player.press("r")
    #expect(player.state.shell.tree.tokenCount > before)
    player.press("u")
    #expect(player.state.generate.leading.run?.trace == streams[player.state.generate.lead].run?.trace)
  }

  @Test func aSessionWithoutItsModelCanBeRead() throws {
    var old = Session()
    let gone = ModelReference("gone")
    let prompt = old.tree.type("Far away", [TokenValue(id: 1, bytes: Array("Far away".utf8))], model: gone)
    let request = GenerationRequest(context: ModelContext(model: gone, ids: []), seed: 7)
    let word = ScoredToken(
      token: TokenValue(id: 2, bytes: Array(" lived a queen".utf8)), logprob: -1, rank: 2, entropy: 3)
    let made = old.tree.branch(at: prompt, [word], by: old.tree.add(.sampled(request)))
    _ = old.tree.addCursor(at: [made])
    var player = player()
    player.stored["/sessions/2026-11-27-0912-the-king"] = old
    player.press("ctrl-o down enter")
    #expect(player.state.overlay?.keyContext == .failure, "the model can't be opened")
    player.press("space left")
    #expect(player.screen.contains("lived a queen") && player.screen.contains("36.79 %"))
  }

  @Test func aTranslationIsShownInItsTab() {
    let old = session(.translate) { $0.press("right enter") }
    var player = player()
    player.stored["/sessions/2026-11-26-2040-the-sea"] = old
    player.press("ctrl-o down down enter")
    #expect(player.state.tab == .translate && !player.state.translate.beams.hypotheses.isEmpty)
    #expect(player.state.prompt.editor.text == "How are you?")
  }

  @Test func aDamagedSessionIsInTheListWithItsReason() {
    var player = player(80, 24)
    player.sessions.insert(
      SessionSummary(
        path: "/sessions/2026-11-29-0912-the-fox-and-the-grapes", created: nil,
        problem: .damaged(path: "/x", line: 7, expected: "node 3", found: "node 4")), at: 0)
    player.press("ctrl-o")
    #expect(player.screen.contains("2026-11-29-0912-the-fox-and… (damaged)"))
    #expect(player.screen.contains("damaged at line 7:"))
    player.type("damaged")
    #expect(player.screen.contains("1 of 1"))
  }

  @Test func theTabOfTheCommandLineStaysOpenWithASession() {
    let old = session { $0.press("right enter") }
    for keepsTab in [false, true] {
      var (state, effects) = PlaygroundState.initial(
        tab: .fillMask, session: "/s", keepsTab: keepsTab, settings: .steady, size: Size(120, 36))
      #expect(effects.contains(.openSession(path: "/s", number: 1)))
      let event = SessionEvent.opened(number: 1, name: "s", old, isReadOnly: false)
      _ = update(&state, .session(event))
      #expect(state.tab == (keepsTab ? .fillMask : .generate))
      _ = update(&state, .session(.opened(number: 2, name: "s", old, isReadOnly: false)))
      #expect(state.tab == .generate, "a session that is opened later shows its own tab")
    }
  }

  // MARK: Leaving while the session can't be saved

  private func failing() -> Player {
    var player = Player(settings: .steady)
    player.press("right enter")
    player.send(.session(.failing(number: 0, reason: "No space left on device")))
    return player
  }

  @Test(arguments: ["ctrl-q", "tab q", "ctrl-c ctrl-c"]) func leavingAsksFirst(keys: String) {
    var player = failing()
    player.press(keys)
    #expect(player.exitCode == nil && player.screen.contains("Not saved: No space left on device"))
    player.press("esc")
    #expect(player.exitCode == nil && player.state.overlay == nil)
    player.press("ctrl-q down down enter")
    #expect(player.exitCode == nil && player.state.overlay == nil, "Stay")
    player.press("ctrl-q down enter")
    #expect(player.exitCode == 0)
  }

  @Test func theSessionIsSavedInAnotherFileBeforeLeaving() {
    var player = failing()
    player.press("ctrl-q enter")
    #expect(player.screen.contains("a new file for the session"))
    player.press("enter")
    #expect(player.state.notice?.contains("a disk with room") == true)
    player.type("/big/tale")
    player.press("enter")
    #expect(player.effects.last == .moveSession(path: "/big/tale", number: 0) && player.exitCode == nil)
    player.send(.session(.notMoved(EngineError(.resources, "cannot save the session", at: "/big/tale"))))
    #expect(player.state.overlay?.keyContext == .failure && player.exitCode == nil)
    player.press("space ctrl-q enter")
    player.type("/other/tale")
    player.press("enter")
    player.send(.session(.saved(number: 0, name: "tale")))
    #expect(player.exitCode == 0)
  }

  @Test func aSignalLeavesWithoutAQuestion() {
    var player = failing()
    player.send(.input(.signal(.terminate)))
    #expect(player.exitCode == TerminationSignal.terminate.exitCode)
  }

  // MARK: Export

  @Test func theEndingOfTheFileNameChoosesTheForm() {
    var player = Player(settings: .steady)
    player.press("alt-e enter")
    #expect(player.state.notice == "there is no text to export yet")
    player.press("right enter alt-e")
    for words in ["triptych.html", "a web page: the whole tree", "triptych.svg", "a picture of the screen"] {
      #expect(player.screen.contains(words), "\(words)")
    }
    player.type("tale")
    #expect(player.screen.contains("tale.csv") && player.screen.contains("1 of 6"))
    player.type(".jsonl")
    #expect(player.screen.contains("1 of 1"))
    player.press("enter")
    guard case .exportSession(let session, .jsonl, path: "tale.jsonl")? = player.effects.last else {
      Issue.record("\(String(describing: player.effects.last))")
      return
    }
    #expect(session.tree == player.state.shell.tree && session.models.map(\.reference.name) == ["storyteller"])
    player.send(.session(.saved(number: 0, name: "2026-11-28-1803-the-king")))
    player.press("alt-e down down down down down enter")
    guard case .exportScreen(let svg, path: "the-king.svg")? = player.effects.last else {
      Issue.record("\(String(describing: player.effects.last))")
      return
    }
    #expect(svg.hasPrefix("<svg ") && !svg.contains("Export the session"))
  }

  @Test func aSessionOfAnotherProgramIsForReading() {
    var player = player()
    let path = "/sessions/2026-11-27-0912-the-king"
    player.stored[path] = session { $0.press("right enter") }
    player.readOnly = [path]
    player.press("ctrl-o down enter")
    #expect(player.state.notice?.contains("open in another program") == true)
    player.press("q")
    #expect(
      player.exitCode == nil && player.state.notice?.contains("again to leave") == true, "new texts are not saved")
  }

  @Test func aFullDiskIsSaidAndSoIsTheEndOfIt() {
    var player = player()
    player.press("right enter")
    player.send(.session(.saved(number: 0, name: "mine")))
    #expect(player.state.notice == nil)
    player.send(.session(.failing(number: 0, reason: "no space left on device")))
    #expect(player.state.notice?.contains("no space left on device") == true)
    player.press("tab q")
    #expect(player.exitCode == nil && player.screen.contains("Not saved: no space left on device"))
    player.press("esc tab")
    #expect(player.state.notice == nil && player.screen.contains("not saved"), "said as long as it lasts")
    player.send(.session(.saved(number: 0, name: "mine")))
    #expect(player.state.notice == "the session is saved again" && !player.screen.contains("not saved  "))
    player.press("q")
    #expect(player.exitCode == 0)
  }

  @Test func aNewSessionHasAllModelsAndTheirSettings() {
    let models = [ModelReference("storyteller"), ModelReference("storyteller-mini")]
    var player = Player(models: [.generate: models], settings: .steady, holdsAnswers: true)
    // The file is opened before the models are.
    player.send(.session(.opened(number: 1, name: "new", Session(), isReadOnly: false)))
    player.answer()
    let plain = Player(models: [.generate: models], settings: .steady)
    #expect(player.state.generate.models == models)
    #expect(player.state.generate.sampler == plain.state.generate.sampler)
  }

  @Test func aLessonsTextsAreNotKept() {
    var settings = PlaygroundSettings.steady
    settings.keepsSession = true
    var player = Player(settings: settings)
    player.press("right enter")
    player.change { #expect(!$0.takeSessionRecords().records.isEmpty) }
    player.press("tab f7 enter")
    player.change { _ = $0.takeSessionRecords() }
    player.press("enter")
    player.change { #expect($0.takeSessionRecords().records.isEmpty) }
  }

  @Test(arguments: [(40, 12), (80, 24), (160, 50)]) func theListFitsEveryScreen(width: Int, height: Int) {
    var player = player(width, height)
    player.press("ctrl-o")
    for _ in 0..<4 {
      #expect(player.grid().lines.allSatisfy { $0.columnWidth == width })
      #expect(player.screen.contains("once-upon"))
      player.press("down up")
    }
  }
}
