import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Generating a stream token by token: single tokens equal those of the whole text, and undo restores all that a step
/// cuts.
@Suite struct StepStories {
  static let sizes = [Size(160, 50), Size(120, 36), Size(80, 24), Size(40, 12)]

  /// Settings under which every draw is a surprise.
  private static var loose: PlaygroundSettings {
    var chain = SamplingSettings()
    chain.temperature = 3
    var settings = PlaygroundSettings(sampling: chain)
    settings.maxTokens = 24
    return settings
  }

  private func tokens(_ player: Player) -> [ScoredToken] {
    player.state.generate.leading.run.map { Array($0.trace.tokens) } ?? []
  }
  private func requests(_ player: Player) -> Int {
    player.effects.count { if case .generate = $0 { true } else { false } }
  }
  private func begun(_ size: Size = Size(120, 36), _ settings: PlaygroundSettings = .steady) -> Player {
    var player = Player(size.width, size.height, settings: settings)
    player.press("right tab tab")
    return player
  }

  @Test(arguments: sizes)
  func aTokenAtATimeIsTheWholeText(size: Size) {
    var whole = begun(size, Self.loose)
    whole.press("enter")
    let wanted = tokens(whole)
    #expect(wanted.count > 8)
    var player = begun(size, Self.loose)
    for count in 1...8 {
      player.press(".")
      #expect(tokens(player) == Array(wanted.prefix(count)))
    }
    #expect(requests(player) == 8)
    if size.width >= 80 { #expect(player.screen.contains("8 tok · one token")) }
  }

  @Test func aStepGoesOnWhereTheTextWasStopped() {
    var whole = begun(Size(80, 24), Self.loose)
    whole.press("enter")
    let wanted = tokens(whole)
    var player = begun(Size(80, 24), Self.loose)
    player.holdsStreams = true
    player.press("enter")
    player.stream(5)
    player.press(".")
    #expect(player.state.notice == "the text is still being generated: Esc stops it")
    player.press("esc")
    player.holdsStreams = false
    player.press(". .")
    #expect(tokens(player) == Array(wanted.prefix(7)))
  }

  @Test func insideATextTheTreeHasTheTokenAlready() {
    var player = begun()
    player.press("enter")
    let whole = tokens(player)
    let (made, held) = (requests(player), player.state.shell.tree.tokenCount)
    player.press("g right right .")
    #expect(tokens(player) == Array(whole.prefix(3)))
    player.press(". .")
    #expect(tokens(player) == Array(whole.prefix(5)))
    #expect(requests(player) == made && player.state.shell.tree.tokenCount == held)
    player.press("u u u")
    #expect(tokens(player) == whole)
  }

  @Test func otherSettingsBranch() {
    var player = begun()
    player.press("enter")
    let whole = tokens(player)
    let made = requests(player)
    player.press("g right right f3 left esc .")
    #expect(requests(player) == made + 1)
    #expect(tokens(player).count == 3 && tokens(player).prefix(2) == whole.prefix(2))
    #expect(player.state.generate.leading.run?.request.context.ids.count == 15 + 2)
    player.press("u")
    #expect(tokens(player) == whole)
  }

  @Test(arguments: sizes)
  func aTokenIsTakenBackAndRedone(size: Size) {
    var player = begun(size)
    player.press("enter")
    let whole = tokens(player)
    player.press(", ,")
    #expect(tokens(player) == Array(whole.dropLast(2)))
    #expect(player.screen.contains("\(whole.count - 2)"))
    player.press("ctrl-r")
    #expect(tokens(player) == Array(whole.dropLast()))
    player.press("ctrl-r")
    #expect(tokens(player) == whole)
    player.press("ctrl-r")
    #expect(player.state.notice == "nothing to redo in this stream")
  }

  @Test func stepsBackAndForthMakeNothingNew() {
    var player = begun()
    player.press(". . . .")
    let all = tokens(player)
    let (made, held) = (requests(player), player.state.shell.tree.tokenCount)
    player.press(", , , ,")
    #expect(tokens(player).isEmpty)
    player.press(",")
    #expect(player.state.notice == "no token to take back")
    player.press(". . . .")
    #expect(tokens(player) == all)
    #expect(requests(player) == made && player.state.shell.tree.tokenCount == held)
  }

  @Test func withTheCursorInTheTextAllFromThereIsTakenBack() {
    var player = begun()
    player.press("enter")
    let whole = tokens(player)
    player.press("g right right right ,")
    #expect(tokens(player) == Array(whole.prefix(3)))
    #expect(player.state.generate.leading.run?.status == .finished(.interrupted))
    player.press("ctrl-r")
    #expect(tokens(player) == whole)
  }

  /// A step cuts the text after the cursor. A notice says so and names the key that restores it.
  @Test func aStepThatCutsATextSaysSo() {
    var player = begun()
    player.press("enter")
    let whole = tokens(player)
    player.press("g right right .")
    #expect(player.state.notice == "\(whole.count - 3) tokens were cut: u brings them back")
    player.press("u")
    #expect(tokens(player) == whole && player.state.notice == nil)
    player.press("g right right ,")
    #expect(tokens(player).count == 2)
    #expect(player.state.notice == "\(whole.count - 2) tokens were cut: Ctrl-R brings them back")
    player.press("ctrl-r")
    #expect(tokens(player) == whole)
    player.press("left left .")
    #expect(player.state.notice == "a token was cut: u brings it back")
    player.press("u left .")
    #expect(player.state.notice == nil && tokens(player) == whole, "the last token is the one that is asked for")
    player.press(",")
    #expect(player.state.notice == nil, "at the end of the text it is what the key is for")
    player.press("ctrl-r g right right f3 left esc .")
    #expect(player.state.notice == "\(whole.count - 2) tokens were cut: u brings them back")
  }

  @Test func keysThatComeTooFastAreNotLost() {
    var player = begun()
    player.holdsStreams = true
    player.press(". . . .")
    #expect(requests(player) == 1)
    player.holdsStreams = false
    player.answer()
    #expect(tokens(player).count == 4)
    player.holdsStreams = true
    player.press(". . . esc")
    player.holdsStreams = false
    player.answer()
    #expect(tokens(player).count == 4, "Esc drops those that wait")
  }

  @Test func aChosenTokenAndAnEndAreTold() {
    var player = begun()
    player.press("enter .")
    #expect(player.state.notice?.hasPrefix("the text has ended") == true)
    player.press("g shift-tab down enter tab")
    #expect(player.state.generate.leading.run?.trace.chosen == [0])
    player.press("g ,")
    #expect(player.state.notice == "the first token was chosen: u takes the choice back")
  }

  @Test func aSeedThatWasChosenCounts() {
    var player = begun(Size(120, 36), Self.loose)
    player.press("enter")
    let whole = tokens(player)
    player.press("g right right right")
    player.change {
      $0.generate.streams[0].seed = 99
      $0.generate.streams[0].isSeedChosen = true
    }
    player.press(".")
    #expect(player.state.generate.leading.run?.request.seed == 99)
    #expect(tokens(player).count == 4 && tokens(player).prefix(3) == whole.prefix(3))
  }
}
