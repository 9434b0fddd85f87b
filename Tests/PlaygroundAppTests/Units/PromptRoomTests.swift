import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The prompt's pane is as high as its text; the other panes get the free rows.
@Suite struct PromptRoomTests {
  private func frames(_ tab: TabID, _ size: Size, lines: Int, streams: Int = 1) -> [Focus: Rect] {
    var (state, _) = PlaygroundState.initial(tab: tab, size: size)
    for _ in 1..<streams { state.with(GenerateState.self) { $0.addStream(&$1) } }
    state.prompt.editor.setText(Array(repeating: "word", count: lines).joined(separator: "\n"))
    state.focus = .prompt
    return Dictionary(uniqueKeysWithValues: Layout(state).panes.map { ($0.focus, $0.frame) })
  }

  @Test(arguments: [Size(100, 24), Size(120, 36), Size(160, 50)])
  func thePromptIsAsHighAsItsText(size: Size) throws {
    let body = size.height - 3
    for lines in [0, 1, 3, 4, 7, 12, 200] {
      let frames = frames(.generate, size, lines: lines)
      let (prompt, stream, candidates) = (frames[.prompt], frames[.stream(0)], frames[.candidates])
      #expect(prompt?.height == min(max(lines, 3) + 3, (body + 1) / 2))
      #expect(candidates?.height == body, "beside both")
      #expect(stream?.y == prompt?.maxY && stream?.maxY == candidates?.maxY && stream?.x == prompt?.x)
    }
  }

  @Test func narrowScreensAndSeveralStreamsStayAsTheyWere() {
    for (size, streams) in [(Size(99, 36), 1), (Size(120, 36), 2), (Size(160, 50), 3)] {
      let frames = frames(.generate, size, lines: 2, streams: streams)
      #expect(frames[.prompt]?.height == (size.height - 2) / 2)
      #expect(frames[.candidates]?.height == frames[.prompt]?.height)
    }
  }

  @Test(arguments: [Size(100, 24), Size(120, 36), Size(160, 50)])
  func beamsGetTheEmptyRows(size: Size) {
    let body = size.height - 3
    for lines in [1, 4, 40] {
      let frames = frames(.translate, size, lines: lines)
      let heights = [Focus.prompt, .translation, .beams].map { frames[$0]?.height ?? 0 }
      #expect(heights.reduce(0, +) == body && frames[.candidates]?.height == body)
      #expect(heights[0] == min(max(lines, 3) + 3, body / 3))
      #expect(heights[2] >= body / 3)
    }
  }

  @Test(arguments: [Size(80, 24), Size(120, 36), Size(160, 50)])
  func theCandidatesOfMasksGetTheRoom(size: Size) {
    let body = size.height - 3
    for lines in [1, 3, 5, 50] {
      let frames = frames(.fillMask, size, lines: lines)
      #expect(frames[.prompt]?.height == min(max(lines, 3) + 3, body / 2))
      #expect((frames[.maskedWords]?.height ?? 0) + (frames[.prompt]?.height ?? 0) == body)
    }
  }

  @Test func thePromptGrowsWhileItIsTypedAndTheCursorIsSeen() {
    var player = Player(120, 36)
    var height = player.state.shell.layout[.prompt]?.frame.height ?? 0
    for line in 10..<28 {
      player.press("ctrl-j")
      player.type("\(line)")
      let now = player.state.shell.layout[.prompt]?.frame.height ?? 0
      #expect(now >= height && now <= 17)
      height = now
      #expect(player.screen.contains("│ \(line) "))
      #expect(player.grid().problems(player.state) == [])
    }
    #expect(height == 17)
  }
}
