import Engines
import JSONText
import TestSupport
import Testing

@testable import CommandLineTool

/// `generate` over generation_config.json, config.json and options, against the reference:
/// `program/configurations.json`, written by `make_configuration_fixtures.py`.
@Suite struct ConfigurationReferenceTests {
  @Test(arguments: ["causal", "encoder-decoder"]) func filesAndOptionsDoWhatTheyDoInTheReference(
    model: String
  ) async throws {
    let fixture = try JSONValue(contentsOfFile: Fixtures.path("program/configurations.json"))
    let cases = try #require(fixture["cases"]?.array).filter { $0["model"]?.string == model }
    #expect(cases.count > 100)
    // Many cases have the same arguments: each list of them is parsed once.
    var commands: [[String]: any RunnableCommand] = [:]
    try await FixtureModel.with(model) { folder in
      for sample in cases {
        let generation = try #require(sample["generation"])
        try FixtureModel.configure(
          folder, as: model, generation: generation.string, configuration: sample["config"]?.object ?? [:])
        let arguments =
          ["generate", "-m", folder, sample["text"]?.string ?? "", "--json", "-q"]
          + (sample["arguments"]?.array ?? []).compactMap(\.string)
        if commands[arguments] == nil, case .command(let command) = try parse(arguments, columns: 80) {
          commands[arguments] = command
        }
        let command = try #require(commands[arguments])
        let outcome = await CommandWorld(engine: LocalEngine(catalog: .paths)).run(command)
        try compare(outcome, sample, "\(generation) \(outcome.errors)")
      }
    }
  }

  private func compare(_ outcome: CommandWorld.Outcome, _ sample: JSONValue, _ comment: Comment) throws {
    guard sample["refused"] == nil else {
      #expect(outcome.exitCode == 1 && outcome.errors.hasPrefix("error: ") && outcome.output.isEmpty, comment)
      return
    }
    #expect(outcome.exitCode == 0, comment)
    let found = try JSONValue(parsing: Array(outcome.output.utf8))["completions"]?.array ?? []
    let answers = sample["answers"]?.array ?? []
    #expect(
      found.map { ($0["tokens"]?.array ?? []).compactMap { $0["id"]?.int } }
        == answers.map { ($0["ids"]?.array ?? []).compactMap(\.int) }, comment)
    for (completion, answer) in zip(found, answers) {
      guard let score = answer["score"]?.double else { continue }
      #expect(abs((completion["score"]?.double ?? .nan) - score) < 3e-4, comment)
    }
  }
}
