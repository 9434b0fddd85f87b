import EngineAPI
import Engines
import Foundation
import TestSupport
import Testing

/// Labels of texts and tokens, against the pipelines of transformers (see `make_label_fixtures.py`).
@Suite struct LabelingTests {
  private let engine = LocalEngine(catalog: .paths)

  private static func path(_ name: String) -> ModelReference { ModelReference(Fixtures.path("labels/\(name)")) }

  @Test(arguments: ["word-pieces-texts", "untyped", "bytes-texts", "quantity", "single"])
  func labelsOfTextsAreThoseOfThePipeline(name: String) async throws {
    let cases = try #require(try Expected.read().texts[name])
    for expected in cases {
      let result = try await engine.classify(
        ClassifyRequest(model: Self.path(name), text: expected.text, pair: expected.pair))
      #expect(result.tokenCount == expected.tokens)
      #expect(result.labels.map(\.label) == expected.labels.map(\.label), "\(expected.text)")
      for (found, label) in zip(result.labels, expected.labels) {
        #expect(abs((found.logit ?? 0) - label.logit) < 1e-4)
        #expect((found.probability == nil) == (name == "quantity"))
        #expect(abs((found.probability ?? label.score) - label.score) < 1e-5)
      }
    }
  }

  /// Several texts are read together, and each has the numbers that it has alone. So what a word changes is the
  /// difference between two answers of `classify`.
  @Test(arguments: ["word-pieces-texts", "bytes-texts", "quantity", "single"], [nil, "and they were happy"])
  func manyTextsHaveTheLabelsOfEachAlone(name: String, pair: String?) async throws {
    let model = Self.path(name)
    let mask = try await engine.load(model).maskToken?.text
    let text = "the sea was calm, and the old king's ship went home"
    let occlusion = Occlusion(text, mask: mask)
    #expect(occlusion.words.count == 11)
    let whole = try await engine.classify(ClassifyRequest(model: model, text: text, pair: pair))
    let changed = try await engine.classify(ClassifyBatchRequest(model: model, texts: occlusion.texts, pair: pair))
    try #require(changed.count == occlusion.words.count)
    let label = try #require(whole.labels.first?.label)
    let value = { (result: ClassifyResult) in
      result.labels.first { $0.label == label }.flatMap { $0.probability ?? $0.logit }
    }
    let changes = occlusion.changes(of: label, whole: whole, changed: changed)
    for (index, word) in occlusion.words.enumerated() {
      let alone = try await engine.classify(
        ClassifyRequest(model: model, text: try #require(word.changed), pair: pair))
      #expect(changed[index] == alone, "\(word.text)")
      #expect(changes[index] == (try #require(value(whole)) - #require(value(alone))))
    }
    // More texts than one forward pass reads.
    let many = Array(repeating: text, count: 200)
    let results = try await engine.classify(ClassifyBatchRequest(model: model, texts: many, pair: pair))
    #expect(results == Array(repeating: whole, count: 200))
  }

  @Test(arguments: ["word-pieces-tokens", "bytes-tokens"], EntityStrategy.allCases)
  func entitiesAreThoseOfThePipeline(name: String, strategy: EntityStrategy) async throws {
    let texts = try #require(try Expected.read().tokens[name])
    #expect(texts.count == 3)
    for (text, strategies) in texts {
      let expected = try #require(strategies[strategy.rawValue])
      let result = try await engine.tag(TagRequest(model: Self.path(name), text: text, strategy: strategy))
      #expect(result.entities.map(\.label) == expected.map(\.label), "\(text)")
      #expect(result.entities.map(\.word) == expected.map(\.word), "\(text)")
      #expect(result.entities.map(\.range) == expected.map { $0.start..<$0.end }, "\(text)")
      for (found, entity) in zip(result.entities, expected) { #expect(abs(found.score - entity.score) < 1e-5) }
      // A token that is only a space has an empty range, because the tokenizer trims spaces from offsets.
      #expect(!result.tokens.isEmpty && result.tokens.allSatisfy { $0.span.range.upperBound <= text.utf8.count })
    }
  }

  @Test func anotherKindOfModelIsAnErrorThatSaysWhatItIs() async throws {
    let (texts, tokens) = (Self.path("single"), Self.path("bytes-tokens"))
    for (expected, work) in [
      ("a text-classification model", { _ = try await engine.classify(ClassifyRequest(model: tokens, text: "a")) }),
      ("a token-classification model", { _ = try await engine.tag(TagRequest(model: texts, text: "a")) }),
      (
        "a masked-language model",
        { _ = try await engine.fillMask(FillMaskRequest(context: ModelContext(model: texts, ids: [4]))) }
      ),
      (
        "a causal or encoder-decoder model",
        {
          _ = try await engine.distribution(
            DistributionRequest(context: ModelContext(model: texts, ids: [4]), position: 1))
        }
      ),
      (
        "a model that predicts tokens",
        { _ = try await engine.score(ScoreRequest(context: ModelContext(model: tokens, ids: [4])), progress: { _ in }) }
      ),
    ] as [(String, () async throws -> Void)] {
      do { try await work() } catch let error as EngineError {
        #expect(error.kind == .usage && error.expected == expected)
        continue
      }
      Issue.record("\(expected) was not asked for")
    }
  }

  @Test func aTextLongerThanTheContextAndAnEmptyOneAreErrors() async throws {
    let long = String(repeating: "sea ", count: 100)
    for (name, text) in [("single", long), ("bytes-tokens", long)] {
      do {
        if name == "single" {
          _ = try await engine.classify(ClassifyRequest(model: Self.path(name), text: text))
        } else {
          _ = try await engine.tag(TagRequest(model: Self.path(name), text: text))
        }
        Issue.record("a text of 100 words was read")
      } catch {
        #expect(error.kind == .input && error.what == "the prompt is too long")
      }
    }
  }

  @Test func anOpenClassifierNamesItsLabels() async throws {
    let information = try await engine.load(Self.path("word-pieces-texts"))
    #expect(information.family == .classifier && information.labels == ["no", "perhaps", "yes"])
    #expect(try await engine.load(Self.path("bytes-tokens")).family == .tagger)
    #expect(try await engine.load(BundledEngine.path("cloze")).labels == [])
  }
}

extension BundledEngine {
  fileprivate static func path(_ name: String) -> ModelReference { ModelReference(models + "/" + name) }
}

/// `labels/expected.json`.
private struct Expected: Decodable {
  struct Label: Decodable {
    let label: String
    let score: Double
    let logit: Double
  }

  struct Case: Decodable {
    let text: String
    let pair: String?
    let tokens: Int
    let labels: [Label]
  }

  struct Entity: Decodable {
    let label: String
    let score: Double
    let word: String
    let start: Int
    let end: Int
  }

  let texts: [String: [Case]]
  let tokens: [String: [String: [String: [Entity]]]]

  static func read() throws -> Expected {
    try JSONDecoder().decode(Expected.self, from: Data(Fixtures.bytes("labels/expected.json")))
  }
}
