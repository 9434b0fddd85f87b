import EngineAPI
import LocalFiles
import PlaygroundApp
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// Whole sessions: keys in, screens out.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct SessionStories {
  @Test func theFirstFrameIsDrawnAndTypingWorksBeforeTheEngineAnswers() async throws {
    let world = try World()
    let door = Latch()
    let session = world.open(TestEngine(door: door))
    await session.see("Prompt")
    session.terminal.type("Once upon")
    await session.see("Once upon")
    session.press("ctrl-q")
    #expect(await session.code == 0)
    #expect(session.terminal.isRestored)
    await door.open()
  }

  @Test func aPromptIsContinued() async throws {
    let world = try World()
    let session = world.open(size: Size(120, 36))
    session.terminal.type("Once upon a time\n")
    await session.see("little girl, who had no father")
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  @Test func aStoppedStreamIsCanceledAndItsTextStays() async throws {
    let world = try World()
    let gate = ScriptedGate(open: 3)
    let engine = TestEngine(base: ScriptedEngine(gate: gate))
    let session = world.open(engine, size: Size(120, 36))
    session.terminal.type("Once upon a time\n")
    await session.see("little girl, who")
    session.press("esc")
    await engine.left.wait()
    await gate.letThrough(100)
    session.terminal.type("!")
    let lines = await session.see("time!")
    #expect(lines.contains { $0.contains("little girl, who") })
    #expect(!lines.contains { $0.contains("who had") })
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  @Test func typingWorksWhileAStreamWaits() async throws {
    let world = try World()
    let engine = TestEngine(base: ScriptedEngine(gate: ScriptedGate(open: 2)))
    let session = world.open(engine, size: Size(120, 36))
    session.terminal.type("Once upon a time\n")
    await session.see("little girl")
    for word in ["and", "then", "rain"] {
      session.terminal.type(" " + word)
      await session.see(word)
    }
    session.press("ctrl-q")
    #expect(await session.code == 0)
    await engine.left.wait()
  }

  @Test func anEngineErrorIsABoxThatAnyKeyCloses() async throws {
    let world = try World()
    let session = world.open(size: Size(120, 36)) { options in
      options.models = [ModelReference("broken")]
      options.family = { _ in .causal }
    }
    let lines = await session.see("can't open the weights")
    #expect(lines.contains { $0.contains("fetch the file again") })
    session.press("space")
    await session.seeNo("fetch the file again")
    session.terminal.type("still here")
    await session.see("still here")
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  @Test func ctrlCLeavesWith130() async throws {
    let world = try World()
    let session = world.open()
    await session.see("Prompt")
    session.press("ctrl-c", "ctrl-c", "ctrl-c")
    #expect(await session.code == 130)
    #expect(session.terminal.isRestored)
  }

  @Test(
    arguments: [
      (TerminationSignal.terminate, 143), (.hangup, 129), (.interrupt, 130), (.quit, 131),
    ] as [(TerminationSignal, Int32)])
  func aSignalEndsTheSessionAndKeepsTheDraft(signal: TerminationSignal, code: Int32) async throws {
    let world = try World()
    let session = world.open()
    session.terminal.type("a long thought 🙂")
    await session.see("a long thought")
    session.terminal.send(.signal(signal))
    #expect(await session.code == code)
    #expect(session.terminal.isRestored)
    #expect(world.state("drafts").count == 1)

    let next = world.open()
    await next.see("a long thought 🙂")
    next.press("ctrl-q")
    #expect(await next.code == 0)
    #expect(world.state("drafts").isEmpty)
  }

  @Test func theEndOfTheTerminalIsAHangUp() async throws {
    let world = try World()
    let session = world.open()
    session.terminal.type("kept")
    await session.see("kept")
    session.terminal.restore()
    #expect(await session.code == 129)
    #expect(world.state("drafts").count == 1)
  }

  @Test func anUnsentPromptIsInTheHistoryAfterLeaving() async throws {
    let world = try World()
    let session = world.open()
    session.terminal.type("an unsent thought")
    await session.see("an unsent thought")
    session.press("ctrl-q")
    #expect(await session.code == 0)
    #expect(world.state("drafts").isEmpty)

    let next = world.open()
    await next.see("Prompt")
    next.press("alt-up")
    await next.see("an unsent thought")
    next.press("ctrl-q")
    #expect(await next.code == 0)
  }

  @Test func sentPromptsAreWrittenToTheHistory() async throws {
    let world = try World()
    let session = world.open()
    session.terminal.type("Once upon a time\n")
    await session.see("little girl")
    session.press("ctrl-q")
    #expect(await session.code == 0)
    let file = try HistoryFile(UserFolders(world.environment))
    #expect(try file.load() == [HistoryFile.Entry(task: "generate", prompt: "Once upon a time")])
  }
}
