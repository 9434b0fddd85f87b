import JSONText
import Metrics
import TestSupport
import Testing

/// BLEU, chrF and ROUGE against sacrebleu and rouge_score.
@Suite struct TranslationTests {
  let fixture: JSONValue
  let hypotheses: [String]
  let references: [[String]]

  init() throws {
    fixture = try metricFixture("translations")
    hypotheses = fixture["hypotheses"]?.words ?? []
    references = fixture["references"]?.items.map(\.words) ?? []
    #expect(hypotheses.count > 30)
  }

  private func smoothing(_ name: String) -> BLEU.Smoothing {
    switch name {
    case "floor": .floor(0.1)
    case "add-k": .addK(1)
    case "none": .none
    default: .exponential
    }
  }

  @Test func bleuEqualsTheReference() throws {
    let cases = fixture["bleu"]?.items ?? []
    #expect(cases.count == 64)
    for expected in cases {
      var metric = BLEU()
      metric.tokenization = try #require(ReferenceTokenization(rawValue: expected["tokenize"]?.word ?? ""))
      metric.isLowercased = expected["lowercase"]?.flag ?? false
      metric.smoothing = smoothing(expected["smooth"]?.word ?? "")
      let count = expected["references"]?.whole ?? 0
      let score = try metric.score(hypotheses, references: references.map { Array($0.prefix(count)) })
      let name = "\(metric) \(count)"
      #expect(agree(score.value, expected["score"]?.real ?? .nan), "\(name)")
      #expect(agree(score.precisions, expected["precisions"]?.numbers ?? []), "\(name)")
      #expect(agree(score.brevityPenalty, expected["bp"]?.real ?? .nan), "\(name)")
      #expect(score.length == expected["sys_len"]?.whole && score.referenceLength == expected["ref_len"]?.whole)
      for (index, value) in (expected["sentences"]?.numbers ?? []).enumerated() {
        let own = try metric.sentenceScore(hypotheses[index], references: Array(references[index].prefix(count)))
        #expect(agree(own.value, value), "\(name), sentence \(index): \(own.value), not \(value)")
      }
    }
  }

  @Test func bleuWithOtherOrderAndSmoothingValueEqualsTheReference() throws {
    var metric = BLEU()
    metric.order = 2
    metric.smoothing = .floor(0.25)
    let score = try metric.score(Array(hypotheses.prefix(5)), references: references.prefix(5).map { [$0[1]] })
    #expect(agree(score.value, fixture["short"]?.real ?? .nan))
  }

  @Test func chrFEqualsTheReference() throws {
    let cases = fixture["chrf"]?.items ?? []
    #expect(cases.count == 32)
    for expected in cases {
      var metric = CharacterFScore()
      metric.wordOrder = expected["word_order"]?.whole ?? -1
      metric.isLowercased = expected["lowercase"]?.flag ?? false
      metric.keepsSpaces = expected["whitespace"]?.flag ?? false
      metric.smoothsOrders = expected["eps"]?.flag ?? false
      let count = expected["references"]?.whole ?? 0
      let score = try metric.score(hypotheses, references: references.map { Array($0.prefix(count)) })
      #expect(agree(score, expected["score"]?.real ?? .nan), "\(metric) \(count)")
      for (index, value) in (expected["sentences"]?.numbers ?? []).enumerated() {
        let own = try metric.sentenceScore(hypotheses[index], references: Array(references[index].prefix(count)))
        #expect(agree(own, value), "\(metric) \(count), sentence \(index): \(own), not \(value)")
      }
    }
    var metric = CharacterFScore()
    metric.characterOrder = 3
    metric.beta = 1
    let score = try metric.score(hypotheses, references: references.map { [$0[0]] })
    #expect(agree(score, fixture["chrf_other"]?.real ?? .nan))
    #expect(CharacterFScore.plusPlus.wordOrder == 2)
  }

