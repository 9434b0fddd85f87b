import EngineAPI
import ScriptedSupport
import Sessions
import TerminalUI
import TestSupport
import Testing

@testable import PlaygroundApp

/// Every text on the screen is a path in the tree, and the tree keeps replaced texts.
@Suite struct TreeStories {
  private func tree(_ player: Player) -> SessionTree { player.state.shell.tree }

  /// The parts of the state that differ from the tree; empty if all agree.
  private func differences(_ state: PlaygroundState) -> [String] {
    let tree = state.shell.tree
    var found: [String] = []
    for (index, stream) in state.generate.streams.enumerated() {
      guard let run = stream.run else { continue }
      let place = stream.reader.flatMap { tree.cursors[$0]?.place }
      if place != run.trace.place { found.append("stream \(index) stands elsewhere") }
      if run.trace != tree.trace(to: run.trace.place, promptCount: run.request.promptCount) {
        found.append("stream \(index) shows another text")
      }
      if tree.generationRequest(of: run.trace.place.node) != run.request { found.append("stream \(index)'s request") }
      if tree.typedText(before: run.trace.place) != run.prompt { found.append("stream \(index)'s prompt") }
      if !run.isRunning, StreamRun(at: run.trace.place, in: tree)?.status != run.status {
        found.append("stream \(index)'s end")
      }
    }
    let beams = state.translate.beams
    guard !beams.isBusy, beams.status != .stopped, let reader = state.translate.reader else { return found }
    guard tree.cursors[reader]?.places == beams.places else { return found + ["the translation stands elsewhere"] }
    let read = BeamsState(at: beams.places, in: tree)
    if read.isGiven != beams.isGiven || read.origin != beams.origin { found.append("the translation's source") }
    for (old, new) in zip(beams.lines, read.lines) {
      if old.chosen != new.chosen || old.hypotheses.map(\.trace) != new.hypotheses.map(\.trace)
        || old.hypotheses.map(\.reason) != new.hypotheses.map(\.reason)
        || "\(old.hypotheses.map(\.score))" != "\(new.hypotheses.map(\.score))"
      {
        found.append("a line's beams")
      }
    }
    return found
  }

  @Test(arguments: [TabID.generate, .translate], 0..<4 as Range<UInt64>)
  func whatIsShownIsWhatTheTreeHolds(tab: TabID, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var settings = PlaygroundSettings()
    settings.maxTokens = 6
    var player = Player(120, 36, task: tab, settings: settings)
    player.press("right enter")
    let keys = [
      "enter", "enter", "tab", "tab", "shift-tab", "+", "-", "r", "u", "u", "ctrl-r", "up", "down", "left", "right",
      "f2 down enter", "f2 up enter", "esc", "f6", "g", "G", "space", "ctrl-j", "f3 right enter", "x", ".", ".", ",",
      "w",
    ]
    for _ in 0..<150 {
      switch Int.random(in: 0..<12, using: &random) {
      case 0: player.holdsStreams.toggle()
      case 1: player.stream(Int.random(in: 1...4, using: &random))
      case 2: player.holdsAnswers.toggle()
      case 3: player.answer()
      default: player.press(keys.randomElement(using: &random) ?? "enter")
      }
      let found = differences(player.state)
      guard found.isEmpty else {
        Issue.record("seed \(seed): \(found)\n\(player.screen)")
        return
      }
    }
    #expect(tree(player).allNodes.contains { _ in true })
  }

  @Test func streamsOfOneModelShareThePrompt() {
    var player = Player()
    player.press("right enter tab tab + r")
    let runs = player.state.generate.streams.compactMap(\.run)
    #expect(runs.count == 2 && runs.allSatisfy { $0.trace.tokens.count > 1 })
    let typed = tree(player).roots.filter { if case .typed = tree(player).origin(of: $0) { true } else { false } }
    #expect(typed.count == 1)
    #expect(tree(player).tokenCount == runs.reduce(runs[0].trace.promptCount) { $0 + $1.trace.tokens.count })
  }

  @Test func aBranchSharesTheTokensBeforeItAndNothingIsLost() {
    var player = Player()
    player.press("right enter tab tab g right")
    let before = tree(player)
    player.press("shift-tab down enter")
    let after = tree(player)
    let made = player.state.generate.leading.run.map { $0.trace.tokens.count } ?? 0
    #expect(made > 1 && after.tokenCount == before.tokenCount + made - 1, "the first token is shared")
    // An undo and another branch replace the first branch, which stays in the tree.
    player.press("u tab g right shift-tab down down enter")
    #expect(tree(player).tokenCount > after.tokenCount)
    #expect(after.allNodes.allSatisfy { tree(player)[$0.id]?.tokens == $0.tokens })
  }

