import Foundation
import TestSupport
import Testing

/// Runs generated command lines, with files, folders and pipes as arguments, and with full or closed standard streams.
/// The exit code is 0, 1 or 2, no signal ends the program, nothing hangs, and errors have their documented form.
///
/// `TRIPTYCH_FUZZ_CASES=2000 swift test --filter OptionFuzz` runs the full size, here and in process
/// (`CommandLineTests/OptionFuzzTests`). A failure names its case. The same seed gives the same cases.
struct OptionFuzzTests {
  /// Far above the time of a case, even on a busy machine.
  private static let limit = Duration.seconds(5)

  @Test func everyCommandLineEndsWithAnExitCodeAndWellFormedErrors() throws {
    try Fixtures.withScratchFolder { folder in
      try makeFiles(in: folder)
      let files = ["text", "bytes", "empty", "missing", "-", "folder", "/dev/null", "/dev/zero", "/dev/full"]
      var generator = CommandLineGenerator(
        seed: 3, commands: try commands(), files: files, folder: folder + "/made")
      var random = SplitMix64(seed: 4)
      for number in 0..<generatedCases(default: 40) {
        let line = generator.next()
        let isRare = { (count: UInt64) in random.next() % count == 0 }
        try Data(line.input).write(to: URL(fileURLWithPath: folder + "/in"))
        var program = SpawnedProgram(
          arguments: line.arguments, input: .file(folder + "/in"), output: .file(folder + "/out"),
          errors: .file(folder + "/err"), folder: folder)
        if isRare(20) { program.input = isRare(2) ? .closed : .file(isRare(2) ? folder : "/dev/null") }
        let isFull = isRare(20)
        if isFull { program.output = isRare(2) ? .closed : .file("/dev/full") }
        for file in ["out", "err"] { try Data().write(to: URL(fileURLWithPath: folder + "/" + file)) }
        let ending = try program.run(limit: Self.limit)
        let errors = String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/err")), as: UTF8.self)
        let words = "case \(number): \(OutcomeForm.words(line)), input \(program.input), output \(program.output)"
        guard case .exited(let code) = ending else {
          Issue.record("\(ending), \(words)")
          continue
        }
        var expected = line
        if isFull { expected.isJSON = nil }
        let output = try Data(contentsOf: URL(fileURLWithPath: folder + "/out"))
        let fault = OutcomeForm.fault(expected, exitCode: code, output: Array(output), errors: errors)
        #expect(fault == nil, "\(words)")
      }
    }
  }

  /// The program waits for a pipe without a writer, until a signal.
  @Test(arguments: [["tokenize", "-f", "pipe"], ["generate", "-f", "pipe", "--json"]])
  func aSignalEndsTheWaitForAPipe(arguments: [String]) throws {
    try Fixtures.withScratchFolder { folder in
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      let program = RunningProgram(arguments.map { $0 == "pipe" ? folder + "/pipe" : $0 })
      program.process.standardOutput = FileHandle.nullDevice
      program.process.standardError = FileHandle.nullDevice
      try program.start()
      // Opening a pipe for writing without blocking succeeds once the program has opened it for reading.
      var descriptor: Int32 = -1
      while descriptor < 0, program.process.isRunning { descriptor = open(folder + "/pipe", O_WRONLY | O_NONBLOCK) }
      program.send(SIGTERM)
      #expect(program.exitCode() == 143)
      close(descriptor)
    }
  }

  /// A pipe is never opened as a model.
  @Test func aPipeIsNoModel() throws {
    try Fixtures.withScratchFolder { folder in
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      let outcome = try Program.run("generate", "-m", folder + "/pipe", "x")
      #expect(ErrorForm.fault(in: outcome.errors, exitCode: outcome.exitCode) == nil)
      #expect(outcome.exitCode == 1)
    }
  }

  private func makeFiles(in folder: String) throws {
    for (name, bytes) in [("text", Array("The sea.\n".utf8)), ("bytes", [0x61, 0xFF]), ("empty", [])] {
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    for name in ["folder", "made", "models"] {
      try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: false)
    }
    for (name, model) in [
      ("storyteller", "causal"), ("storyteller-mini", "causal"), ("cloze", "masked"),
      ("interpreter", "encoder-decoder"),
    ] {
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/models/" + name, withDestinationPath: Program.model(model))
    }
  }

  /// The commands with the options of their help screens.
  private func commands() throws -> [(name: String, options: [ListedOption])] {
    let names = [
      "play", "generate", "next", "score", "fill-mask", "translate", "tokenize", "detokenize", "models", "bench",
      "quantize",
    ]
    return try names.map { ($0, ListedOption.all(inHelp: try Program.run($0, "--help").text)) }
  }
}
