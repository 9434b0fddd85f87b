import EngineAPI
import JSONText
import Sampling
import TestSupport
import Testing

@testable import Engines

/// See `make_translation_fixtures.py`.
@Suite("A translation model is told its languages as transformers tells it")
struct TranslationLanguageTests {
  private static let names = ["m2m-100", "marian", "mbart", "nllb"]

  private static func path(_ name: String) -> String { Fixtures.path("translation/\(name)") }

  private let engine = LocalEngine(
    catalog: ModelCatalog(entries: { [] }) { reference throws(EngineError) in
      ModelPlace(name: reference.name, path: Self.path(reference.name), source: "path")
    })

  private func expected() throws -> JSONValue {
    try JSONValue(contentsOfFile: Fixtures.path("translation/expected.json"))
  }

  private func context(_ name: String, from source: String, to target: String) async throws -> ModelContext {
    let text = try #require(try expected()["text"]?.string)
    let model = ModelReference(name)
    let prefix = try await engine.translationPrefix(from: source, to: target, model: model)
    return ModelContext(model: model, encoderIDs: try await engine.ids(prefix + text, model), ids: [])
  }

  @Test("the best beam of each pair of languages is that of the reference", arguments: names)
  func beams(_ name: String) async throws {
    let (all, count) = (try expected(), try #require(try expected()["count"]?.int))
    let pairs = try #require(all["models"]?[name]?.object).members
    #expect(pairs.count == 2)
    for (pair, values) in pairs {
      let codes = pair.description.split(separator: " ").map(String.init)
      let context = try await context(name, from: codes[0], to: codes[1])
      var settings = SamplingSettings()
      settings.noRepeatNGramSize = 1
      let text = TextRequest(context: context, settings: settings, maxTokens: count)
      let result = try await engine.beamSearch(
        BeamRequest(text, search: BeamSearchSettings(beams: 2)), progress: { _ in })
      #expect(result.completions.first?.tokens.map(\.token.id) == values["ids"]?.array?.compactMap(\.int), "\(pair)")
    }
  }

  @Test("a stream and the distribution of its first token use the languages too")
  func streams() async throws {
    let context = try await context("nllb", from: "fr", to: "de")
    var settings = SamplingSettings()
    settings.temperature = 0
    let heard = await Heard(
      engine.generate(
        GenerationRequest(context: context, settings: settings, maxTokens: 3)))
    #expect(heard.ids.first == 15)
    let turned = try await self.context("nllb", from: "de", to: "fr")
    let request = { DistributionRequest(context: $0, position: 0) }
    let (one, other) = (
      try await engine.distribution(request(context)), try await engine.distribution(request(turned))
    )
    #expect(one.candidates != other.candidates)
  }

  @Test("the languages of a model are listed by their codes")
  func codes() async throws {
    for (name, codes) in [
      ("marian", ["en", "fr", "de"]), ("mbart", ["en", "fr", "de"]),
      ("nllb", ["en", "fr", "de", "zho_Hans", "zho_Hant"]),
    ] {
      let information = try await engine.load(ModelReference(name))
      #expect(information.languages == codes)
    }
    let many = try await engine.load(ModelReference("m2m-100")).languages
    #expect(many.count == 100 && many.first == "af" && many.contains("zh"))
  }

  @Test("a model's own language codes are accepted too")
  func ownCodes() async throws {
    for (name, source, target, prefix) in [
      ("nllb", "eng_Latn", "zho_Hant", "eng_Latnzho_Hant"), ("nllb", "eng", "fra", "eng_Latnfra_Latn"),
      ("mbart", "en_xx", "DE", "en_XXde_DE"), ("marian", "en", "fra", ">>fra<< "),
      ("m2m-100", "EN", "fr", "__en____fr__"),
    ] {
      let found = try await engine.translationPrefix(from: source, to: target, model: ModelReference(name))
      #expect(found == prefix)
    }
  }

  @Test("a language that the model lacks is an error that names the available ones")
  func unknown() async throws {
    for (name, source, target, expected) in [
      ("nllb", "en", "zh", "one of zho_Hans, zho_Hant"), ("nllb", "en", "xx", "one of en, fr, de, zho_Hans, zho_Hant"),
      ("mbart", "en_GB", "fr", "one of en, fr, de"), ("marian", "de", "fr", "en, the language that it translates from"),
      ("marian", "en", "es", "one of fr, de"),
    ] {
      let error = await #expect(throws: EngineError.self) {
        try await engine.translationPrefix(from: source, to: target, model: ModelReference(name))
      }
      #expect(error?.description.contains("expected \(expected), found") == true, "\(String(describing: error))")
    }
    let twice = await #expect(throws: EngineError.self) {
      try await engine.translationPrefix(from: "fr", to: "fra_Latn", model: ModelReference("nllb"))
    }
    #expect(twice?.description.contains("the same language twice") == true)
  }
}
