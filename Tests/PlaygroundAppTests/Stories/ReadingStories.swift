import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The reading view: a whole text in colors, with its figures.
@Suite struct ReadingStories {
  static let sizes = [Size(120, 36), Size(80, 24), Size(40, 12)]
  static let text = """
    Once upon a time, in a village by the sea, there lived a little girl.
    She had no father and no mother, and she was poor.

    Every morning she went to the sea.
    """

  static func player(_ size: Size, task: TabID = .generate, holdsAnswers: Bool = false) -> Player {
    var player = Player(size.width, size.height, task: task, settings: .steady)
    player.send(.input(.paste(text)))
    player.holdsAnswers = holdsAnswers
    player.press("alt-r")
    return player
  }

  @Test(arguments: sizes)
  func aTextIsReadWithItsTotals(size: Size) throws {
    let player = Self.player(size)
    let reading = try #require(player.state.shell.reading)
    let tokens = player.state.generate.prompt.tokens.count
    #expect(reading.numbers.count == tokens && !reading.isRunning && reading.failure == nil)
    let total = try #require(reading.total)
    #expect(total.tokens == tokens - 1)
    let perplexity = NumberText.fixed(total.perplexity, decimals: 2)
    #expect(player.screen.contains("perplexity") && player.screen.contains(perplexity), "\(player.screen)")
    #expect(player.screen.contains("Once upon a time"), "\(player.screen)")
  }

  @Test func anErrorDoesNotCloseTheText() throws {
    var player = Self.player(Size(120, 36))
    player.press("right right")
    let cursor = try #require(player.state.shell.reading?.cursor)
    player.send(.failure(EngineError(.resources, "the disk is full")))
    #expect(player.screen.contains("the disk is full"))
    player.press("enter")
    #expect(player.state.overlay == .reading && player.state.shell.reading?.cursor == cursor)
    player.press("esc")
    #expect(player.state.overlay == nil && player.state.shell.reading == nil)
  }

  @Test func numbersComeWhileTheyAreComputed() throws {
    var player = Self.player(Size(80, 24), holdsAnswers: true)
    #expect(player.screen.contains("0 % read") && player.screen.contains("Once upon"), "\(player.screen)")
    #expect(player.effects.contains { if case .read = $0 { true } else { false } })
    let ticket = try #require(
      player.effects.compactMap { if case .read(let ticket, _) = $0 { ticket } else { nil } }.last)
    let token = TokenValue(id: 0, bytes: [0x41])
    player.send(.reading(ticket, ScoredPart(first: 0, tokens: [ScoredToken(unpredicted: token)])))
    player.send(
      .reading(
        ticket, ScoredPart(first: 1, tokens: [ScoredToken(token: token, logprob: -1, rank: 3, entropy: 2)])))
    #expect(player.state.shell.reading?.numbers.count == 2)
    // A part of an older request, or one that is out of order, changes nothing.
    var stale = ticket
    stale.version -= 1
    player.send(.reading(stale, ScoredPart(first: 2, tokens: [ScoredToken(unpredicted: token)])))
    player.send(.reading(ticket, ScoredPart(first: 5, tokens: [ScoredToken(unpredicted: token)])))
    #expect(player.state.shell.reading?.numbers.count == 2)
    // Keys work meanwhile, and leaving the view cancels the work.
    player.press("right")
    #expect(player.state.shell.reading?.cursor == 1 && player.screen.contains("rank 3"), "\(player.screen)")
    player.press("esc")
    #expect(player.state.shell.reading == nil && player.effects.contains(.cancel(.reading(.generate))))
  }

  @Test func aFailureStaysOnTheScreenWithWhatWasRead() throws {
    var player = Self.player(Size(120, 36), holdsAnswers: true)
    let ticket = try #require(
      player.effects.compactMap { if case .read(let ticket, _) = $0 { ticket } else { nil } }.last)
    player.send(.readingEnded(ticket, EngineError(.model, "the logits have no number")))
    #expect(player.screen.contains("the logits have no number") && player.screen.contains("ended early"))
    #expect(player.screen.contains("Once upon"), "\(player.screen)")
  }

  @Test func theCursorWalksByTokensLinesAndSurprises() throws {
    var player = Self.player(Size(80, 24))
    player.press("down")
    let reading = try #require(player.state.shell.reading)
    let text = try #require(reading.text)
    #expect(text.line(of: reading.cursor) == 1, "\(player.screen)")
    // An empty line has no token of its own.
    player.press("down down")
    #expect(player.state.shell.reading.map { text.line(of: $0.cursor) } == 3)
    player.press("g")
    #expect(player.state.shell.reading?.cursor == 0)
    player.press("left G")
    #expect(player.state.shell.reading?.cursor == text.ids.count - 1)
    player.press("g n")
    let peak = try #require(player.state.shell.reading?.cursor)
    #expect(peak > 0)
    player.press("n N")
    #expect(player.state.shell.reading?.cursor == peak)
    player.press("g N")
    #expect(player.screen.contains("no earlier surprising token"), "\(player.screen)")
  }

  @Test func theColorsChangeByMeasureAndUnit() {
    var player = Self.player(Size(120, 36))
    for measure in ["probability", "rank", "surprise", "entropy"] {
      for unit in ["token", "word", "line"] {
        #expect(player.screen.contains("color: \(measure) by \(unit)"), "\(player.screen)")
        #expect(player.grid(.none).plainText.contains("marks: \(measure) by \(unit)"))
        player.press("w")
      }
      player.press("c")
    }
    #expect(player.screen.contains("color: probability by token"))
  }

  @Test func enterEditsTheTextAtTheCursor() {
    var player = Self.player(Size(120, 36))
    player.press("right right enter")
    #expect(player.state.shell.overlay == nil && player.state.focus == .prompt)
    player.type("X")
    #expect(player.state.generate.prompt.editor.text.hasPrefix("Once uponX a time,"))
  }

  @Test func whatCannotBeReadIsSaid() {
    var player = Player(80, 24, settings: .steady)
    player.press("alt-r")
    #expect(player.screen.contains("nothing to read"), "\(player.screen)")
    player = Player(80, 24, task: .translate, settings: .steady)
    player.type("The sea is blue.")
    player.press("alt-r")
    #expect(player.state.shell.overlay == nil && player.state.shell.notice?.contains("predicts its tokens") == true)
    // The text is too long whatever its tokens are, so they need not be answered.
    player = Player(80, 24, settings: .steady)
    player.holdsAnswers = true
    player.send(.input(.paste(String(repeating: "the sea ", count: DocumentReading.mostBytes / 8 + 1))))
    player.press("alt-r")
    #expect(player.screen.contains("too long to be read"), "\(player.screen)")
  }

  @Test func aMaskedModelReadsToo() throws {
    let player = Self.player(Size(120, 36), task: .fillMask)
    let total = try #require(player.state.shell.reading?.total)
    #expect(total.tokens > 10 && player.screen.contains("Read by cloze"), "\(player.screen)")
  }

  @Test func linesSayTheReading() {
    var settings = PlaygroundSettings()
    settings.isLinear = true
    var player = Player(LinePort.size.width, LinePort.size.height, settings: settings)
    var report = LineReport()
    player.send(.line("Once upon a time, in a village"))
    _ = report.lines(player.state, isSettled: true)
    player.send(.line("alt-r"))
    let lines = report.lines(player.state, isSettled: true)
    #expect(lines.contains { $0.hasPrefix("read by storyteller: ") && $0.contains("perplexity") }, "\(lines)")
    #expect(lines.contains("line 1: Once upon a time, in a village"), "\(lines)")
  }
}

