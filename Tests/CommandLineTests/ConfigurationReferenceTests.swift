import JSONText
import TestSupport
import Testing

/// `generate` over generation_config.json, config.json and options, against the reference:
/// `program/configurations.json`, written by `make_configuration_fixtures.py`.
@Suite struct ConfigurationReferenceTests {
  @Test(arguments: ["causal", "encoder-decoder"]) func filesAndOptionsDoWhatTheyDoInTheReference(
    model: String
  ) async throws {
    let fixture = try JSONValue(contentsOfFile: Fixtures.path("program/configurations.json"))
    let cases = try #require(fixture["cases"]?.array).filter { $0["model"]?.string == model }
    #expect(cases.count > 100)
    for sample in cases {
      let generation = try #require(sample["generation"])
      let outcome = try await FixtureModel.with(
        model, generation: generation.string,
        configuration: sample["config"]?.object ?? [:]
      ) { folder in
        await FixtureModel.run(
          ["generate", "-m", folder, sample["text"]?.string ?? "", "--json", "-q"]
            + (sample["arguments"]?.array ?? []).compactMap(\.string))
      }
      let comment: Comment = "\(generation) \(outcome.errors)"
      guard sample["refused"] == nil else {
        #expect(outcome.exitCode == 1 && outcome.errors.hasPrefix("error: ") && outcome.output.isEmpty, comment)
        continue
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
}
