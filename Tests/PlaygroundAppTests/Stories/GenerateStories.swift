import EngineAPI
import Sessions
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct GenerateStories {
  private func writing(_ width: Int = 120, _ height: Int = 36) -> Player {
    var player = Player(width, height, settings: .steady)
    player.press("right enter")
    return player
  }

  private func text(_ player: Player, _ index: Int = 0) -> String {
    guard let trace = player.state.generate.streams[index].run?.trace else { return "" }
    return trace.text(endOfText: [0])
  }

  @Test func aPromptIsWrittenOn() {
    let player = writing()
    #expect(text(player).hasPrefix("little girl, who had no father"))
    #expect(text(player).hasSuffix("down to the sea."))
    #expect(player.screen.contains("34 tok · done"))
    #expect(player.state.generate.leading.run?.status == .finished(.endOfText))
  }

  @Test func tokensAppearAsTheyAreMadeAndTypingGoesOn() {
    var player = Player(settings: .steady)
    player.holdsStreams = true
    player.press("right enter")
    player.stream(2)
    #expect(player.screen.contains("│ little girl,▏"))
    player.type("!")
    player.stream(1)
    #expect(player.screen.contains("there lived a!") || player.state.prompt.editor.text.hasSuffix("a!"))
    #expect(player.screen.contains("│ little girl, who▏"))
    #expect(player.screen.contains("3 tok · 100/s"))
  }

  @Test func whatIsTypedWhileTheModelLoadsIsSentWhenItIsOpen() {
    var player = Player(settings: .steady, holdsAnswers: true)
    player.type("Once")
    player.press("enter")
    #expect(player.state.generate.leading.waiting?.text == "Once")
    #expect(player.screen.contains("begins as soon as storyteller is open"))
    player.holdsAnswers = false
    player.answer()
    #expect(text(player).hasPrefix("little girl"))
    #expect(player.state.generate.leading.run?.trace.promptCount == 1)
  }

  @Test func theSameRequestAgainTakesTheNextSeed() {
    var player = writing()
    #expect(player.state.generate.leading.run?.request.seed == 7)
    player.press("enter")
    #expect(player.state.generate.leading.run?.request.seed == 8)
    player.type("n old")
    player.press("enter")
    #expect(player.state.generate.leading.run?.request.seed == 8, "another prompt is another request")
    player.press("tab tab r")
    #expect(player.state.generate.leading.run?.request.seed == 9)
  }

  @Test func escapeStopsAndTheTextStaysColored() throws {
    var player = Player(settings: .steady)
    player.holdsStreams = true
    player.press("right enter")
    player.stream(10)
    player.press("esc")
    #expect(player.effects.contains(.cancel(.stream(0))))
    #expect(player.state.generate.leading.run?.status == .finished(.interrupted))
    #expect(player.screen.contains("10 tok · stopped"))
    let grid = player.grid()
    let letter = try grid[#require(player.state.streamStart)]
    #expect(letter.text == "l")
    if case .heat = letter.style.role {} else { Issue.record("the text lost its color: \(letter.style)") }
  }

  @Test func controlCFirstStopsThenLeaves() {
    var player = Player(settings: .steady)
    player.holdsStreams = true
    player.press("right enter")
    player.stream(3)
    player.press("ctrl-c")
    #expect(player.exitCode == nil && player.state.generate.leading.run?.status == .finished(.interrupted))
    #expect(player.screen.contains("Ctrl-C again to leave"))
    player.press("ctrl-c")
    #expect(player.exitCode == 130)
  }

  @Test func controlCWithNothingToStopAsksOnce() {
    var player = Player()
    player.press("ctrl-c")
    #expect(player.exitCode == nil && player.screen.contains("Ctrl-C again to leave"))
    player.press("a ctrl-c")
    #expect(player.exitCode == nil, "another key in between begins anew")
    player.press("ctrl-c")
    #expect(player.exitCode == 130)
  }

  @Test func qAsksWhereATextWouldBeGone() {
    var player = writing()
    player.press("tab q")
    #expect(player.exitCode == nil && player.screen.contains("q again to leave: the stream's text will be gone"))
    player.press("j q")
    #expect(player.exitCode == nil, "another key in between begins anew")
    player.press("q")
    #expect(player.exitCode == 0)
    var other = writing()
    other.press("tab ctrl-q")
    #expect(other.exitCode == 0, "a chord is no slip")
  }

  @Test func qLeavesOnlyWhereNoTextIsTyped() {
    var player = Player()
    player.press("q")
    #expect(player.exitCode == nil && player.state.prompt.editor.text == "q")
    player.press("tab q")
    #expect(player.exitCode == 0)
    var other = Player()
    other.press("ctrl-q")
    #expect(other.exitCode == 0)
  }

  @Test func anotherTokenIsTakenAndTheTextGoesOnFromThere() {
    var player = writing()
    player.press("tab tab g right")
    #expect(player.state.generate.leading.cursor == 1)
    #expect(player.screen.contains("Candidates in A, token 2"))
    player.press("shift-tab down")
    let candidate = player.state.generate.candidates.chosen?.ranked.token
    player.press("enter")
    let run = player.state.generate.leading.run
    #expect(run?.trace.tokens[0].token.text == " little")
    #expect(run?.trace.tokens[1].token == candidate)
    #expect(run?.trace.chosen == [1])
    #expect(run?.request.context.ids.count == 15 + 2 && run?.request.promptCount == 15)
    #expect(run?.request.sequence == 2)
    #expect((run?.trace.tokens.count ?? 0) > 2)
  }

  @Test func undoReturnsToTheTokensBefore() {
    var player = writing()
    let before = text(player)
    player.press("tab tab g right shift-tab down enter")
    let after = text(player)
    #expect(after != before)
    player.press("u")
    #expect(text(player) == before)
    player.press("ctrl-r")
    #expect(text(player) == after)
    player.press("ctrl-z ctrl-z")
    #expect(text(player) == before && player.state.notice == "nothing to undo in this stream")
  }

  @Test func takingTheEndOfTextEndsTheText() {
    var player = writing()
    player.press("tab tab g right shift-tab /")
    player.type("<|end")
    player.press("enter enter")
    #expect(text(player) == "little")
    #expect(player.state.generate.leading.run?.status == .finished(.endOfText))
    player.press("tab enter")
    #expect(player.state.notice?.hasPrefix("the text has ended") == true)
  }

  @Test func inThePromptACandidateIsAppended() {
    var player = Player(settings: .steady)
    player.press("right tab enter")
    #expect(player.state.prompt.editor.text.hasSuffix("there lived a little"))
    player.press("enter")
    #expect(player.state.prompt.tokens.count == 17)
    player.press("u")
    #expect(player.state.prompt.editor.text.hasSuffix("there lived a little"))
  }

  @Test func inTheMiddleOfThePromptACandidateReplacesTheToken() {
    var player = Player(settings: .steady)
    player.type("Once upon a time")
    player.press("left left tab down")
    let word = player.state.generate.candidates.chosen?.ranked.token.text ?? ""
    player.press("enter")
    #expect(player.state.prompt.editor.text == "Once upon a" + word)
  }

  @Test func aTextThatIsCutIsGoneOnWith() {
    var settings = PlaygroundSettings.steady
    settings.maxTokens = 5
    var player = Player(settings: settings)
    player.press("right enter")
    #expect(player.screen.contains("5 tok · length"))
    player.press("tab tab enter")
    #expect(text(player).hasPrefix("little girl, who had"))
    #expect(player.screen.contains("10 tok · length"))
  }

  @Test func streamsComeAndGo() {
    var player = writing()
    player.press("tab + + +")
    #expect(player.state.generate.streams.map(\.seed) == [7, 8, 9, 10])
    #expect(player.state.generate.streams.map(\.id) == [0, 1, 2, 3])
    player.press("+")
    #expect(player.state.notice == "four streams at most: - closes one")
    for letter in ["A", "B", "C", "D"] { #expect(player.screen.contains("╭─ \(letter)  ")) }
    let titles = player.screen.matches(of: /seed \d+ ─/).map { String($0.output) }
    #expect(Set(titles).count == 4, "\(titles)")
    player.press("- - -")
    #expect(player.state.generate.streams.map(\.id) == [0])
    player.press("-")
    #expect(player.state.generate.streams.count == 1)
  }

  @Test func eachStreamHasItsModelAndItsTokens() {
    var player = Player(settings: .steady)
    player.press("tab + m down enter shift-tab shift-tab shift-tab")
    player.type("Once upon")
    player.press("enter")
    #expect(text(player, 0).hasPrefix("little girl"))
    #expect(text(player, 1).hasPrefix("young fisherman"))
    // The tokens for the second model are requested separately.
    #expect(
      player.effects.contains { effect in
        if case .tokenize(let ticket, "Once upon", ModelReference("storyteller-mini")) = effect {
          ticket.slot == .streamTokens(1)
        } else {
          false
        }
      })
  }

  @Test func closingARunningStreamStopsIt() {
    var player = Player(settings: .steady)
    player.holdsStreams = true
    player.press("right tab + shift-tab shift-tab shift-tab enter")
    player.stream(2)
    player.press("tab tab -")
    #expect(player.effects.last == .cancel(.stream(0)))
    player.stream(3)
    #expect(player.state.generate.streams.map(\.id) == [1])
  }

  @Test func whileAStreamRunsTheCandidatesAreItsNewestTokens() {
    var player = Player(settings: .steady)
    player.press("right")
    player.holdsStreams = true
    player.press("enter tab tab")
    let asked = player.effects.count
    player.stream(3)
    #expect(player.state.generate.candidates.isLive)
    #expect(player.screen.contains("live · "))
    #expect(player.effects.count == asked, "nothing is asked while tokens come")
    player.press("shift-tab enter")
    #expect(player.state.notice == "the text is still being generated: Esc stops it")
  }

  @Test func theTreeKeepsTheFiveLikeliestCandidatesOfEachToken() throws {
    let state = writing().state
    let run = try #require(state.generate.leading.run)
    let newest = try #require(run.newest)
    #expect(newest.top.count == 32)
    #expect(newest.token == run.trace.tokens.last?.token)
    for index in run.trace.promptCount..<run.trace.tokens.count {
      #expect(run.trace.tokens.top(at: index).map(\.rank) == [1, 2, 3, 4, 5])
    }
    #expect(run.trace.tokens.top(at: run.trace.tokens.count - 1) == Array(newest.top.prefix(5)))
  }

  @Test func peaksOfSurpriseAreFound() {
    var player = Player(settings: PlaygroundSettings(seed: 3))
    player.press("right enter tab tab N")
    let trace = player.state.generate.leading.run?.trace
    let cursor = player.state.generate.leading.cursor
    let peaks = SurprisePeaks.of(trace?.tokens ?? TokenPath())
    #expect(peaks.count > 1 && peaks.count < (trace?.tokens.count ?? 0) / 4)
    #expect(cursor == peaks.last)
    player.press("g n")
    #expect(player.state.generate.leading.cursor == peaks.first { $0 > 0 })
  }

  @Test func theColorsMeaningGoesInACircle() {
    var player = writing()
    #expect(player.screen.contains("color: probability"))
    player.press("tab tab c")
    #expect(player.screen.contains("color: rank"))
    player.press("c c")
    #expect(player.screen.contains("color: probability"))
  }

  @Test func aPromptThatIsTooLongIsRefusedAndKept() {
    var player = Player(settings: .steady)
    player.send(.input(.paste(String(repeating: "xyz", count: 200))))
    #expect(player.screen.contains("600 of 512 tokens"))
    player.press("enter")
    #expect(player.screen.contains("the prompt is too long"))
    #expect(player.screen.contains("fewer than 512 tokens"))
    player.press("esc")
    #expect(player.state.overlay == nil && player.state.prompt.editor.text.count == 600)
  }

  @Test func theTextIsCopied() {
    var player = writing()
    player.press("tab tab y")
    #expect(player.effects.last == .copy(text(player)))
  }

  @Test func longTextFollowsItsEndAndScrollsToTheCursor() {
    var player = writing(40, 12)
    player.press("tab tab")
    #expect(player.screen.contains("down to the sea."))
    player.press("g")
    #expect(player.screen.contains("│ little girl, who had no father and"))
    player.press("down")
    #expect((player.state.generate.leading.cursor ?? 0) > 3)
    player.press("G")
    #expect(player.state.generate.leading.cursor == nil && player.screen.contains("down to the sea."))
  }

  @Test func enterInAnEmptyStreamBeginsThatOneAlone() throws {
    var player = Player(settings: .steady)
    player.press("right enter")
    let first = player.state.generate.streams[0].run
    player.press("tab tab + 2 enter")
    try #require(player.state.generate.streams.count == 2)
    #expect(player.state.generate.streams[0].run == first, "the text beside it stays")
    #expect(player.state.generate.streams[1].run?.trace.tokens.isEmpty == false)
    #expect(player.state.generate.streams.map { $0.run?.request.seed } == [7, 8])
    let made = player.effects.filter { if case .generate = $0 { true } else { false } }
    #expect(made.count == 2)
  }
}
