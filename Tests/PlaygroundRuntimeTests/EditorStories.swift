import Foundation
import LocalFiles
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// Editing the prompt in an external editor.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct EditorStories {
  /// Types a text, edits it with a shell command that gets the file's path, and leaves. Returns the last screen.
  private func edit(
    _ text: String, with command: String, thenType typed: String = "", until words: String, keepsFile: Bool = false
  ) async throws -> [String] {
    let world = try World()
    world.variables["VISUAL"] = command
    let session = world.open(size: Size(120, 36))
    session.terminal.type(text)
    await session.see(text)
    session.press("ctrl-g")
    // Nothing is drawn while the editor uses the terminal, so this appears only afterwards.
    session.terminal.type(typed)
    let lines = await session.see(words)
    #expect(!session.terminal.isSuspended)
    session.press("space", "ctrl-q")
    #expect(await session.code == 0)
    #expect(world.state("drafts").contains { $0.hasSuffix(".generate.txt") } == keepsFile)
    return lines
  }

  @Test func theEditedTextReplacesThePrompt() async throws {
    let lines = try await edit("before", with: "printf 'after it\n' >", until: "after it")
    #expect(!lines.contains { $0.contains("before") })
  }

  @Test func theEditorGetsTheText() async throws {
    _ = try await edit("one two", with: "f() { printf ' three' >> \"$1\"; }; f", until: "one two three")
  }

  @Test func anEditorThatFailsChangesNothing() async throws {
    let lines = try await edit("stays", with: "f() { printf x > \"$1\"; exit 1; }; f", thenType: "!", until: "stays!")
    #expect(!lines.contains { $0.contains("cannot run") })
  }

  @Test(arguments: ["no-such-editor", "no-such-editor --wait", "FLAG=1 no-such-editor"])
  func aMissingEditorIsReported(command: String) async throws {
    _ = try await edit("stays", with: command, until: "cannot run the editor")
  }

  @Test func aShellIsUsedOnlyIfTheCommandNeedsOne() {
    func arguments(_ command: String) -> [String] {
      ExternalEditor(ProcessEnvironment(variables: ["EDITOR": command])).arguments("f")
    }
    #expect(arguments("vim") == ["vim", "f"])
    #expect(arguments("/usr/bin/code  --wait") == ["/usr/bin/code", "--wait", "f"])
    #expect(arguments("A=1 vim") == ["sh", "-c", "A=1 vim \"$1\"", "triptych", "f"])
    #expect(arguments("'my editor'")[0] == "sh")
    #expect(arguments("") == ["vi", "f"])
  }

  @Test func theFileOfACrashedEditorIsKept() async throws {
    _ = try await edit(
      "stays", with: "f() { printf saved > \"$1\"; kill -9 $$; }; f", until: "the editor was killed", keepsFile: true)
  }

  @Test func aFileThatCanNotBeReadIsKept() async throws {
    _ = try await edit("stays", with: "printf 'a\\377b' >", until: "the file is not text", keepsFile: true)
  }
}