  @Test func rougeEqualsTheReference() throws {
    let variants: [(String, ROUGE.Variant)] = [
      ("rouge1", .ngrams(1)), ("rouge2", .ngrams(2)), ("rouge3", .ngrams(3)), ("rougeL", .longestSubsequence),
      ("rougeLsum", .summary),
    ]
    for (number, expected) in (fixture["rouge"]?.items ?? []).enumerated() {
      let index = number % hypotheses.count
      for (name, variant) in variants {
        var metric = ROUGE(variant)
        metric.usesStems = expected["stems"]?.flag ?? false
        let one = metric.score(hypotheses[index], reference: references[index][1])
        let several = try metric.score(hypotheses[index], references: references[index])
        #expect(agree(figures(one), expected["one"]?[name]?.numbers ?? []), "\(name) \(number)")
        #expect(agree(figures(several), expected["several"]?[name]?.numbers ?? []), "\(name) \(number)")
      }
    }
    #expect(fixture["rouge"]?.items.count == 2 * hypotheses.count)
  }

  /// A stem counts only if both texts have the same, so each pair of words shows whether the stems are equal.
  @Test func stemsEqualTheReference() throws {
    let stems = try #require(fixture["stems"]?.object)
    var metric = ROUGE(.ngrams(1))
    metric.usesStems = true
    let words = stems.members.map { ($0.key.description, $0.value.word) }.filter { $0.0.utf8.count > 3 }
    #expect(words.count > 100)
    for (word, stem) in words {
      for (other, otherStem) in words {
        #expect((metric.score(word, reference: other).fMeasure == 1) == (stem == otherStem), "\(word) \(other)")
      }
    }
  }

  @Test func identicalTextsScoreFullAndForeignOnesNothing() throws {
    let text = ["The cat sat on the mat today.", "Another sentence of several words."]
    let foreign = text.map { _ in "zzz qqq xxx vvv kkk jjj" }
    var unsmoothed = BLEU()
    unsmoothed.smoothing = .none
    #expect(agree(try BLEU().score(text, references: text.map { [$0] }).value, 100))
    #expect(try BLEU().score(foreign, references: text.map { [$0] }).value == 0)
    for metric in [CharacterFScore(), .plusPlus] {
      #expect(agree(try metric.score(text, references: text.map { [$0] }), 100))
    }
    for variant in [ROUGE.Variant.ngrams(1), .ngrams(2), .longestSubsequence, .summary] {
      #expect(try ROUGE(variant).mean(text, references: text.map { [$0] }).fMeasure == 1)
      #expect(try ROUGE(variant).mean(foreign, references: text.map { [$0] }).fMeasure == 0)
    }
  }

  @Test func moreReferencesNeverLowerMatches() throws {
    for count in 1...2 {
      let fewer = try BLEU().score(hypotheses, references: references.map { Array($0.prefix(count)) })
      let more = try BLEU().score(hypotheses, references: references.map { Array($0.prefix(count + 1)) })
      #expect(zip(fewer.matches, more.matches).allSatisfy { $0 <= $1 })
    }
  }

  @Test func missingTextsAreNamed() {
    #expect(error { _ = try BLEU().score(["a"], references: []) }?.contains("expected 1 entries, found 0") == true)
    #expect(error { _ = try BLEU().score(["a", "b"], references: [["a"], []]) }?.contains("hypothesis 2") == true)
    #expect(error { _ = try CharacterFScore().score(["a"], references: [[]]) }?.contains("hypothesis 1") == true)
    #expect(error { _ = try ROUGE(.ngrams(1)).mean([], references: []) }?.contains("no hypothesis") == true)
    #expect(error { _ = try ROUGE(.ngrams(1)).score("a", references: []) }?.contains("no reference") == true)
  }

  private func figures(_ score: ROUGE.Score) -> [Double] { [score.precision, score.recall, score.fMeasure] }
}

/// The description of the error that a closure throws.
func error(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
