import EngineAPI
import Sessions
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// What the lists of candidates show of the drawn token, of bars, of searches and of many masks.
@Suite struct CandidateStories {
  static let sizes = [Size(120, 36), Size(80, 24), Size(40, 12)]

  private static let wild: PlaygroundSettings = {
    var chain = SamplingSettings()
    chain.temperature = 3
    return PlaygroundSettings(sampling: chain, maxTokens: 40)
  }()

  /// A text whose cursor is on a token that ranks below the visible list.
  private func surprised(_ size: Size) -> (Player, Int) {
    var player = Player(size.width, size.height, settings: Self.wild)
    player.press("right enter tab tab")
    let tokens = player.state.generate.leading.run?.trace.tokens ?? TokenPath()
    let index = tokens.indices.max { (tokens[$0].rank ?? 0) < (tokens[$1].rank ?? 0) } ?? 0
    player.press("g")
    for _ in 0..<index { player.press("right") }
    player.press("shift-tab")
    return (player, tokens[index].rank ?? 0)
  }

  @Test(arguments: sizes)
  func theDrawnTokenIsPinned(size: Size) {
    var (player, rank) = surprised(size)
    let dot = "●"
    let pinned = player.grid().lines.filter {
      $0.contains(dot) && $0.contains(" \(rank) ") || $0.contains("\(dot)\(rank) ")
    }
    #expect(rank > 40 && pinned.count == 1, "rank \(rank)\n\(player.screen)")
    // Once the list shows it, it is no longer pinned.
    for _ in 1..<rank { player.press("down") }
    #expect(player.grid().lines.dropFirst().count { $0.contains(dot) } == 1, "\(player.screen)")
    #expect(player.state.generate.candidates.chosen?.ranked.rank == rank)
  }

  @Test(arguments: sizes)
  func barsAreAbsoluteUntilAskedOtherwise(size: Size) {
    var player = Player(size.width, size.height, settings: .steady)
    player.press("right tab")
    let cells = { (player: Player) in player.screen.count { $0 == "█" } }
    let legend = size.height >= 20 && size.width >= 72 ? 1 : 0
    let probability = Probability.of(logprob: player.state.generate.candidates.rows[0]?.ranked.logprob ?? 0)
    #expect(probability < 0.9)
    let absolute = cells(player) - legend
    player.press("b")
    let relative = cells(player) - legend
    #expect(relative > absolute)
    #expect(player.screen.contains("bars relative to the first candidate"))
    player.press("b")
    #expect(cells(player) - legend == absolute)
  }

  @Test func afterTheChainAllNumbersAreTheChains() throws {
    var player = Player(160, 50, settings: .steady)
    player.press("right enter tab d")
    let screen = player.screen
    #expect(screen.contains("chain  log p, nats") && !screen.contains("covered"), "\(screen)")
    let shown = try #require(player.state.generate.candidates.rows[0])
    let chain = try #require(shown.chainProbability)
    let model = Probability.of(logprob: try #require(shown.ranked.logprob))
    #expect(abs(chain - model) > 0.01)
    let numbers =
      [NumberText.percent(chain), NumberText.logProbability(Probability.logarithm(chain))]
      + [NumberText.percent(model)]
    let line = try #require(player.grid().lines.first { $0.contains("\(numbers[0])") })
    let places = numbers.compactMap { line.firstRange(of: $0)?.lowerBound }
    #expect(places.count == 3 && places == places.sorted(), "\(line)")
    player = Player(80, 24, settings: .steady)
    player.press("right enter tab down d up")
    let narrow = Probability.logarithm(try #require(player.state.generate.candidates.chosen?.chainProbability))
    #expect(player.screen.contains("log p \(NumberText.fixed(narrow, decimals: 2))"), "\(player.screen)")
  }

  @Test(arguments: [46, 58, 64, 80, 120])
  func aLongTokenTakesTheRoomOfTheBars(width: Int) {
    let usual = CandidateColumns(width: width, digits: 3, longest: 6)
    #expect(usual.token == CandidateColumns(width: width, digits: 3).token, "short tokens change nothing")
    for longest in [usual.token + 1, usual.token + 4, 200] {
      let columns = CandidateColumns(width: width, digits: 3, longest: longest)
      #expect(columns.token >= usual.token && columns.token + columns.bar == usual.token + usual.bar)
      #expect(columns.token >= longest || columns.bar <= max(8, usual.bar / 2 + 3), "\(columns)")
      #expect(columns.bar >= 8 && columns.percentColumn == usual.percentColumn)
    }
  }

  @Test(arguments: sizes)
  func aSearchForNoSingleTokenNamesItsPieces(size: Size) {
    var player = Player(size.width, size.height, settings: .steady)
    player.press("right tab /")
    player.type("thegirl")
    let shown = player.screen
    #expect(shown.contains("thegirl is not one token:"), "\(shown)")
    if size.width >= 120 { #expect(shown.contains("·the g i r l")) }
    player.press("esc /")
    player.type("little")
    #expect(!player.screen.contains("not one token"))
    player.press("esc")
    #expect(player.state.generate.candidates.pieces == nil)
  }

  @Test func piecesOfMasksAreNamedToo() {
    var player = Player(80, 24, task: .fillMask)
    player.type("The [MASK]")
    player.press("enter /")
    player.type("xy")
    #expect(player.screen.contains("xy is not one token: x y"))
  }

  @Test(arguments: sizes)
  func ofManyMasksTheTitleTellsTheCount(size: Size) {
    var player = Player(size.width, size.height, task: .fillMask)
    player.send(.input(.paste((0..<6).map { _ in "[MASK]" }.joined(separator: " "))))
    player.press("tab")
    for index in 0..<6 {
      #expect(player.state.focus == .mask(index))
      #expect(player.screen.contains("Mask \(index + 1) of 6"))
      player.press("right")
    }
    player.press("tab")
    #expect(player.state.focus == .together)
  }

  @Test func unitsStandBesideTheirNumbers() {
    var player = Player(120, 36, settings: .steady)
    player.press("right enter tab tab g")
    #expect(player.screen.contains("log p, nats") && player.screen.contains("entropy "))
    #expect(player.screen.contains(#/surprise \d+\.\d\d bits · entropy \d+\.\d\d bits/#))
    player = Player(40, 12)
    player.press("right tab")
    #expect(!player.screen.contains("log p"))
  }

  @Test func copyingSaysWhatIsKnown() {
    var player = Player(settings: .steady)
    player.press("tab tab y")
    #expect(player.state.notice == "nothing to copy here")
    player.press("shift-tab shift-tab right enter tab tab y")
    #expect(player.state.notice == "sent to the terminal's clipboard (OSC 52)")
    var settings = PlaygroundSettings.steady
    settings.hasClipboard = false
    player = Player(settings: settings)
    player.press("right enter tab tab y")
    #expect(player.state.notice == "not copied: this terminal has no clipboard")
    #expect(!player.effects.contains { if case .copy = $0 { true } else { false } })
  }

  @Test func aTextThatIsTooLongIsNotCopied() {
    let script = String(repeating: "x", count: 600_000)
    let model = ScriptedModel(
      "interpreter", family: .seq2seq, words: ["How", script], script: "\(script) \(script)", contextLength: nil)
    var player = Player(task: .translate, catalogue: [model])
    player.type("How")
    player.press("enter tab tab y")
    #expect(player.state.notice?.hasPrefix("not copied: the text has 1.2 MB") == true, "\(player.state.notice ?? "")")
  }
}
