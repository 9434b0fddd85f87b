import JSONText
import TestSupport
import Testing

@testable import Models

/// The table lists every key of transformers' `GenerationConfig`.
@Suite("Keys of generation_config.json")
struct GenerationKeyTests {
  private func named(_ text: String, isOwn: Bool = true) throws -> [String] {
    let value = try JSONValue(parsing: Array(text.utf8))
    return GenerationKey.unknown(in: try #require(value.object), isOwn: isOwn)
  }

  @Test("the table lists every key of transformers 5.24")
  func everyKey() throws {
    let fixture = try JSONValue(contentsOfFile: Fixtures.path("program/configurations.json"))
    let keys = try #require(fixture["keys"]?.array).compactMap(\.string)
    #expect(keys.count > 70)
    #expect(keys.filter { GenerationKey.table[$0] == nil } == [])
  }

  @Test("unsupported keys are reported, in config.json too, except with null, false and neutral values")
  func naming() throws {
    #expect(
      try named(#"{"guidance_scale": 1.5, "penalty_alpha": 0.4, "cache_implementation": "quantized", "odd": 1}"#).count
        == 4)
    #expect(try named(#"{"guidance_scale": 1.5, "odd": 1}"#, isOwn: false) == ["guidance_scale"])
    #expect(try named(#"{"guidance_scale": null, "token_healing": false, "penalty_alpha": 0, "odd": null}"#).isEmpty)
    #expect(try named(#"{"cache_implementation": "static", "use_cache": true, "pad_token_id": -1}"#).isEmpty)
  }
}
