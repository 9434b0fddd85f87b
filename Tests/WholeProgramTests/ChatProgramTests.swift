import Foundation
import JSONText
import TestSupport
import Testing

/// `chat` in a process of its own.
struct ChatProgramTests {
  private static let template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"

  /// Runs `chat` with a template file.
  private func run(_ arguments: [String], input: String) throws -> Program.Outcome {
    try Fixtures.withScratchFolder { folder in
      let file = folder + "/template.jinja"
      try Data(Self.template.utf8).write(to: URL(fileURLWithPath: file))
      let all = ["chat", "-m", Fixtures.path("chat/model"), "--template", file, "--temperature", "0", "--seed", "1"]
      return try Program.run(all + arguments, input: Array(input.utf8))
    }
  }

  @Test func eachLineOfAPipeIsAnswered() throws {
    let outcome = try run(["--json", "-q"], input: "Hello\nThe sea?\n/retry\nlast line without an end")
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let lines = try outcome.text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(lines.count == 4 && lines.allSatisfy { $0["message"]?["role"]?.string == "assistant" })
    #expect(lines[1]["completions"] == lines[2]["completions"], "the same prompt has the same greedy answer")
    #expect(lines[3]["prompt"]?["text"]?.string?.hasSuffix("user: last line without an end\n") == true)
    let text = try run(["-q"], input: "Hello\n\nThe sea?\n")
    #expect(text.text.hasSuffix("\n") && text.text.components(separatedBy: "\n\n").count >= 2)
  }

  @Test func aLineThatIsNoUTF8IsAnError() throws {
    let outcome = try Program.run(
      ["chat", "-m", Fixtures.path("chat/model"), "-q"], input: [0x48, 0xFF, 0x0A])
    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("standard input: expected UTF-8, found byte 0xFF at offset 1"), "\(outcome.errors)")
  }

  @Test func ctrlCTwiceLeavesWhileALineIsAwaited() throws {
    let program = RunningProgram(["chat", "-m", Fixtures.path("chat/model"), "--seed", "3"])
    let (input, errors) = (Pipe(), Pipe())
    program.process.standardInput = input
    program.process.standardOutput = Pipe()
    program.process.standardError = errors
    try program.start()
    var notes = LineReader(errors.fileHandleForReading)
    #expect(notes.next() == "note: seed 3")
    // The program listens once it has begun the dialogue; the first line and its notice show that.
    input.fileHandleForWriting.write(Data("/help\n".utf8))
    #expect(notes.next()?.hasPrefix("/system TEXT") == true)
    while let line = notes.next(), !line.hasPrefix("//TEXT") {}
    program.send(SIGINT)
    #expect(notes.next() == "note: Ctrl-C once more leaves, as /quit does")
    program.send(SIGINT)
    #expect(program.exitCode() == 130)
  }
}
