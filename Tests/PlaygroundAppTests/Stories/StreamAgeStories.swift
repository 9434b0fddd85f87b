import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A stream shows the prompt and settings that its text was made with, and marks those that have changed since.
@Suite struct StreamAgeStories {
  static let sizes = [Size(160, 50), Size(120, 36), Size(80, 24), Size(40, 12)]

  private func written(_ size: Size = Size(120, 36)) -> Player {
    var player = Player(size.width, size.height, settings: .steady)
    player.press("right enter")
    return player
  }

  @Test(arguments: sizes)
  func anEditedPromptMakesTheTextOld(size: Size) {
    var player = written(size)
    #expect(!player.screen.contains("old prompt"))
    player.type(" new")
    #expect(player.screen.contains("old prompt: "))
    #expect(player.screen.contains("there lived a "), "the end of the old prompt is shown")
    if size.width >= 80 { #expect(player.screen.contains("A  storyteller · old prompt")) }
    for _ in 0..<4 { player.press("backspace") }
    #expect(!player.screen.contains("old prompt"), "the same prompt again")
    player.type(" new")
    player.press("enter")
    #expect(!player.screen.contains("old prompt"))
  }

  @Test(arguments: sizes)
  func changedSettingsLeaveTheTitleAsTheTextWasMade(size: Size) {
    var player = written(size)
    player.press("f3 right right esc")
    #expect(player.state.generate.leading.settings.temperature == 0.9)
    #expect(player.screen.contains("made with T 0.8 (now 0.9)"))
    // The title does not repeat what the line under it says.
    let hasLongTitle = player.state.shell.layout[.stream(0)].map { $0.frame.width >= 80 } ?? false
    if hasLongTitle { #expect(player.screen.contains("old settings · min-p 0.1 · seed 7")) }
    player.press("f3 down")
    player.type("40")
    player.press("enter esc")
    let words = size.width >= 80 ? "made with T 0.8 (now 0.9), no k (now 40)" : "made with T 0.8, no k"
    #expect(player.screen.contains(words))
    player.press("enter")
    #expect(!player.screen.contains("made with"))
    if hasLongTitle { #expect(player.screen.contains("A  storyteller · T 0.9 · k 40 · min-p 0.1 · seed 7")) }
    player.press("tab tab u")
    #expect(player.screen.contains(words), "undo brings back the text, not the settings")
  }

  @Test func bothAreSaid() {
    var player = written(Size(80, 24))
    player.type("!")
    player.press("f3 right esc")
    #expect(player.screen.contains("made with T 0.8 (now 0.85), old prompt: …"))
  }

  @Test(arguments: sizes)
  func aCandidateInAnOldStreamSaysWhatIsContinued(size: Size) {
    var player = written(size)
    player.type(" new")
    player.press("tab tab g right shift-tab down enter")
    #expect(player.state.notice?.hasPrefix("A continues its old prompt: …") == true)
    #expect(player.screen.contains("A continues its old prompt"))
    #expect(player.state.generate.leading.run?.request.context.ids.count == 15 + 2)
    #expect(player.screen.contains("old prompt: "), "it stays old")
    player = written(size)
    player.press("tab tab g right shift-tab down enter")
    #expect(player.state.notice == nil)
  }

  @Test func aTextsCursorStandsBelowTheNote() {
    var player = written()
    player.type("!")
    player.press("tab tab g")
    let row = player.grid().lines.firstIndex { $0.contains("│ little girl") } ?? 0
    #expect(player.grid().lines[row - 1].contains("old prompt: "))
    player.send(.input(.mouse(MouseEvent(.press(0), at: Point(9, row)))))
    #expect(player.state.generate.leading.cursor == 1)
  }

  @Test func settingsSayWhereTheyDiffer() {
    var now = PlaygroundSettings.steady.sampling!
    var then = now
    then.order.swapAt(6, 7)
    #expect(then.words(differingFrom: now) == [])
    then.order = now.order.reversed()
    #expect(then.words(differingFrom: now).map(\.words) == ["another order"])
    then = now
    now.logitBias = [3: 1]
    now.temperature = 0
    now.topK = 5
    #expect(then.words(differingFrom: now).map(\.made) == ["no bias", "T 0.8", "no k"])
    #expect(now.words(differingFrom: then).map(\.made) == ["bias 1", "greedy", "k 5"])
    then.temperature = 1
    #expect(then.words(differingFrom: now).map(\.made).contains("T 1"))
  }
}
