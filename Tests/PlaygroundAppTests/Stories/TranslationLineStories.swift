import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Texts of several lines, texts that swap, and where the candidates stand.
@Suite struct TranslationLineStories {
  static let sizes = [Size(120, 36), Size(80, 24), Size(40, 12)]
  private static let script = "Comment allez-vous aujourd'hui ?"

  private func text(_ player: Player) -> String {
    guard let trace = player.state.translate.beams.hypothesis?.trace else { return "" }
    return trace.text(endOfText: [0])
  }

  private func translated(_ size: Size = Size(120, 36), _ source: String = "How are you?") -> Player {
    var player = Player(size.width, size.height, task: .translate)
    player.send(.input(.paste(source)))
    player.press("enter")
    return player
  }

  @Test(arguments: sizes)
  func eachLineIsTranslatedByItself(size: Size) {
    var player = translated(size, "How are you?\n\nHow are\nyou")
    let requests = player.effects.compactMap { effect -> BeamRequest? in
      if case .beamSearch(_, let request) = effect { request } else { nil }
    }
    let model = ScriptedModel.bundled[3]
    let sources = requests.map { (try? model.text(of: $0.context.encoderIDs ?? [])) ?? "" }
    #expect(sources == ["How are you?", "How are", "you"].map { "translate English to French: " + $0 })
    #expect(text(player) == "\(Self.script)\n\n\(Self.script)\n\(Self.script)", "an empty line stays empty")
    #expect(player.state.translate.beams.status == .finished)
    player.press("tab tab")
    player.press("G left left")
    #expect(player.state.translate.beams.current == 3)
    #expect(player.screen.contains("line 4, token") || size.width < 80)
    let query = player.state.translate.candidates.query
    #expect(query?.context.encoderIDs == requests[2].context.encoderIDs)
    #expect(query?.position == 3)
  }

