import Foundation
import TestSupport
import Testing

/// Signals while `$EDITOR` uses the terminal.
struct EditorSignalTests {
  @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func aSignalWhileTheEditorIsOpenRestoresTheTerminal(signal: Int32, code: Int32) throws {
    try Fixtures.withScratchFolder { home in
      // An editor that uses the alternate screen, changes the terminal's settings and waits for a line.
      let editor = home + "/editor"
      let script = "#!/bin/sh\nprintf '\\033[?1049h'\nstty -icanon -echo\necho 'the editor is open'\nread line\n"
      try Data(script.utf8).write(to: URL(fileURLWithPath: editor))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: editor)
      let terminal = try Pseudoterminal(
        ["play", "-m", Program.model("causal")], home: home, environment: ["EDITOR": editor, "VISUAL": editor])
      #expect(terminal.read(until: "Generate"))
      #expect(terminal.read(until: "Prompt"))
      terminal.type([7])
      #expect(terminal.read(until: "the editor is open"))
      #expect(!terminal.isRestored)
      terminal.program.send(signal)
      #expect(terminal.end(within: 20_000) == code)
      let bytes = TerminalBytes(terminal.output, isPlain: false)
      #expect(bytes.isRestored, "modes left: \(bytes.modes)")
      #expect(terminal.isRestored)
    }
  }
}
