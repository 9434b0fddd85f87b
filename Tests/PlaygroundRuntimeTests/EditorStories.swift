import Foundation
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// The prompt edited in another program.
@MainActor
@Suite(.timeLimit(.minutes(1))) struct EditorStories {
  /// Types a text, edits it with a shell command that gets the file's path, and leaves; the last screen.
  private func edit(_ text: String, with command: String, until words: String, keepsFile: Bool = false) async throws
    -> [String]
  {
    let world = try World()
    world.variables["VISUAL"] = command
    let session = world.open(size: Size(120, 36))
    session.terminal.type(text)
    await session.see(text)
    session.press("ctrl-g")
    let lines = await session.see(words)
    #expect(!session.terminal.isSuspended)
    session.press("space", "ctrl-q")
    #expect(await session.code == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: world.root)
    #expect(files.contains { $0.hasPrefix("triptych-") } == keepsFile)
    return lines
  }

  @Test func theTextComesBack() async throws {
    let lines = try await edit("before", with: "printf 'after it\n' >", until: "after it")
    #expect(!lines.contains { $0.contains("before") })
  }

  @Test func theEditorGetsTheText() async throws {
    _ = try await edit("one two", with: "f() { printf ' three' >> \"$1\"; }; f", until: "one two three")
  }

  @Test func anEditorThatFailsChangesNothing() async throws {
    let lines = try await edit("stays", with: "f() { printf x > \"$1\"; exit 1; }; f", until: "stays")
    #expect(!lines.contains { $0.contains("cannot run") })
  }

  @Test func anEditorThatIsNotThereIsTold() async throws {
    _ = try await edit("stays", with: "no-such-editor", until: "cannot run the editor")
  }

  @Test func whatABrokenEditorSavedIsKept() async throws {
    _ = try await edit(
      "stays", with: "f() { printf saved > \"$1\"; kill -9 $$; }; f", until: "the editor broke off", keepsFile: true)
  }

  @Test func aTextThatCanNotBeReadIsNotThrownAway() async throws {
    _ = try await edit("stays", with: "printf 'a\\377b' >", until: "the file is not text", keepsFile: true)
  }
}
