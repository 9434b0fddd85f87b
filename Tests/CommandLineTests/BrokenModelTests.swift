import JSONText
import TestSupport
import Testing

/// Logits that are not finite, settings beyond the limits, and ids outside the vocabulary.
@Suite struct BrokenModelTests {
  /// The bytes of a safetensors file with one element of an f32 tensor changed.
  private func setting(_ tensor: String, _ index: Int, to value: Float, in file: [UInt8]) throws -> [UInt8] {
    let length = file[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONValue(parsing: Array(file[8..<(8 + length)]))
    let start = try #require(header[tensor]?["data_offsets"]?[0]?.int)
    var bytes = file
    for (offset, byte) in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init).enumerated() {
      bytes[8 + length + start + 4 * index + offset] = byte
    }
    return bytes
  }

  private func run(
    _ model: String, _ tensor: String, _ index: Int, _ value: Float, _ command: [String]
  ) async throws -> CommandWorld.Outcome {
    try await FixtureModel.with(model) { file, bytes in
      file == "model.safetensors" ? try setting(tensor, index, to: value, in: bytes) : nil
    } _: { folder in
      await FixtureModel.run([command[0], "-m", folder, "-q"] + command.dropFirst())
    }
  }

  @Test(arguments: [Float.nan, .infinity]) func logitsThatAreNoNumbersAreAnErrorWithAPosition(value: Float) async throws
  {
    let commands: [(model: String, tensor: String, position: Int, command: [String])] = [
      ("causal", "transformer.ln_f.bias", 9, ["generate", "Once upon a time", "-n", "3"]),
      ("causal", "transformer.ln_f.bias", 9, ["generate", "Once upon a time", "-n", "3", "--temperature", "0"]),
      ("causal", "transformer.ln_f.bias", 9, ["generate", "Once upon a time", "-n", "3", "--num-beams", "2"]),
      ("causal", "transformer.ln_f.bias", 9, ["next", "Once upon a time"]),
      ("causal", "transformer.ln_f.bias", 1, ["score", "Once upon a time"]),
      ("masked", "cls.predictions.bias", 7, ["fill-mask", "Hello, my name is [MASK]."]),
      ("masked", "cls.predictions.bias", 1, ["score", "Hello, my name is Tom."]),
      ("encoder-decoder", "decoder.final_layer_norm.weight", 1, ["translate", "How are you?"]),
      ("encoder-decoder", "decoder.final_layer_norm.weight", 1, ["generate", "How are you?"]),
      ("encoder-decoder", "decoder.final_layer_norm.weight", 0, ["score", "How are you?", "--target", "the sea"]),
    ]
    for (model, tensor, position, command) in commands {
      let outcome = try await run(model, tensor, 3, value, command)
      #expect(outcome.exitCode == 1 && outcome.output.isEmpty, "\(command)")
      #expect(
        outcome.errors.hasPrefix("error: the model's logits are not finite, position \(position): "),
        "\(command): \(outcome.errors)")
    }
  }

  @Test func aLogitOfMinusInfinityIsAProbabilityOfZero() async throws {
    let outcome = try await run(
      "masked", "cls.predictions.bias", 7, -.infinity,
      ["fill-mask", "Hello, my name is [MASK].", "--top-k", "500", "--json"])
    #expect(outcome.exitCode == 0)
    let answer = try JSONValue(parsing: Array(outcome.output.utf8))
    let candidates = try #require(answer["masks"]?[0]?["candidates"]?.array)
    #expect(candidates.last?["id"] == 7 && candidates.last?["probability"]?.double == 0)
  }

  @Test(arguments: ["num_beams", "num_return_sequences", "max_length", "max_new_tokens", "top_k", "min_new_tokens"])
  func filesObeyTheLimitsOfOptions(key: String) async throws {
    let outcome = try await FixtureModel.with("causal", generation: "{\"\(key)\": 2000000000}") {
      await FixtureModel.run("generate", "-m", $0, "Once")
    }
    #expect(outcome.exitCode == 1)
    #expect(outcome.errors.hasPrefix("error: invalid configuration, ") && outcome.errors.contains(", \(key): expected"))
  }

  @Test func moreBeamsThanAnOptionTakesAreRefusedInAFileToo() async throws {
    for (beams, code) in [(1000, 0), (1001, 1), (200_000, 1)] as [(Int, Int32)] {
      let outcome = try await FixtureModel.with("causal", generation: "{\"num_beams\": \(beams)}") {
        await FixtureModel.run("generate", "-m", $0, "Once", "-n", "1", "-q")
      }
      #expect(outcome.exitCode == code, "\(beams): \(outcome.errors)")
    }
  }

  @Test func anIDThatTheModelDoesNotHaveIsAnErrorWithItsPlace() async throws {
    // A tokenizer with one more token than the model has rows.
    let more = { (file: String, bytes: [UInt8]) throws -> [UInt8]? in
      guard file == "tokenizer.json", var object = try JSONValue(parsing: bytes).object else { return nil }
      var added = object["added_tokens"]?.array ?? []
      added.append([
        "id": 320, "content": "zzz", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
        "special": false,
      ])
      object["added_tokens"] = .array(added)
      return Array(JSONValue.object(object).serialized().utf8)
    }
    for command in [["generate", "Once zzz"], ["next", "Once zzz"], ["score", "Once zzz"]] {
      let outcome = try await FixtureModel.with("causal", change: more) {
        await FixtureModel.run([command[0], "-m", $0, "-q"] + command.dropFirst())
      }
      #expect(outcome.exitCode == 1 && outcome.output.isEmpty, "\(command)")
      #expect(
        outcome.errors.contains("the text, position ") && outcome.errors.contains("found 320"), "\(outcome.errors)")
    }
    for option in ["--logit-bias=320=1", "--sequence-bias=3,320=1"] {
      let outcome = await FixtureModel.run(
        "generate", "-m", Fixtures.path("program/causal"), "Once", "-n", "1", "-q", option)
      #expect(outcome.exitCode == 1 && outcome.errors.contains(option.prefix(9)), "\(outcome.errors)")
    }
    let ids = await FixtureModel.run("fill-mask", "-m", Fixtures.path("program/masked"), "--ids", "2 999999 4 3")
    #expect(ids.exitCode == 1 && ids.errors.contains("999999"))
    let text = await FixtureModel.run("detokenize", "-m", Fixtures.path("program/causal"), "3", "999999")
    #expect(text.exitCode == 1 && text.errors.contains("999999"))
  }

  @Test func everythingSuppressedIsAnError() async throws {
    for keys in [
      "\"suppress_tokens\": \(Array(0..<320))", "\"bad_words_ids\": \((0..<320).map { [$0] })",
    ] {
      for more in ["\"do_sample\": true", "\"do_sample\": false", "\"num_beams\": 2"] {
        let outcome = try await FixtureModel.with("causal", generation: "{\(keys), \(more)}") {
          await FixtureModel.run("generate", "-m", $0, "Once upon a time", "-n", "2", "-q")
        }
        #expect(
          outcome.exitCode == 1 && outcome.errors.hasPrefix("error: every token is suppressed, position 9"),
          "\(outcome.errors)")
      }
      let next = try await FixtureModel.with("causal", generation: "{\(keys)}") {
        await FixtureModel.run("next", "-m", $0, "Once upon a time")
      }
      #expect(next.exitCode == 1 && next.errors.contains("error: every token is suppressed"), "\(next.errors)")
    }
  }

  /// The distribution after the chain is the one that tokens are drawn from, with what the model's files forbid.
  @Test(arguments: ["suppress_tokens", "begin_suppress_tokens", "bad_words_ids"])
  func theNextTokenIsNotOneThatTheFilesForbid(key: String) async throws {
    /// The id of the model's best token, and the best ids after the whole chain.
    func ids(_ outcome: CommandWorld.Outcome) throws -> (model: Int?, chain: [Int]) {
      let answer = try JSONValue(parsing: Array(outcome.output.utf8))
      return (
        answer["top"]?[0]?["id"]?.int, answer["stages"]?.array?.last?["top"]?.array?.compactMap { $0["id"]?.int } ?? []
      )
    }
    let plain = try ids(await FixtureModel.run("next", "-m", Fixtures.path("program/causal"), "Once", "--json"))
    let best = try #require(plain.model)
    #expect(plain.chain.first == best)
    let value = key == "bad_words_ids" ? "[[\(best)]]" : "[\(best)]"
    let outcome = try await FixtureModel.with("causal", generation: "{\"\(key)\": \(value)}") {
      await FixtureModel.run("next", "-m", $0, "Once", "--json")
    }
    let found = try ids(outcome)
    #expect(found.model == best && !found.chain.isEmpty && !found.chain.contains(best))
  }

  @Test func theFilesNumberOfSequencesIsGenerated() async throws {
    let outcome = try await FixtureModel.with("causal", generation: #"{"num_return_sequences": 3, "do_sample": true}"#)
    {
      await FixtureModel.run("generate", "-m", $0, "Once", "-n", "4", "--seed", "1", "--json", "-q")
    }
    let answer = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(answer["completions"]?.array?.count == 3 && answer["options"]?["num_return_sequences"] == 3)
  }

  @Test func draftsChangeNoTokenUnderProcessors() async throws {
    let rules =
      #"{"do_sample": true, "encoder_repetition_penalty": 1.8, "encoder_no_repeat_ngram_size": 2, "eos_token_id": 7, "#
      + #""sequence_bias": [[[74], 2.0], [[195, 69], -5.0]], "exponential_decay_length_penalty": [3, 1.05]}"#
    try await FixtureModel.with("causal", generation: rules) { folder in
      for seed in 1...4 {
        let command = ["generate", "-m", folder, "Once upon a time", "-n", "30", "--seed", "\(seed)", "-q"]
        let plain = await FixtureModel.run(command)
        #expect(plain.exitCode == 0)
        for more in [["--prompt-lookup"], ["--draft", folder], ["--draft", folder, "--prompt-lookup"]] {
          #expect(await FixtureModel.run(command + more) == plain)
        }
      }
    }
  }

  @Test func keysOfTasksAreNamedForTheirTask() async throws {
    let tasks: JSONValue = ["translation_en_to_fr": ["prefix": "x: ", "max_length": 6, "num_beams": 2]]
    try await FixtureModel.with("encoder-decoder", configuration: ["task_specific_params": tasks]) { folder in
      let named = await FixtureModel.run("translate", "-m", folder, "How", "-n", "2")
      #expect(named.errors.contains("no effect, as in transformers 5: max_length, num_beams"))
      let other = await FixtureModel.run("translate", "-m", folder, "How", "-n", "2", "--prefix", "", "--to", "de")
      #expect(other.exitCode == 0 && !other.errors.contains("no effect"), "\(other.errors)")
    }
  }

  @Test func aTokenizerClassThatOverrulesTheFileIsNoted() async throws {
    let bert = { (file: String, bytes: [UInt8]) throws -> [UInt8]? in
      file == "tokenizer_config.json"
        ? Array(#"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#.utf8) : nil
    }
    try await FixtureModel.with("masked", change: bert) { folder in
      for command in [["tokenize", "A"], ["detokenize", "5"], ["fill-mask", "a [MASK]"], ["score", "a b"]] {
        let outcome = await FixtureModel.run([command[0], "-m", folder] + command.dropFirst())
        let notices = outcome.errors.split(separator: "\n").filter {
          $0.contains("overrules normalizer, decoder, as in")
        }
        #expect(outcome.exitCode == 0 && notices.count == 1, "\(command): \(outcome.errors)")
      }
    }
  }
}
