import EngineAPI
import Foundation
import JSONText
import ScriptedSupport
import TestSupport
import Testing

/// `--preset`.
struct PresetTests {
  private func run(
    _ configuration: String, _ arguments: [String], input: String = ""
  ) async throws -> CommandWorld.Outcome {
    try await Fixtures.withScratchFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/triptych", withIntermediateDirectories: true)
      try Data(configuration.utf8).write(to: URL(filePath: folder + "/triptych/config.yaml"))
      let world = CommandWorld(input: Array(input.utf8), environment: ["XDG_CONFIG_HOME": folder])
      return await world.run(arguments)
    }
  }

  private static let calm = "presets:\n  calm: {temperature: 0.5, top-k: 3}\n  wild: {temperature: 2}\n"

  @Test(arguments: [["generate", "Once"], ["chat", "-n", "4"]])
  func settingsWithANameTakeThePlaceOfTheModels(command: [String]) async throws {
    let outcome = try await run(
      Self.calm, command + ["--preset", "calm", "--top-k", "5", "--json", "-q"], input: "Hi\n")
    let options = try JSONValue(parsing: Array(outcome.output.utf8))["options"]
    #expect(
      outcome.exitCode == 0 && options?["temperature"]?.double == 0.5 && options?["top_k"]?.int == 5, "\(outcome)")
  }

  @Test func theDistributionAfterTheChainIsThatOfThePreset() async throws {
    let named = try await run(Self.calm, ["next", "Once", "--preset", "calm", "--json"])
    let given = try await run(
      "", ["next", "Once", "--temperature", "0.5", "--top-k", "3", "--top-p", "1", "--min-p", "0", "--json"])
    #expect(named.exitCode == 0 && named.output == given.output, "\(named.errors)")
  }

  @Test(arguments: [
    ("presets: {calm: {temperature: 1}}", "clam", 2, "found 'clam'\nhint: did you mean 'calm'?"),
    ("theme: nord", "calm", 2, "expected a name of 'presets' in "),
    ("presets:\n  calm: {top-p: 3}", "calm", 1, "config.yaml:2:17: expected "),
    ("presets:\n  calm: {warmth: 3}", "calm", 1, "config.yaml:2:10"),
    ("presets: [", "calm", 1, "config.yaml:"),
  ])
  func aWrongNameOrValueIsAnError(configuration: String, name: String, code: Int32, words: String) async throws {
    let outcome = try await run(configuration, ["generate", "Once", "--preset", name])
    #expect(outcome.exitCode == code && outcome.output.isEmpty && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(ErrorForm.fault(in: outcome.errors, exitCode: code) == nil, "\(outcome.errors)")
  }

  @Test func aPresetThatDrawsDoesNotGoWithBeams() async throws {
    let outcome = try await run(Self.calm, ["generate", "Once", "--preset", "calm", "--num-beams", "2"])
    #expect(outcome.exitCode == 2 && outcome.errors.contains("--preset"), "\(outcome.errors)")
  }
}
