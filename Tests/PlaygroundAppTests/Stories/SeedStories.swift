import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import TestSupport
import Testing

@testable import PlaygroundApp

/// The app never chooses a seed twice for the same prompt, model and settings. A seed that the user chose counts as
/// used.
@Suite struct SeedStories {
  /// The requests that were run, reduced to what their texts depend on.
  private func requests(_ player: Player) -> [GenerationRequest] {
    player.effects.compactMap { effect in
      guard case .generate(_, var request) = effect else { return nil }
      request.maxTokens = 0
      request.topCount = 0
      return request
    }
  }

  private func expectNoTextTwice(_ player: Player, _ location: SourceLocation = #_sourceLocation) {
    let all = requests(player)
    #expect(Set(all).count == all.count, "\(all.map(\.seed))", sourceLocation: location)
  }

  @Test(arguments: [Size(120, 36), Size(80, 24), Size(40, 12)])
  func anAddedStreamMakesAnotherText(size: Size) {
    var player = Player(size.width, size.height)
    player.press("right enter tab + shift-tab shift-tab shift-tab enter")
    expectNoTextTwice(player)
    #expect(player.state.generate.streams.map { $0.run?.request.seed } == [8, 9])
    let texts = player.state.generate.streams.map { $0.run!.trace.text(endOfText: [0]) }
    #expect(texts[0] != texts[1])
  }

  @Test func theSameModelTwiceAtTheStartMakesTwoTexts() {
    let model = ModelReference("storyteller")
    var player = Player(models: [.generate: [model, ModelReference("storyteller-mini"), model]])
    player.press("right enter")
    expectNoTextTwice(player)
    #expect(player.state.generate.streams.map { $0.run?.request.seed } == [7, 7, 8])
  }

  @Test func modelsAndSettingsThatComeBackTakeNewSeeds() {
    var player = Player()
    player.press("right enter f2 down enter enter f2 up enter enter")
    #expect(requests(player).map(\.seed) == [7, 7, 8])
    player.press("f3 right enter enter f3 left enter enter")
    expectNoTextTwice(player)
  }

  @Test func aSeedThatIsChosenIsObeyed() {
    var player = Player()
    player.press("right enter f3 down down down down down")
    player.type("41")
    player.press("enter esc enter")
    #expect(requests(player).map(\.seed) == [7, 41])
    player.press("f3 down down down down down")
    player.type("7")
    player.press("enter esc enter")
    #expect(requests(player).map(\.seed) == [7, 41, 7])
    #expect(player.state.notice == "seed 7 has made this text before: the same text comes again")
    player.press("enter")
    #expect(requests(player).map(\.seed) == [7, 41, 7, 8], "what nobody chose is another text")
  }

  @Test func aTypedSeedCountsEvenWhereItStandsThereAlready() {
    var player = Player()
    player.press("right enter ctrl-p")
    player.type("seed 7")
    player.press("enter enter")
    #expect(requests(player).map(\.seed) == [7, 7])
    player.press("tab tab r")
    #expect(requests(player).map(\.seed) == [7, 7, 8])
  }

  @Test func aChosenSeedCountsAsUsedEvenIfItsRepeatedRequestMadeNoToken() {
    var player = Player()
    player.press("right enter ctrl-p")
    player.type("seed 7")
    player.press("enter")
    player.holdsStreams = true
    player.press("enter esc")
    player.holdsStreams = false
    player.press("enter")
    #expect(requests(player).map(\.seed) == [7, 7, 8])
  }

  @Test func aContinuationThatIsTakenAgainIsAnotherOne() {
    var settings = PlaygroundSettings()
    settings.maxTokens = 5
    var player = Player(settings: settings)
    player.press("right enter tab tab enter u enter u enter")
    expectNoTextTwice(player)
    player.press("g shift-tab down enter tab u shift-tab enter")
    expectNoTextTwice(player)
  }

  @Test func aStreamThatMadeNothingKeepsItsSeed() {
    var player = Player()
    player.holdsStreams = true
    player.press("right enter esc enter")
    #expect(requests(player).map(\.seed) == [7, 7])
    player.stream(3)
    player.press("esc enter")
    #expect(requests(player).map(\.seed) == [7, 7, 8])
  }

  /// Actions that replace a text before its first token.
  @Test(arguments: ["enter", "f2 down enter f2 up enter enter", "+ enter"])
  func aTextThatIsReplacedBeforeItsFirstTokenKeepsNoSeed(keys: String) {
    var player = Player()
    player.holdsStreams = true
    player.press("right enter " + keys)
    let made = requests(player)
    #expect(made.count > 1)
    // The replaced text generated nothing, so each running stream has its own of the first seeds.
    let running = player.state.generate.streams.compactMap { $0.run?.request.seed }
    #expect(Set(running) == Set(7..<(7 + UInt64(running.count))), "\(made.map(\.seed))")
    player.stream(3)
    player.press("esc enter")
    let seeds = requests(player).suffix(running.count).map(\.seed)
    #expect(Set(seeds).isDisjoint(with: running), "\(seeds)")
  }

  @Test func theSeedOfATextThatIsUnderWayIsUsed() {
    var player = Player()
    player.holdsStreams = true
    player.press("right enter")
    player.stream(1)
    player.press("enter enter")
    #expect(requests(player).map(\.seed) == [7, 8, 8])
  }

  @Test(arguments: 0..<3)
  func noTextComesTwiceWhateverIsPressed(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var settings = PlaygroundSettings()
    settings.maxTokens = 3
    var player = Player(80, 24, settings: settings)
    player.type("Once")
    let keys = [
      "enter", "enter", "tab", "+", "-", "r", "u", "ctrl-r", "up", "down", "left", "f2 down enter", "f2 up enter",
      "f3 right enter", "f3 left enter", "f3 G up right enter", "f3 G up left enter", "esc", "shift-tab",
    ]
    for _ in 0..<160 { player.press(keys.randomElement(using: &random) ?? "enter") }
    #expect(requests(player).count > 5)
    expectNoTextTwice(player)
  }
}