  @Test func whatASearchContinuesIsNotPruned() {
    var player = Player(task: .translate)
    player.press("right")
    player.holdsAnswers = true
    player.press("enter")
    player.change {
      $0.shell.tree.bounds = SessionTree.Bounds(tokens: 0, moves: 200)
      $0.shell.tree.prune()
    }
    player.holdsAnswers = false
    player.answer()
    #expect(player.state.translate.beams.hypothesis?.trace.tokens.isEmpty == false)
    #expect(differences(player.state).isEmpty)
  }

  @Test func everyVersionOfThePromptIsAPlaceInTheTree() throws {
    var player = Player(120, 36)
    player.type("Once upon")
    player.press("ctrl-z")
    player.type("there was")
    player.press("ctrl-z ctrl-r")
    let writer = try #require(player.state.prompt.writer)
    let tree = tree(player)
    #expect(tree.cursors[writer]?.place.flatMap { tree.draft(at: $0) } == player.state.prompt.editor.text)
    let texts = tree.allNodes.compactMap { tree.draft(at: Place($0.id, 0)) }
    #expect(texts.contains("Once upon") && texts.contains("Once there was") && texts.contains(""))
  }

  @Test(arguments: TabID.allCases, 0..<3 as Range<UInt64>)
  func theVersionAtTheCursorIsThePromptWhateverIsTyped(tab: TabID, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var player = Player(100, 30, task: tab)
    let keys = [
      "a", "b", "space", "é", "left", "home", "backspace", "ctrl-w", "ctrl-y", "ctrl-z", "ctrl-z", "ctrl-r", "ctrl-p",
      "ctrl-g", "alt-enter", "enter esc",
    ]
    for _ in 0..<120 {
      player.press(keys.randomElement(using: &random) ?? "a")
      guard let writer = player.state.prompt.writer else { continue }
      let text = tree(player).cursors[writer]?.place.flatMap { tree(player).draft(at: $0) }
      #expect(text.map { Array($0.utf8) } == Array(player.state.prompt.editor.text.utf8))
    }
  }

  @Test func takenFillingsAndTokensArePlacesInTheTree() throws {
    var player = Player(120, 36, task: .fillMask)
    player.type("The capital of [MASK] is [MASK].")
    player.press("tab tab tab down enter")
    let filled = player.state.prompt.editor.text
    let first = try #require(player.state.fillMask.reader.flatMap { tree(player).cursors[$0]?.place })
    guard case .filling(let request) = tree(player).origin(of: first.node) else {
      Issue.record("the cursor is on no filling")
      return
    }
    let siblings = tree(player).siblings(of: first.node)
    #expect(siblings.count > 1 && siblings[1] == first.node && request.context.ids.isEmpty)
    let text = String(decoding: tree(player).path(to: first).flatMap(\.token.bytes), as: UTF8.self)
    #expect(text == filled)
    let scores = siblings.compactMap { tree(player)[$0]?.outcome?.score }
    #expect(scores.count == siblings.count && scores == scores.sorted(by: >))
    let asked = try #require(tree(player).fillMaskRequest(of: first.node))
    player.press("ctrl-z")
    #expect(player.state.prompt.ids == asked.context.ids)
    // A single token: a branch at the mask, with the rest of the text behind it.
    player.press("home tab enter")
    let second = try #require(player.state.fillMask.reader.flatMap { tree(player).cursors[$0]?.place })
    let path = tree(player).path(to: second)
    #expect(String(decoding: path.flatMap(\.token.bytes), as: UTF8.self) == player.state.prompt.editor.text)
    #expect(path.indices.filter { path.isByHand(at: $0) }.count == 1)
    #expect(path.first { $0.logprob != nil }?.rank == 1)
  }

  @Test func undoShowsTheSameBeamsInTheSameWay() {
    var player = Player(task: .translate)
    player.type("How are you?")
    player.press("enter tab tab tab down shift-tab g right")
    let before = player.state.translate.beams
    #expect(before.chosen == 1 && before.hypotheses.count == 4)
    player.press("shift-tab down enter")
    let after = player.state.translate.beams
    #expect(after.lines != before.lines)
    player.press("u")
    #expect(player.state.translate.beams == before)
    player.press("ctrl-r")
    #expect(player.state.translate.beams.lines == after.lines && player.state.translate.beams.cursor == after.cursor)
    player.press("r")
    let given = player.state.translate.beams
    #expect(given.isGiven)
    player.press("u")
    #expect(player.state.translate.beams.lines == after.lines && !player.state.translate.beams.isGiven)
    player.press("ctrl-r")
    #expect(player.state.translate.beams.isGiven && player.state.translate.beams.origin == given.origin)
    #expect(
      player.state.translate.beams.hypothesis?.trace.text(endOfText: []) == given.hypothesis?.trace.text(endOfText: []))
  }
}
