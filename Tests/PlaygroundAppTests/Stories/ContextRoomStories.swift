import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// A prompt that is too long is refused before anything changes, and the count stands out.
@Suite struct ContextRoomStories {
  @Test(arguments: [Size(120, 36), Size(80, 24), Size(40, 12)])
  func aPromptThatIsTooLongChangesNothing(size: Size) {
    var player = Player(size.width, size.height, settings: .steady)
    player.press("right enter tab + shift-tab shift-tab shift-tab enter")
    let before = player.state.generate.streams
    player.send(.input(.paste(String(repeating: "xyz", count: 400))))
    let count = size.width == 120 ? "1,215 of 512 tokens" : "1,215/512"
    #expect(player.screen.contains(count))
    let grid = player.grid()
    let column = Array(grid.lines[1]).firstIndex { $0 == "1" } ?? 0
    #expect(grid[Point(column, 1)].style == Style(.error, .bold))
    player.press("enter")
    #expect(player.state.generate.streams == before)
    for words in ["the prompt is too long", "fewer than 512 tokens", "1,215 tokens", "nothing was changed"] {
      #expect(player.screen.contains(words), "\(words)")
    }
    player.press("esc")
    #expect(player.screen.contains("sea.") || size.height == 12)
    #expect(player.state.prompt.editor.text.hasSuffix("xyz"))
  }

  @Test func aPromptThatFillsTheContextIsRefusedToo() {
    var player = Player(settings: .steady)
    player.send(.input(.paste(String(repeating: "z", count: 512))))
    player.press("enter")
    #expect(player.screen.contains("the prompt fills the context"))
    #expect(player.state.generate.leading.run == nil)
    player.press("esc backspace enter")
    #expect(player.state.generate.leading.run?.trace.tokens.count == 1)
    player.press("tab tab")
    let run = player.state.generate.leading.run
    player.press("enter")
    #expect(player.state.notice == "the context is full: 512 of 512 tokens")
    #expect(player.state.generate.leading.run == run)
    player.press("shift-tab down enter")
    #expect(player.state.notice == "the context is full: 512 of 512 tokens")
    #expect(player.state.generate.leading.run == run)
    player.press("left enter")
    #expect(player.state.generate.leading.run?.trace.chosen == [0])
    #expect(player.state.generate.leading.run?.status == .finished(.length))
  }

  @Test func aStreamWhoseContextIsLongerStillRuns() {
    let long = ScriptedModel("long", family: .causal, script: " a b c", contextLength: 4_096, seed: 5)
    let models = [ModelReference("storyteller"), ModelReference("long")]
    var player = Player(models: [.generate: models], settings: .steady, catalogue: ScriptedModel.bundled + [long])
    player.send(.input(.paste(String(repeating: "z", count: 600))))
    player.press("enter")
    #expect(player.state.generate.streams[0].run == nil && player.state.generate.streams[0].waiting == nil)
    #expect(player.state.generate.streams[1].run?.trace.tokens.isEmpty == false)
    #expect(player.screen.contains("the prompt is too long"))
  }

  @Test func masksOfATextThatIsTooLongAreNotGoneTo() {
    var player = Player(80, 24, task: .fillMask)
    player.send(.input(.paste("[MASK]" + String(repeating: "z", count: 300))))
    #expect(player.screen.contains("303 of 256 tokens · 1 mask"))
    player.press("enter")
    #expect(player.screen.contains("at most 256 tokens") && player.state.focus == .prompt)
    player.press("esc enter esc")
    #expect(player.state.focus == .prompt)
  }
}
