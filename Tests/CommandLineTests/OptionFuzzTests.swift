import CommandLineTool
import EngineAPI
import TestSupport
import Testing

/// Generated command lines against the real engine on tiny models, in process.
///
/// `TRIPTYCH_FUZZ_CASES=2000 swift test --filter OptionFuzz` runs the full size, here and with processes
/// (`WholeProgramTests/OptionFuzzTests`). A failure names its case; the same seed makes the same cases.
struct OptionFuzzTests {
  @Test(arguments: [UInt64(1), 2])
  func everyCommandLineEndsInForm(seed: UInt64) async throws {
    var generator = CommandLineGenerator(
      seed: seed, commands: try await commands(), files: ["text", "bytes", "empty", "missing", "-"],
      folder: "/proc/nowhere")
    for number in 0..<generatedCases(default: 100) / 2 {
      let line = generator.next()
      let world = CommandWorld(
        engine: TinyModels.engine(), input: line.input,
        files: ["text": Array("The sea.\n".utf8), "bytes": [0x61, 0xFF], "empty": []])
      let outcome = await world.run(bytes: line.arguments)
      let fault = OutcomeForm.fault(
        line, exitCode: outcome.exitCode, output: Array(outcome.output.utf8), errors: outcome.errors)
      #expect(fault == nil, "case \(number) of seed \(seed): \(OutcomeForm.words(line))")
    }
  }

  /// The commands with the options of their help screens.
  private func commands() async throws -> [(name: String, options: [ListedOption])] {
    var commands: [(name: String, options: [ListedOption])] = []
    let help = await CommandWorld().run("--help").output
    let names = help.split(separator: "\n").compactMap {
      $0.prefixMatch(of: /\s\s([a-z-]+)(?: \(default\))?\s\s+\w/)?.1
    }
    // These group other commands, or write files beside their input.
    for name in names where !["train", "data", "copied"].contains(name) {
      commands.append((String(name), ListedOption.all(inHelp: await CommandWorld().run(String(name), "--help").output)))
    }
    #expect(commands.count >= 11)
    #expect(commands.allSatisfy { $0.options.count >= 3 })
    return commands
  }
}
