import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Classify tab with scripted models: `mood` labels texts, `names` labels words.
@Suite struct ClassifyStories {
  static func player(_ size: Size = Size(80, 24), _ model: String? = "mood", text: String = "") -> Player {
    var player = Player(
      size.width, size.height, task: .classify, models: model.map { [.classify: [ModelReference($0)]] } ?? [:],
      catalogue: ScriptedModel.bundled + ScriptedModel.labelers)
    player.type(text)
    return player
  }

  /// What stands inside a pane, as one line.
  private func words(in focus: Focus, _ player: Player) -> String {
    guard let room = player.state.shell.layout[focus]?.inside else { return "" }
    let grid = player.grid()
    let cells = (room.y..<room.maxY).map { y in (room.x..<room.maxX).map { grid[Point($0, y)].text }.joined() }
    return cells.joined(separator: " ").split(separator: " ").joined(separator: " ")
  }

  private static let text = "A dull film, but the end is a joy."

  @Test func labelsComeAsOneTypes() {
    var player = Self.player()
    let line = "write a text: its labels come as you type"
    #expect(words(in: .labels, player) == line)
    player.type("A joy")
    #expect(player.state.classify.labels.answer?.labels.first?.label == "good")
    player.type(", but dull and cold")
    #expect(player.state.classify.labels.answer?.labels.first?.label == "bad")
    #expect(player.state.classify.labels.isCurrent && player.state.classify.changed.isCurrent)
    player.press("ctrl-u")
    #expect(player.state.classify.labels.answer == nil && words(in: .labels, player) == line)
  }

  @Test func eachWordsChangeIsThatOfTheChangedText() throws {
    let player = Self.player(text: Self.text)
    let model = ScriptedModel.labelers[0]
    let words = player.state.classify.markedWords
    #expect(words.map(\.text) == ["A", "dull", "film", "but", "the", "end", "is", "a", "joy"])
    let good = { (text: String) in
      model.classify(ClassifyRequest(model: ModelReference("mood"), text: text)).labels.first { $0.label == "good" }
    }
    let whole = try #require(good(Self.text)?.probability)
    for word in words {
      let bytes = Array(Self.text.utf8)
      let changed = bytes[..<word.range.lowerBound] + Array("[MASK]".utf8) + bytes[word.range.upperBound...]
      let without = try #require(good(String(decoding: changed, as: UTF8.self))?.probability)
      #expect(word.value == whole - without, "\(word.text)")
    }
  }

  @Test func allWordsAreOneRequest() {
    let player = Self.player(text: "joy")
    var requests: [ClassifyBatchRequest] = []
    for case .classifyAll(_, let request) in player.effects { requests.append(request) }
    #expect(requests.last?.texts == ["[MASK]"] && requests.count <= 3)
  }

  @Test func anotherLabelShowsItsOwnChanges() {
    var player = Self.player(text: Self.text)
    let before = player.state.classify.markedWords
    #expect(player.screen.contains("What each word does to good"))
    player.press("enter down")
    #expect(player.state.classify.shownLabel == "bad" && player.screen.contains("What each word does to bad"))
    for (one, other) in zip(before, player.state.classify.markedWords) {
      #expect(abs((one.value ?? 0) + (other.value ?? 0)) < 1e-12)
    }
    // The chosen label stays chosen while the text changes.
    player.press("shift-tab")
    player.type(" joy joy")
    #expect(player.state.classify.shownLabel == "bad" && player.state.classify.labelWindow.selected == 1)
  }

  @Test func theStrongestWordComesFirstAndIsMarkedInTheText() throws {
    var player = Self.player(Size(120, 36), text: Self.text)
    player.press("tab tab tab")
    #expect(player.state.focus == .words)
    let state = player.state.classify
    let order = ClassifyState.listed(state.markedWords, isTagger: false)
    #expect(order.prefix(2).map { state.markedWords[$0].text } == ["joy", "dull"])
    let chosen = player.grid().styleMap { $0.background == .cursor ? "x" : " " }
    #expect(chosen.contains("xxx") && !chosen.contains("xxxx"))
    player.press("shift-tab left")
    let word = player.state.classify.markedWords[order[player.state.classify.wordWindow.selected]]
    #expect(word.text == "a", "left of joy in the text: \(word.text)")
  }

  @Test func entitiesStandInTheTextWithTheirScores() {
    let player = Self.player(Size(120, 36), "names", text: "Hans lives in Berlin")
    let lines = player.screen.split(separator: "\n").map(String.init)
    #expect(player.screen.contains("NAME 75 %"))
    #expect(lines.contains { $0.contains("Hans lives in Berlin") })
    #expect(lines.filter { $0.contains("75.00 %") }.count == 2, "the list: \(player.screen)")
    #expect(player.state.focusOrder == [.prompt, .words, .marked])
    // Where two of them are close to each other, or to the edge, the score stands alone.
    let close = Self.player(Size(40, 12), "names", text: "Hans lives in Berlin and Anna in Rome")
    #expect(words(in: .marked, close).hasSuffix("NAME 75 % NAME 75 % 75 % 75 %"), "\(close.screen)")
  }

  @Test(arguments: [Size(120, 36), Size(80, 24), Size(40, 12)])
  func withoutAModelTheTabSaysHowToOpenOne(size: Size) {
    let some = Self.player(size, nil)
    #expect(words(in: .labels, some) == "no classifier is open: F2 chooses one of 2 that were found", "\(some.screen)")
    let none = Player(size.width, size.height, task: .classify)
    let line = "no classifier is open: press F2 and type the path of one, or hf:org/name"
    #expect(words(in: .labels, none) == line, "\(none.screen)")
    #expect(none.effects.allSatisfy { if case .load = $0 { false } else { true } }, "nothing is opened")
    #expect(none.screen.contains("no model"))
    #expect(none.grid().problems(none.state) == [])
  }

  @Test func aChosenModelOpensAndLabelsTheTextThatStandsThere() {
    var player = Self.player(Size(120, 36), nil, text: "What a joy")
    player.press("f2")
    player.type("mood")
    player.press("enter")
    #expect(player.state.classify.model == ModelReference("mood") && player.state.classify.labels.isCurrent)
    player.press("f2")
    player.type("names")
    player.press("enter")
    #expect(player.state.classify.isTagger && player.state.classify.entities.isCurrent)
    #expect(player.state.classify.labels.answer == nil)
  }

  @Test func aTextBeyondTheContextIsNotSent() {
    var player = Self.player(Size(120, 36))
    player.send(.input(.paste(String(repeating: "é", count: 400))))
    #expect(player.state.classify.labels.failure?.what == "the prompt is too long")
    #expect(player.screen.contains("the prompt is too long"))
    player.press("enter")
    #expect(player.state.overlay != nil)
  }

  @Test func escapeStopsTheWorkOnTheWords() {
    var player = Self.player(Size(120, 36))
    player.type("a jo")
    player.holdsAnswers = true
    player.type("y")
    while player.state.classify.changed.awaited == nil || player.state.classify.labels.awaited != nil {
      let before = player.state
      player.answerOne()
      guard player.state != before else { break }
    }
    #expect(player.state.classify.changed.awaited != nil)
    player.press("esc")
    #expect(player.effects.last == .cancel(.words) && player.screen.contains("stopped"))
  }
}