  @Test func aLineIsSearchedOnByItself() {
    var player = translated(Size(120, 36), "How are you?\nHow")
    player.press("tab tab g right shift-tab down")
    let candidate = player.state.translate.candidates.chosen?.ranked.token
    player.press("enter")
    let lines = player.state.translate.beams.lines
    #expect(lines.count == 2)
    #expect(lines[0].hypotheses[0].trace.tokens[1].token == candidate)
    #expect(text(player).hasSuffix("\n" + Self.script))
    let requests = player.effects.compactMap { if case .beamSearch(_, let request) = $0 { request } else { nil } }
    #expect(
      requests.last?.context.ids.count == 2 && requests.last?.context.encoderIDs == requests[0].context.encoderIDs)
    player.press("tab tab down")
    #expect(player.state.translate.beams.chosen == 1)
    #expect(player.state.translate.beams.lines[1].chosen == 0, "the other line keeps its beam")
    player.press("u")
    #expect(text(player) == Self.script + "\n" + Self.script)
  }

  @Test func linesAppearAsTheyAreDoneAndCanBeStopped() {
    var player = Player(task: .translate)
    player.send(.input(.paste("How\nare\nyou")))
    player.holdsAnswers = true
    player.press("enter")
    #expect(player.screen.contains("line 1 of 3"))
    player.press("esc")
    player.holdsAnswers = false
    player.answer()
    #expect(player.state.translate.beams.lines.isEmpty && player.state.translate.beams.status == .stopped)
    player.press("enter")
    #expect(player.state.translate.beams.lines.count == 3)
  }

  @Test(arguments: sizes)
  func theOtherWayRoundTheTextsSwap(size: Size) {
    var player = translated(size)
    player.press("f6")
    #expect(player.state.translate.direction == TranslationDirection(from: "fr", to: "en"))
    #expect(player.state.prompt.editor.text == Self.script)
    #expect(text(player) == "How are you?")
    if size.height > 12 { #expect(player.screen.contains("╭─ French ─") && player.screen.contains("╭─ English ─")) }
    // The candidates are those of the first word of the user's text, not those after its end.
    #expect(player.state.translate.candidates.query?.position == 0)
    // The user's text is read as a translation of the text that it was translated to.
    player.press("tab tab g right")
    let query = player.state.translate.candidates.query
    #expect(query?.context.encoderIDs == player.state.prompt.ids && query?.position == 1)
    player.press("esc esc f6")
    #expect(player.state.prompt.editor.text == "How are you?")
    #expect(text(player) == Self.script)
    player.press("enter")
    #expect(text(player) == Self.script && player.state.translate.direction.target == "fr")
    #expect(!player.state.translate.beams.isGiven)
  }

  @Test(arguments: sizes)
  func aTextThatSomebodyWroteIsNoBeam(size: Size) {
    var player = translated(size)
    // On low screens the list of beams is visible only while it has the focus.
    player.press("tab tab tab")
    #expect(player.state.focus == .beams && player.screen.contains("-0."))
    player.press("r")
    let lines = player.screen.split(separator: "\n")
    #expect(player.state.translate.beams.isGiven && player.screen.contains("beams will be searched"))
    #expect(!lines.contains { $0.contains(" - ") || $0.contains(" – ") }, "\(player.screen)")
    #expect(player.state.translate.beams.hypotheses.count == 1, "the text stands in its pane all the same")
  }

  @Test(arguments: sizes)
  func theTokenWhoseCandidatesAreShownIsMarked(size: Size) {
    var player = translated(size)
    func marked() -> String {
      let grid = player.grid()
      let cells = (0..<size.height).flatMap { y in (0..<size.width).map { grid[Point($0, y)] } }
      return cells.filter { $0.style.background == .cursor }.map(\.text).joined()
    }
    player.press("tab")
    #expect(player.state.focus == .candidates && marked() == "Comment")
    player.press("tab G shift-tab")
    #expect(player.state.focus == .candidates)
    #expect(marked().contains("<|end|>"), "at the end, the token that ends the text: \(marked())")
  }

  @Test func severalLinesSwapToo() {
    var player = translated(Size(120, 36), "How are you?\nHow")
    player.press("f6")
    #expect(player.state.prompt.editor.text == Self.script + "\n" + Self.script)
    #expect(text(player) == "How are you?\nHow")
    player.press("tab")
    #expect(
      player.screen.contains("the lines are translated one by one") || player.state.translate.candidates.count == 0)
    player.press("tab L up enter")
    #expect(player.state.prompt.editor.text == "How are you?\nHow", "the list of languages swaps as well")
  }

  @Test func withoutATranslationTheTextStays() {
    var player = Player(task: .translate)
    player.type("Vous")
    player.press("f6")
    #expect(player.state.prompt.editor.text == "Vous" && player.state.translate.direction.source == "fr")
    #expect(player.state.translate.beams.hypotheses.isEmpty)
  }

  @Test func aTranslationSaysWhatItIsOf() {
    var player = translated()
    #expect(!player.screen.contains("old text"))
    player.type(" x")
    #expect(player.screen.contains("╭─ French · old text ─"))
    player.press("tab tab g shift-tab down enter")
    #expect(player.state.notice == "the translation of the old text continues")
  }

  @Test func theCandidatesStandWhereSomethingIsToBeSeen() throws {
    let player = translated()
    let trace = try #require(player.state.translate.beams.hypothesis?.trace)
    let cursor = try #require(player.state.translate.beams.cursor)
    let words = trace.tokens.dropLast()
    #expect(trace.tokens.last?.token.id == 0 && cursor < words.count)
    #expect(words.allSatisfy { ($0.logprob ?? 0) >= (trace.tokens[cursor].logprob ?? 0) })
    var focused = player
    focused.press("tab")
    #expect(focused.screen.contains("Candidates, token \(cursor + 1)"))
    focused.press("tab tab down")
    #expect(focused.state.translate.beams.cursor != nil, "another beam stands well, too")
  }

  @Test(arguments: [Size(120, 36), Size(80, 24)])
  func longBeamsAreWrappedIntoTheFreeRows(size: Size) {
    let script = " " + (1...16).map { "mot\($0)" }.joined(separator: " ")
    let model = ScriptedModel(
      "interpreter", family: .seq2seq, words: ["How"], script: script, contextLength: nil, seed: 4)
    var player = Player(size.width, size.height, task: .translate, catalogue: [model])
    player.type("How")
    player.press("enter tab tab tab")
    let ends = player.grid().lines.count { $0.contains("mot16") }
    #expect(ends >= 2, "\(player.screen)")
    // A click on any row of a beam chooses it.
    let lines = player.grid().lines
    let second = (lines.lastIndex { $0.contains("mot16") } ?? 0)
    let frame = player.state.shell.layout[.beams]?.frame ?? Rect(size: .zero)
    player.send(.input(.mouse(MouseEvent(.press(0), at: Point(frame.maxX - 20, second)))))
    #expect(player.state.focus == .beams)
    if size.width == 120 {
      let shown = lines[frame.y..<frame.maxY].count { $0.contains("mot16") }
      #expect(player.state.translate.beams.chosen == shown - 1)
    }
  }
}
