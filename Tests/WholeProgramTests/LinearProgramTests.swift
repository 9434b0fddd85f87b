import Foundation
import TestSupport
import Testing

/// `--linear`: the playground on a pipe.
struct LinearProgramTests {
  @Test func aPipeGeneratesFillsTranslatesChatsAndQuits() throws {
    try Fixtures.withScratchFolder { folder in
      let lines = [
        "max tokens 6", "Once upon", "generate", "fill mask", "The [MASK] is here.", "send", "take 1", "translate",
        "send How are you?", "chat", "send Hello", "where", "quit", "never read",
      ]
      let models = ["causal", "masked", "encoder-decoder"].flatMap { ["-m", Program.model($0)] }
      let outcome = try Program.run(
        ["--linear", "-t", "1"] + models, input: Array((lines.joined(separator: "\n") + "\n").utf8),
        environment: ["HOME": folder, "TERM": "xterm-256color"])
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      let said = outcome.text.split(separator: "\n").map(String.init)
      for expected in [
        "Triptych, as lines", "tab: Generate", "focus: Prompt", "note: max tokens: 6", "working", "A causal",
        "tab: Fill mask", "tab: Translate", "tab: Chat", "  you: Hello", "tabs: Generate, ",
      ] {
        #expect(said.contains { $0.hasPrefix(expected) }, "no line begins with \(expected):\n\(outcome.text)")
      }
      #expect(!outcome.output.contains(0x1B), "no escape sequence")
      #expect(said.last?.hasPrefix("panes: ") == true, "nothing is read after quit")
    }
  }

  @Test func theEndOfTheLinesLeaves() throws {
    try Fixtures.withScratchFolder { folder in
      let outcome = try Program.run(
        ["--linear", "-m", Program.model("causal")], input: Array("The sea\ngenerate".utf8),
        environment: ["HOME": folder, "TERM": "dumb"])
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty && outcome.text.contains("A causal"), "\(outcome)")
    }
  }

  #if os(Linux)
    @Test func aFailedLineAndAFullDiskEndWithAnErrorLine() throws {
      try Fixtures.withScratchFolder { folder in
        let errors = folder + "/errors"
        for (script, line) in [
          (
            "printf 'The sea\ngenerate\n' | \"$0\" --linear -m \"$1\" >/dev/full",
            "error: can't write, standard output: "
          ),
          (
            "printf 'a fish\nfill mask\nsend\n' | \"$0\" --linear -m \"$1\" -m \"$1\"x >/dev/null",
            "error: "
          ),
        ] {
          let shell = Process()
          shell.executableURL = URL(fileURLWithPath: "/bin/sh")
          shell.arguments = ["-c", script + " 2>\"$2\"", Program.path, Program.model("causal"), errors]
          shell.environment = Program.environment.merging(["HOME": folder]) { _, new in new }
          try shell.runWithSignalsUnblocked()
          shell.waitUntilExit()
          let said = try String(contentsOfFile: errors, encoding: .utf8)
          #expect(shell.terminationStatus == 1, "\(script)")
          #expect(said.hasPrefix(line) && said.components(separatedBy: "error: ").count == 2, "\(said)")
        }
      }
    }
  #endif
}
