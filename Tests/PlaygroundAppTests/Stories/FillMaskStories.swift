import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct FillMaskStories {
  private func capital() -> Player {
    var player = Player(80, 24, task: .fillMask)
    player.type("The capital of [MASK] is [MASK].")
    return player
  }

  @Test func masksGetTheirPanesAsOneTypes() {
    var player = Player(80, 24, task: .fillMask)
    #expect(player.screen.contains("type [MASK] where a word is missing, or press Alt-M on a word"))
    player.type("The capital of ")
    #expect(player.state.fillMask.gaps.isEmpty && player.screen.contains("╭─ Word by word"))
    player.type("[MASK]")
    #expect(player.screen.contains("╭─ Mask 1 ─"))
    #expect(!player.screen.contains("Together"))
    player.type(" is [MASK].")
    #expect(player.screen.contains("╭─ Mask 2 ─") && player.screen.contains("╭─ Together ─"))
    #expect(player.state.fillMask.gaps.map(\.range) == [15..<21, 25..<31])
  }

  @Test func aCandidateIsTakenIntoTheTextAndUndone() {
    var player = capital()
    player.press("enter down")
    #expect(player.state.focus == .mask(0))
    #expect(player.state.fillMask.lists[0].chosen?.ranked.token.text == "italy")
    player.press("enter")
    #expect(player.state.prompt.editor.text == "The capital of italy is [MASK].")
    #expect(player.state.fillMask.gaps.count == 1 && player.state.focus == .mask(0))
    player.press("u")
    #expect(player.state.prompt.editor.text == "The capital of [MASK] is [MASK].")
  }

  @Test func aWholeFillingIsTakenAtOnceAndUndoneAtOnce() {
    var player = capital()
    player.press("tab tab tab")
    #expect(player.state.focus == .together)
    player.press("down down enter")
    #expect(player.state.prompt.editor.text == "The capital of italy is paris.")
    player.press("ctrl-z")
    #expect(player.state.prompt.editor.text == "The capital of [MASK] is [MASK].")
  }

  @Test(arguments: [Size(160, 50), Size(120, 36), Size(80, 24), Size(40, 12)])
  func theFootOfAListIsNotCut(size: Size) {
    var player = Player(size.width, size.height, task: .fillMask)
    player.type("[MASK] [MASK] [MASK] [MASK] [MASK] [MASK].")
    player.press("enter down")
    let foot = player.screen.split(separator: "\n").filter { $0.contains("log p -") }
    #expect(foot.count <= 1 && foot.allSatisfy { !$0.contains("…") }, "\(foot)")
    if size == Size(120, 36) { #expect(foot.count == 1) }
  }

  /// At 80 columns one of these fillings just fits and another does not.
  @Test func allWholeFillingsHaveOneForm() {
    var player = Player(80, 24, task: .fillMask)
    player.type("The city that I mean by the capital of [MASK] is [MASK].")
    let lines = player.screen.split(separator: "\n")
    let top = lines.firstIndex { $0.contains("╭─ Together ─") } ?? 0
    let rows = lines[top...].filter { $0.contains("france") || $0.contains("italy") || $0.contains("china") }
    #expect(rows.count > 1)
    #expect(Set(rows.map { $0.contains("capital of") }).count == 1, "\(rows)")
    #expect(lines[top].contains("bars relative"), "the bars are no probabilities")
  }

  @Test func theWordAtTheCursorIsMasked() {
    var player = Player(80, 24, task: .fillMask)
    player.type("The cat sat")
    player.press("left left left left left alt-m")
    #expect(player.state.prompt.editor.text == "The [MASK] sat")
    player.press("alt-m")
    #expect(player.state.prompt.editor.text == "The [MASK] sat")
    #expect(player.state.notice == "there is a mask already")
    player.press("home alt-m end tab M")
    #expect(player.state.prompt.editor.text == "[MASK] [MASK] [MASK]")
  }

  @Test func piecesAndSpacesJoinTheTextProperly() {
    let model = ScriptedModel(
      "cloze", family: .masked, words: [" "], fillings: [["##ing", " Paris"]], contextLength: 64, seed: 3)
    var player = Player(80, 24, task: .fillMask, catalogue: [model])
    player.type("go [MASK] now")
    player.press("enter enter")
    #expect(player.state.prompt.editor.text == "going now")
    player.press("ctrl-z tab")
    player.press("down enter")
    #expect(player.state.prompt.editor.text == "go Paris now")
    player = Player(80, 24, task: .fillMask, catalogue: [model])
    player.type("[MASK]")
    player.press("enter down enter")
    #expect(player.state.prompt.editor.text == "Paris")
  }

  @Test func partsOfCharactersAreRefused() {
    var player = Player(80, 24, task: .fillMask)
    player.type("a [MASK]")
    player.press("enter /")
    player.type("\u{FFFD}")
    player.press("enter enter")
    #expect(player.state.prompt.editor.text == "a [MASK]")
    #expect(player.state.notice == "that token is a part of a character: it can't be inserted alone")
  }

  @Test func moreThanFourMasksAreWalkedThrough() {
    var player = Player(120, 36, task: .fillMask)
    player.type((0..<6).map { _ in "[MASK]" }.joined(separator: " "))
    player.press("tab")
    #expect(player.screen.contains("Mask 4") && !player.screen.contains("Mask 5"))
    player.press("right right right right")
    #expect(player.state.focus == .mask(4))
    #expect(player.screen.contains("Mask 5") && !player.screen.contains("╭─ Mask 1 "))
    #expect(player.state.fillMask.lists[4].isCurrent)
  }

  @Test func enterWithoutAMaskSaysWhatToDo() {
    var player = Player(80, 24, task: .fillMask)
    player.type("no gap")
    player.press("enter")
    #expect(player.screen.contains("no [MASK] in the text: Alt-M masks the word at the cursor"))
  }

  @Test func removingMasksRemovesTheirPanes() {
    var player = capital()
    player.press("tab tab tab")
    player.send(.input(.paste("x")))
    player.press("ctrl-u")
    player.type("plain")
    #expect(player.state.fillMask.gaps.isEmpty && player.state.fillMask.fillings == FillingsState())
    #expect(player.screen.contains("╭─ Word by word"))
  }

  @Test func aFailureOfTheFillingIsToldInItsPane() {
    var player = Player(80, 24, task: .fillMask)
    player.holdsAnswers = true
    player.type("[MASK] [MASK]")
    player.holdsAnswers = false
    player.answer()
    let version = player.state.lastVersion
    #expect(player.state.fillMask.fillings.awaited == nil && version > 0)
    #expect(player.state.fillMask.fillings.result?.joint.isEmpty == false)
  }
}
