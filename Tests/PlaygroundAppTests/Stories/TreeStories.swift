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
    #expect(tree(player).roots.count == 1)
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
