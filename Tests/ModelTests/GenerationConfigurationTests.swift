import Sampling
import Terms
import TestSupport
import Testing

@testable import Models

@Suite("Generation configurations")
struct GenerationConfigurationTests {
  private func read(
    _ fixture: String = "gpt2", configuration: [(String, String?)] = [], generation: String? = nil
  ) throws -> GenerationConfiguration {
    let text = try ScratchModel.configuration(fixture, changing: configuration)
    return try ScratchModel.with(fixture, configuration: text, generation: generation) { folder in
      try ModelPlan(ModelSource(folder: folder)).generation()
    }
  }

  @Test("every key of the file is read")
  func values() throws {
    let found = try read(
      generation: """
        {"do_sample": true, "temperature": 0.7, "top_k": 40, "top_p": 0.9, "min_p": 0.05, "typical_p": 0.95,
         "repetition_penalty": 1.2, "no_repeat_ngram_size": 3, "max_length": 100, "max_new_tokens": 50,
         "min_length": 5, "min_new_tokens": 2, "num_beams": 4,
         "length_penalty": 0.8, "early_stopping": "never", "num_return_sequences": 2, "forced_bos_token_id": 7,
         "forced_eos_token_id": [8, 9], "suppress_tokens": [1, 2], "begin_suppress_tokens": [3],
         "bad_words_ids": [[4, 5], [6]],
         "eos_token_id": [10, 11], "bos_token_id": 12, "pad_token_id": 13, "decoder_start_token_id": 14}
        """)
    var sampling = SamplingSettings()
    sampling.temperature = 0.7
    sampling.topK = 40
    sampling.topP = 0.9
    sampling.minP = 0.05
    sampling.typicalP = 0.95
    sampling.repetitionPenalty = 1.2
    sampling.noRepeatNGramSize = 3
    sampling.minTokens = 2
    #expect(found.samples == true && found.sampling == sampling && found.decoding.settings == sampling)
    #expect(found.length == LengthDefaults(maxLength: 100, maxNewTokens: 50, minLength: 5))
    #expect(found.beams == BeamDefaults(count: 4, lengthPenalty: 0.8, earlyStopping: .never, returned: 2))
    #expect(
      found.constraints
        == TokenConstraints(
          forcedBosTokenIDs: [7], forcedEosTokenIDs: [8, 9], suppressed: [1, 2], suppressedAtBeginning: [3],
          badWords: [[4, 5], [6]]))
    #expect(found.eosTokenIDs == [10, 11])
    #expect([found.bosTokenID, found.padTokenID, found.decoderStartTokenID] == [12, 13, 14])
    #expect(found.unknownKeys.isEmpty)
  }

  @Test("non-standard stages are added to the chain if the file switches them on")
  func cutoffs() throws {
    let found = try read(generation: #"{"epsilon_cutoff": 0.0003, "eta_cutoff": 2, "top_h": 0.4}"#)
    var sampling = SamplingSettings()
    sampling.epsilonCutoff = 0.0003
    sampling.topH = 0.4
    sampling.include(.topH)
    sampling.include(.epsilonCutoff)
    #expect(found.sampling == sampling && found.unknownKeys.isEmpty)
    // transformers refuses 0 too, which the option takes as off.
    for value in ["1.5", "0", "0.0", "-0.1"] {
      #expect(throws: ModelError.self, "\(value)") { try read(generation: #"{"top_h": \#(value)}"#) }
    }
    #expect(try read(generation: #"{"top_h": 1}"#).sampling.topH == 1)
    #expect(try read(generation: #"{"do_sample": false, "top_h": 1.5}"#).unknownKeys == ["top_h"])
  }

  @Test(
    "keys about the end of the text are said to have no effect without end-of-text tokens",
    arguments: [("exponential_decay_length_penalty", "[3, 1.1]"), ("min_length", "5"), ("min_new_tokens", "3")])
  func keysWithoutEndOfText(key: String, value: String) throws {
    let without = try read(generation: "{\"\(key)\": \(value)}")
    #expect(without.unknownKeys.isEmpty && without.notices.count == 1 && without.notices[0].contains(" \(key) "))
    #expect(try read(generation: "{\"\(key)\": \(value), \"eos_token_id\": 5}").notices.isEmpty)
    #expect(try read(generation: "{\"\(key)\": null}").notices.isEmpty)
  }

  @Test("unsupported keys are reported unless their value switches the feature off")
  func unknown() throws {
    let found = try read(
      generation:
        """
        {"mystery": 1, "penalty_alpha": 0.6, "epsilon_cutoff": 0.0, "num_beam_groups": 1, "token_healing": false,
         "top_h": null}
        """
    )
    #expect(found.unknownKeys == ["mystery", "penalty_alpha"])
  }

  @Test("config.json is used if generation_config.json is missing; otherwise only for start ids")
  func fallback() throws {
    let changes: [(String, String?)] = [("eos_token_id", "5"), ("num_beams", "3"), ("max_length", "20")]
    // transformers reads one file or the other.
    let alone = try read(configuration: changes)
    #expect(alone.eosTokenIDs == [5] && alone.beams.count == 3 && alone.length.maxLength == 20)
    let both = try read(configuration: changes, generation: #"{"bos_token_id": 6}"#)
    #expect(both.eosTokenIDs.isEmpty && both.notices.count == 1)
    #expect(both.bosTokenID == 6 && both.beams.count == nil && both.length.maxLength == nil)
  }

  @Test("without keys the architecture's start id is used and there is no end id; null removes the start id")
  func silent() throws {
    #expect(try read().eosTokenIDs.isEmpty && read().bosTokenID == 50256)
    #expect(try read(configuration: [("bos_token_id", "null")]).bosTokenID == nil)
    #expect(try read(configuration: [("eos_token_id", "null")]).eosTokenIDs.isEmpty)
    let t5 = try read("t5")
    #expect(t5.padTokenID == 0 && t5.decoderStartTokenID == 0 && t5.bosTokenID == nil)
  }

  @Test("task_specific_params give tasks with their prefixes")
  func tasks() throws {
    let tasks = """
      {"translation_en_to_fr": {"early_stopping": true, "max_length": 300, "num_beams": 4,
        "prefix": "translate English to French: "},
       "summarization": {"prefix": "summarize: "}}
      """
    let found = try read("t5", configuration: [("task_specific_params", tasks)])
    #expect(
      found.tasks == [
        TaskDefaults(
          name: "translation_en_to_fr", prefix: "translate English to French: ",
          otherKeys: ["early_stopping", "max_length", "num_beams"]),
        TaskDefaults(name: "summarization", prefix: "summarize: "),
      ])
  }

  @Test(
    "an invalid value gives an error with its key",
    arguments: [
      ("temperature", "-1"), ("temperature", "NaN"), ("temperature", "\"hot\""), ("top_k", "-5"), ("top_p", "-0.5"),
      ("min_p", "-0.1"),
      ("typical_p", "0"), ("repetition_penalty", "0"), ("num_beams", "0"), ("num_beams", "1e99"),
      ("early_stopping", "\"soon\""),
      ("bad_words_ids", "[[-1]]"), ("eos_token_id", "[1, \"2\"]"), ("eos_token_id", "1e300"), ("bad_words_ids", "[1]"),
      ("bad_words_ids", "7"), ("forced_bos_token_id", "true"),
      ("max_length", "2.5"), ("length_penalty", "Infinity"), ("do_sample", "1"), ("suppress_tokens", "{}"),
    ])
  func absurd(_ key: String, _ value: String) throws {
    let error = #expect(throws: ModelError.self) { try read(generation: "{\"\(key)\": \(value)}") }
    guard case .invalidConfiguration(_, key, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