/// Texts in tokens, words and lines, and their figures.
@Suite struct DocumentReadingTests {
  /// A text whose tokens end at these bytes.
  private func text(_ text: String, _ ends: [Int]) -> DocumentText {
    let spans = ends.indices.map { index in
      TokenSpan(
        token: TokenValue(id: index, bytes: []), range: (index == 0 ? 0 : ends[index - 1])..<ends[index],
        isSpecial: false)
    }
    return DocumentText(text, TokenizedText(text, spans))
  }

  @Test func piecesAreTheTextAndCharactersStayWhole() {
    // The tokens of the é end inside it.
    let document = text("a é b", [1, 3, 4, 6])
    #expect(document.pieces == ["a", "", " é", " b"])
    #expect(document.bytes == [1, 2, 1, 2])
    let dropped = text("ab  ", [1, 2])
    #expect(dropped.pieces.joined() == "ab  ")
  }

  @Test func wordsBeginAtSpacesAndLinesAfterLineBreaks() {
    let document = text("un do it\nnow ok", [2, 3, 5, 8, 9, 12, 15])
    #expect(document.pieces == ["un", " ", "do", " it", "\n", "now", " ok"])
    #expect(document.range(of: 0, .word) == 0..<1)
    #expect(document.range(of: 2, .word) == 2..<3)
    #expect(document.range(of: 1, .line) == 0..<5 && document.range(of: 6, .line) == 5..<7)
    #expect(document.line(of: 4) == 0 && document.line(of: 5) == 1)
    #expect(document.ranges(.line) == [0..<5, 5..<7])
  }

  @Test func figuresOfARangeAreSumsAndMeans() throws {
    var numbers = ReadingNumbers()
    let token = TokenValue(id: 1, bytes: [0x41])
    numbers.append(ScoredToken(unpredicted: token), bytes: 4)
    numbers.append(ScoredToken(token: token, logprob: -2, rank: 9, entropy: 3), bytes: 2)
    numbers.append(ScoredToken(token: token, logprob: -1, rank: 1, entropy: 1), bytes: 3)
    #expect(numbers.figures(0..<1) == nil && numbers.logprob(0) == nil && numbers.logprob(1) == -2)
    let all = try #require(numbers.figures(0..<9))
    #expect(all.tokens == 2 && all.bytes == 5 && all.logprob == -3 && all.entropy == 2 && all.rank == 9)
    #expect(abs(all.typicalRank - 3) < 1e-12 && abs(all.bits - 3 / 0.6931471805599453) < 1e-12)
    #expect(abs(all.perplexity - 4.4816890703380645) < 1e-12)
    // A token of probability 0 does not spoil the figures of others.
    numbers.append(ScoredToken(token: token, logprob: -.infinity, rank: 90, entropy: 1), bytes: 1)
    numbers.append(ScoredToken(token: token, logprob: -0.5, rank: 1, entropy: 1), bytes: 1)
    #expect(numbers.figures(4..<5)?.logprob == -0.5)
    #expect(numbers.figures(0..<5)?.perplexity == .infinity)
  }

  @Test func stepsOfRanksEndAtPowersOfTen() {
    let step = { (rank: Double) in HeatPlace.step(ReadingMeasure.place(rank: rank)) }
    #expect([1, 10, 11, 100, 101, 1000, 1001, 1e9].map(step) == [0, 0, 1, 1, 2, 2, 3, 3])
  }
}
