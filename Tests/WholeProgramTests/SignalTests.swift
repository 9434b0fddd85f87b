import Foundation
import JSONText
import TestSupport
import Testing

/// Signals and closed pipes during work. Each test acts when the program has printed something, never after a delay.
struct SignalTests {
  /// A stream that does not end by itself, because an encoder-decoder model has no context limit.
  private static let endless = [
    "generate", "-m", Program.model("encoder-decoder"), "How are you?", "--num-beams", "1", "-n", "1000000000",
    "--ignore-eos", "--seed", "3",
  ]

  private static let signals = [(SIGINT, Int32(130)), (SIGTERM, 143), (SIGHUP, 129)]

  @Test(arguments: signals)
  func afterASignalTheLastLineHasTheReason(signal: Int32, code: Int32) throws {
    let program = RunningProgram(Self.endless + ["--jsonl", "-q"])
    let output = Pipe()
    let errors = Pipe()
    program.process.standardOutput = output
    program.process.standardError = errors
    try program.start()
    var lines = LineReader(output.fileHandleForReading)
    let first = try JSONValue(parsing: Array((lines.next() ?? "").utf8))
    #expect(first["type"]?.string == "token")
    program.send(signal)
    let last = try JSONValue(parsing: Array((lines.last() ?? "").utf8))
    #expect(last["type"]?.string == "finished")
    #expect(last["finish_reason"]?.string == "interrupted")
    #expect(program.exitCode() == code)
    #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
  }

  @Test(arguments: signals)
  func afterASignalTheJSONObjectIsStillPrinted(signal: Int32, code: Int32) throws {
    let program = RunningProgram(Self.endless + ["--json"])
    let output = Pipe()
    let errors = Pipe()
    program.process.standardOutput = output
    program.process.standardError = errors
    try program.start()
    var notices = LineReader(errors.fileHandleForReading)
    #expect(notices.next() == "note: seed 3")
    program.send(signal)
    let object = try JSONValue(parsing: Array(output.fileHandleForReading.readDataToEndOfFile()))
    #expect(object["completions"]?[0]?["finish_reason"]?.string == "interrupted")
    #expect(object["seed"]?.int == 3)
    #expect(program.exitCode() == code)
  }

  @Test(arguments: ["--jsonl", "--quiet"])
  func aClosedPipeEndsTheProgram(form: String) throws {
    let program = RunningProgram(Self.endless + [form, "-q"])
    let output = Pipe()
    let errors = Pipe()
    program.process.standardOutput = output
    program.process.standardError = errors
    try program.start()
    _ = output.fileHandleForReading.readData(ofLength: 1)
    try output.fileHandleForReading.close()
    #expect(program.exitCode() == 141)
    #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
  }

  @Test func aSignalEndsTheReadingOfTheText() throws {
    try Fixtures.withScratchFolder { folder in
      let pipe = folder + "/text"
      #expect(mkfifo(pipe, 0o600) == 0)
      let program = RunningProgram(["generate", "-m", Program.model("causal"), "-f", pipe, "--json"])
      let output = Pipe()
      program.process.standardOutput = output
      try program.start()
      // Opening a pipe for writing blocks until the program reads.
      let writer = open(pipe, O_WRONLY)
      #expect(writer >= 0)
      program.send(SIGINT)
      let object = try JSONValue(parsing: Array(output.fileHandleForReading.readDataToEndOfFile()))
      #expect(object["completions"]?[0]?["finish_reason"]?.string ?? object["finish_reason"]?.string == "interrupted")
      #expect(program.exitCode() == 130)
      close(writer)
    }
  }
}
