import JSONText
import Layers
import TestSupport
import Testing

@testable import Models

@Suite("Rotary positions of every kind")
struct RotaryTests {
  private static let cases = try? JSONValue(contentsOfFile: Fixtures.path("models/rotary.json")).array

  private func read(_ configuration: JSONValue) throws -> RotaryParameters {
    let file = try ConfigurationReader(configuration, path: "config.json")
    if configuration["model_type"]?.string == "phi3" { return try Phi3Configuration(file).rotary }
    return try LlamaConfiguration(file).rotary
  }

  private func rotary(_ encoding: PositionEncoding?) throws -> RotaryEmbedding {
    guard case .rotary(let rotary)? = encoding else { throw WrongFamily() }
    return rotary
  }

  private func expect(_ found: [Float], near expected: JSONValue?, _ name: String) throws {
    let expected = try #require(expected?.array).compactMap(\.double)
    #expect(found.count == expected.count, "\(name)")
    for (found, expected) in zip(found, expected) {
      #expect(abs(Double(found) - expected) <= 5e-7 * expected, "\(name): \(found) for \(expected)")
    }
  }

  @Test("frequencies and factors are those of transformers")
  func frequencies() throws {
    let cases = try #require(Self.cases)
    #expect(cases.count == 28)
    for found in cases {
      let configuration = try #require(found["configuration"])
      let name = configuration.serialized()
      let parameters = try read(configuration)
      let usual = try rotary(parameters.encoding())
      try expect(usual.frequencies, near: found["frequencies"], name)
      #expect(abs(Double(usual.factor) - (try #require(found["factor"]?.double))) < 1e-6, "\(name)")
      #expect(parameters.long?.length == found["length"]?.int, "\(name)")
      guard let long = found["long"] else { continue }
      try expect(try rotary(parameters.longEncoding()).frequencies, near: long, name)
    }
  }

  @Test("the older configuration of Gemma 3 uses rope_type and ignores type, as in transformers")
  func gemma() throws {
    for (settings, scaling) in [
      (#"{"type": "linear", "factor": 4}"#, .none), (#"{"rope_type": "linear", "factor": 4}"#, .linear(factor: 4)),
    ] as [(String, RotaryScaling)] {
      let value = try JSONValue(parsing: Array("{\"rope_scaling\": \(settings)}".utf8))
      let gemma = try Gemma3Configuration(ConfigurationReader(value, path: "config.json"))
      #expect(gemma.rotary.scaling == scaling && gemma.rotary.base == 1_000_000)
      #expect(gemma.slidingRotary.scaling == .none && gemma.slidingRotary.base == 10_000)
    }
  }

  @Test("errors name the wrong or unknown setting")
  func wrong() throws {
    let eight = "[1, 2, 3, 4, 5, 6, 7, 8]"
    for (settings, member) in [
      (#""rope_type": "mrope""#, "rope_type"), (#""rope_type": 3"#, "rope_type"), (#""type": "su""#, "rope_type"),
      (#""rope_type": "linear""#, "factor"), (#""type": "linear", "factor": 0"#, "factor"),
      (#""rope_type": "linear", "factor": "2""#, "factor"), (#""rope_type": "linear", "factor": 1e300"#, "factor"),
      (#""rope_type": "dynamic""#, "factor"), (#""rope_theta": 0"#, "rope_theta"),
      (#""rope_type": "linear", "factor": 2, "partial_rotary_factor": 0.5"#, "partial_rotary_factor"),
      (#""rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 0"#, "original_max_position_embeddings"),
      (#""rope_type": "yarn", "factor": 4, "beta_fast": -1"#, "beta_fast"),
      (#""rope_type": "yarn", "factor": 4, "truncate": 1"#, "truncate"),
      (#""rope_type": "llama3", "factor": 8, "low_freq_factor": 1"#, "high_freq_factor"),
      (#""rope_type": "longrope", "short_factor": \#(eight)"#, "long_factor"),
      (#""rope_type": "longrope", "short_factor": [1, 2]"#, "short_factor"),
      (#""rope_type": "longrope", "short_factor": [1, 2, 3, 4, 5, 6, 7, 0]"#, "short_factor"),
      (
        #""rope_type": "longrope", "short_factor": \#(eight), "long_factor": \#(eight), "#
          + #""original_max_position_embeddings": 1"#, "original_max_position_embeddings"
      ),
    ] {
      let text = #"{"hidden_size": 64, "num_attention_heads": 4, "rope_scaling": {\#(settings)}}"#
      let configuration = try JSONValue(parsing: Array(text.utf8))
      let error = #expect(throws: ModelError.self, "\(settings)") { try read(configuration) }
      guard case .invalidConfiguration("config.json", "rope_scaling, \(member)", _, _)? = error else {
        Issue.record("\(settings): \(String(describing: error))")
        continue
      }
    }
  }
}

@Suite("Texts longer than the length limit of a model's short rotary frequencies")
struct LongTextTests {
  @Test("truncating a text across the length limit and reading on changes no bit", arguments: Golden.long)
  func back(_ name: String) throws {
    let golden = try Golden(name)
    let (model, ids) = (try golden.opened.causal(), try golden.ids())
    let whole = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)]).tensor
    let state = model.makeState()
    _ = try model.forward([Segment(ids: ids, state: state, wanted: .none)])
    for length in [30, 21, 20, 19, 3, 0] {
      let fork = state.fork()
      fork.truncate(to: length)
      #expect(fork.count == length)
      let rest = try model.forward([Segment(ids: Array(ids[length...]), state: fork, wanted: .all)]).tensor
      #expect(rest.bits == whole.rows(length..<ids.count).bits, "from \(length)")
      #expect(fork.count == ids.count && state.count == ids.count)
    }
  }

  @Test("an error leaves a sequence unchanged, even if the new ids cross the length limit")
  func errors() throws {
    let model = try Golden("phi3-long").opened.causal()
    let state = model.makeState()
    _ = try model.forward([Segment(ids: Array(repeating: 1, count: 18), state: state, wanted: .none)])
    #expect(throws: ModelError.tokenOutOfRange(id: 43, vocabulary: 43)) {
      try model.forward([Segment(ids: [1, 2, 3, 4, 43], state: state)])
    }
    #expect(throws: ModelError.contextExceeded(limit: 50, found: 51)) {
      try model.forward([Segment(ids: Array(repeating: 1, count: 33), state: state)])
    }
    #expect(throws: ModelError.emptyInput) { try model.forward([Segment(ids: [], state: state)]) }
    #expect(state.count == 18)
    let bytes = state.cacheBytes
    let rows = try model.forward([Segment(ids: [1, 1, 1], state: state)])
    let other = try model.forward([Segment(ids: Array(repeating: 1, count: 21), state: model.makeState())])
    #expect(rows.tensor.bits == other.tensor.bits && rows.ranges == [0..<1])
    #expect(state.cacheBytes > bytes)
  }
}
