import JSONText
import TestSupport
import Testing

/// Summaries of tiny models are those of transformers, by the models' own settings.
@Suite struct SummaryReferenceTests {
  @Test(arguments: ["t5", "t5-plain", "bart"])
  func beamsAreThoseOfTheReference(name: String) async throws {
    let all = try JSONValue(contentsOfFile: Fixtures.path("summaries/expected.json"))
    let cases = try #require(all["models"]?[name]?.array)
    #expect(cases.count >= 3)
    for example in cases {
      let text = try #require(example["text"]?.string)
      let more = example["truncated"]?.bool == true ? ["--truncate"] : []
      let outcome = await FixtureModel.run(
        ["summarize", "-m", Fixtures.path("summaries/\(name)"), text, "--json"] + more)
      #expect(outcome.exitCode == 0, "\(outcome.errors)")
      let object = try JSONValue(parsing: Array(outcome.output.utf8))
      let summary = try #require(object["summaries"]?[0])
      let ids = summary["tokens"]?.array?.compactMap { $0["id"]?.int }
      #expect(ids == example["ids"]?.array?.compactMap(\.int), "\(name): \(text)")
      let scores = summary["candidates"]?.array?.compactMap { $0["score"]?.double } ?? []
      let expected = example["scores"]?.array?.compactMap(\.double) ?? []
      #expect(scores.count == expected.count && scores.count > 1)
      for (own, other) in zip(scores, expected) { #expect(abs(own - other) <= 1e-4 * max(1, abs(other))) }
    }
  }

  @Test func keysOfTheTaskWithoutEffectAreNamed() async throws {
    let task: JSONObject = [
      "summarization": ["prefix": "x", "max_length": 4, "forced_bos_token_id": 3, "bad_words_ids": [[1]]]
    ]
    try await FixtureModel.with(
      "encoder-decoder", generation: nil, configuration: ["task_specific_params": .object(task)]
    ) { folder in
      let outcome = await FixtureModel.run("summarize", "-m", folder, "How are you?", "--json")
      #expect(outcome.exitCode == 0)
      #expect(
        outcome.errors == "note: task_specific_params of \(folder): no effect: forced_bos_token_id, bad_words_ids\n")
    }
  }

  @Test(arguments: [
    (#"{"summarization": {"num_beams": 200000}}"#, "num_beams: expected a whole number up to 1000, found 200000"),
    (#"{"summarization": {"length_penalty": "x"}}"#, "length_penalty: expected a number, found"),
  ])
  func wrongValuesOfTheTaskAreErrorsThatNameThem(tasks: String, sentence: String) async throws {
    let value = try JSONValue(parsing: Array(tasks.utf8))
    try await FixtureModel.with("encoder-decoder", configuration: ["task_specific_params": value]) { folder in
      let outcome = await FixtureModel.run("summarize", "-m", folder, "How are you?")
      #expect(outcome.exitCode == 1 && outcome.output == "")
      #expect(outcome.errors.contains("task_specific_params.summarization, \(sentence)"), "\(outcome.errors)")
      // Other commands do not use the task.
      let other = await FixtureModel.run("generate", "-m", folder, "How are you?", "-n", "2", "-q")
      #expect(other.exitCode == 0, "\(other.errors)")
    }
  }

  @Test func aModelWithOtherTasksIsRefusedUnlessThePrefixIsGiven() async {
    let folder = Fixtures.path("program/encoder-decoder")
    let outcome = await FixtureModel.run("summarize", "-m", folder, "How are you?")
    #expect(outcome.exitCode == 2)
    #expect(
      outcome.errors == """
        error: the model does not summarize, model '\(folder)': expected summarization among the tasks of its \
        configuration, found translation_en_to_fr
        hint: choose a model that was trained for it, or give the prefix that it expects (--prefix)

        """)
    let given = await FixtureModel.run("summarize", "-m", folder, "How are you?", "--prefix", "", "-n", "2")
    #expect(given.exitCode == 0, "\(given.errors)")
  }
}
