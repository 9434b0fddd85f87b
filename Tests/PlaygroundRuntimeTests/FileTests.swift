import LocalFiles
import PlaygroundApp
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// The files that a session writes.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct FileTests {
  @Test func theLogIsWrittenOnRequestAndContainsNoTypedText() async throws {
    let world = try World()
    for (level, expected) in [("", []), ("0", []), ("debug", ["triptych.log"])] {
      world.variables["TRIPTYCH_LOG"] = level
      let session = world.open()
      session.terminal.type("a secret\n")
      await session.see("little girl")
      session.press("ctrl-q")
      #expect(await session.code == 0)
      #expect(world.state().filter { $0.hasSuffix(".log") } == expected)
    }
    let log = try TextFile.read(world.root + "/.local/state/triptych/triptych.log", limit: 1 << 20)
    #expect(log.contains("effect generate"))
    #expect(!log.contains("secret"))
  }

  @Test func aDraftIsSavedWhileTyping() async throws {
    let world = try World()
    let session = world.open()
    session.terminal.type("typing")
    await session.see("typing")
    // The loop yields to the writer until the file exists.
    while !world.state("drafts").contains(where: { $0.hasSuffix(".json") }) { await Task.yield() }
    let store = DraftStore(folder: world.root + "/.local/state/triptych/drafts", process: 1) { _ in false }
    let draft = store.claim()
    #expect(draft?["generate"]?.hasPrefix("t") == true)
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  @Test func aDraftIsWrittenWithoutWaitingForTheClock() async throws {
    let world = try World()
    let folder = world.root + "/.local/state/triptych/drafts"
    let store = DraftStore(folder: folder, process: 1) { _ in false }
    let writer = StateWriter()
    let keeper = DraftKeeper(
      store, history: HistoryKeeper(nil, writer: writer, mailbox: Mailbox()), writer: writer, clock: HeldClock(),
      prompts: [:])
    for text in ["a", "ab", "abc"] { keeper.note([.generate: text]) }
    // The clock does not move, so only writes that do not wait for it happen.
    while (try? TextFile.read(folder + "/1.json", limit: 1 << 10))?.contains("\"abc\"") != true { await Task.yield() }
    keeper.end(.left(code: 0), prompts: [.generate: "abc"])
    await writer.finish()
    #expect(world.state("drafts").isEmpty)
  }

  @Test func draftsOfSeveralCrashedSessionsGoToTheHistory() async throws {
    let world = try World()
    let folder = world.root + "/.local/state/triptych/drafts"
    for (process, text) in [(2_000_000_001, "first thought"), (2_000_000_002, "second thought")] {
      try DraftStore(folder: folder, process: process) { _ in false }.save(["generate": text])
    }
    let session = world.open()
    await session.see("first thought")
    session.press("alt-up")
    await session.see("second thought")
    session.press("ctrl-q")
    #expect(await session.code == 0)
    #expect(world.state("drafts").isEmpty)
  }

  @Test func aHistoryThatCanNotBeWrittenIsReported() async throws {
    let world = try World()
    try TextFile.write("in the way", to: world.root + "/.local/state")
    let session = world.open(size: Size(120, 36))
    session.terminal.type("Once upon a time\n")
    await session.see("The history is not kept")
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }
}
