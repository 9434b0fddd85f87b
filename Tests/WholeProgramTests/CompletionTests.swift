import Foundation
import TestSupport
import Testing

/// Shell completions, tested with bash itself.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash"), "no bash here"))
struct CompletionTests {
  @Test(arguments: [
    (
      "generate -m ",
      ["cloze", "entities", "interpreter", "sentiment", "storyteller", "storyteller-mini", "folder/", "store/"]
    ),
    ("generate -m sto", ["storyteller", "storyteller-mini", "store/"]),
    ("fill-mask \"[MASK]\" --model cl", ["cloze"]), ("generate -m folder/", ["folder/inner/"]),
    ("generate -m ./fol", ["./folder/"]), ("generate --draft storyteller-m", ["storyteller-mini"]),
    ("play -m storyteller -m inter", ["interpreter"]), ("quantize -m cloz", ["cloze"]),
    ("generate --dtype q", ["q8", "q4"]), ("gener", ["generate"]), ("generate -m nowhere", []),
  ])
  func bashOffersTheseWords(line: String, offers: [String]) throws {
    try Fixtures.withScratchFolder { folder in
      for name in ["folder/inner", "store"] {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      }
      let script = try Program.run("--generate-completion-script", "bash").output
      try Data(script).write(to: URL(fileURLWithPath: folder + "/script"))
      let bash = Process()
      bash.executableURL = URL(fileURLWithPath: "/bin/bash")
      // As readline does: the arguments are the command, the word to complete, and the word before it.
      bash.arguments = [
        "--norc", "-c",
        """
        source ./script && rm script && COMP_LINE="triptych $0" && COMP_POINT=${#COMP_LINE}
        eval "COMP_WORDS=(\\"$1\\" $0)"; [[ $0 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _triptych triptych "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """,
        line, Program.path,
      ]
      bash.environment = Program.environment
      bash.currentDirectoryURL = URL(fileURLWithPath: folder)
      let pipe = Pipe()
      bash.standardOutput = pipe
      try bash.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      bash.waitUntilExit()
      #expect(output.split(separator: "\n").map(String.init).sorted() == offers.sorted())
    }
  }

  /// zsh and fish call the program in the same way.
  @Test(arguments: ["bash", "zsh", "fish"])
  func everyScriptCompletesModels(shell: String) throws {
    let script = try Program.run("--generate-completion-script", shell).text
    #expect(script.contains("---completion generate -- --model"))
  }
}
