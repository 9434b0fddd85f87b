import JSONText
import Metrics
import Testing

/// Figures of labels and entities against scikit-learn and seqeval.
@Suite struct LabelTests {
  @Test func figuresOfLabelsEqualTheReference() throws {
    let cases = try metricFixture("labels")["cases"]?.items ?? []
    #expect(cases.count == 6)
    for expected in cases {
      let report = try ClassificationReport(
        actual: expected["actual"]?.words ?? [], predicted: expected["predicted"]?.words ?? [])
      #expect(report.labels == expected["labels"]?.words)
      #expect(report.confusion == expected["confusion"]?.items.map { $0.items.map(\.whole) })
      #expect(agree(report.accuracy, expected["accuracy"]?.real ?? .nan))
      #expect(agree(report.matthewsCorrelation, expected["matthews"]?.real ?? .nan))
      for (name, figures) in [("macro", report.macro), ("micro", report.micro), ("weighted", report.weighted)] {
        #expect(agree(three(figures), expected[name]?.numbers ?? []), "\(name)")
      }
      for (figures, row) in zip(report.figures, expected["each"]?.items ?? []) {
        #expect(agree(three(figures) + [Double(figures.support)], row.numbers))
      }
      let calibration = try Calibration(
        probabilities: expected["probabilities"]?.items.map(\.numbers) ?? [],
        labels: expected["numbers"]?.items.map(\.whole) ?? [], binCount: 10)
      #expect(agree(calibration.expectedError, expected["calibration"]?.real ?? .nan))
      #expect(agree(calibration.brierScore, expected["brier"]?.real ?? .nan))
      #expect(agree(calibration.logLoss, expected["loss"]?.real ?? .nan))
      #expect(calibration.bins.reduce(0) { $0 + $1.count } == report.count)
      #expect(calibration.maximumError >= calibration.expectedError)
    }
  }

  @Test func figuresOfSetsOfLabelsEqualTheReference() throws {
    let expected = try #require(try metricFixture("labels")["multilabel"])
    let sets = expected["sets"]?.items.map { $0.items.map { Set($0.words) } } ?? []
    let report = try MultilabelReport(actual: sets.map { $0[0] }, predicted: sets.map { $0[1] })
    #expect(agree(report.accuracy, expected["accuracy"]?.real ?? .nan))
    #expect(agree(three(report.micro), expected["micro"]?.numbers ?? []))
    #expect(agree(three(report.macro), expected["macro"]?.numbers ?? []))
  }

  @Test func entitiesEqualTheReference() throws {
    let fixture = try metricFixture("entities")
    let cases = fixture["cases"]?.items ?? []
    #expect(cases.count == 18)
    for expected in cases {
      let scheme = try #require(EntityScheme(rawValue: expected["scheme"]?.word ?? ""))
      let actual = expected["actual"]?.items.map(\.words) ?? []
      let predicted = expected["predicted"]?.items.map(\.words) ?? []
      for (index, tags) in actual.enumerated() {
        #expect(try Entity.read(tags) == entities(expected["lenient_entities"]?[index]), "\(tags)")
        #expect(try Entity.read(tags, scheme: scheme) == entities(expected["strict_entities"]?[index]), "\(tags)")
      }
      for (mode, scheme) in [("lenient", nil), ("strict", scheme)] {
        let report = try EntityReport(actual: actual, predicted: predicted, scheme: scheme)
        #expect(agree(report.accuracy, expected["accuracy"]?.real ?? .nan))
        let groups = [
          ("micro avg", report.micro), ("macro avg", report.macro), ("weighted avg", report.weighted),
        ]
        for (name, figures) in groups + zip(report.types, report.figures) {
          let row = expected[mode]?[name]?.numbers ?? []
          #expect(agree(three(figures) + [Double(figures.support)], row), "\(mode) \(name)")
        }
      }
    }
    for expected in fixture["odd"]?.items ?? [] {
      #expect(try Entity.read(expected["tags"]?.words ?? []) == entities(expected["entities"]))
    }
  }

  @Test func aPermutationOfTheExamplesChangesNoFigure() throws {
    let actual = ["a", "b", "a", "c", "b", "a"]
    let predicted = ["a", "b", "b", "c", "a", "a"]
    let report = try ClassificationReport(actual: actual, predicted: predicted)
    #expect(try ClassificationReport(actual: actual.reversed(), predicted: predicted.reversed()) == report)
  }

  @Test func labelsKeepTheNamedOrder() throws {
    let report = try ClassificationReport(
      actual: ["b", "z"], predicted: ["b", "a"], labels: ["z", "b", "z", "unused"])
    #expect(report.labels == ["z", "b", "unused", "a"])
    #expect(report.confusion == [[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
  }

  @Test func confidenceAtTheEdgeOfABinBelongsToTheLowerBin() throws {
    let calibration = try Calibration(probabilities: [[0.5, 0.5], [1, 0], [0, 1]], labels: [0, 0, 1], binCount: 2)
    #expect(calibration.bins.map(\.count) == [1, 2])
    #expect(calibration.expectedError == 0.5 / 3)
  }

  @Test func scoresOfALanguageModelFollowFromItsSums() {
    var scores = LanguageModelScores()
    #expect(scores.loss == nil && scores.perplexity == nil && scores.bitsPerByte == nil && scores.wordPerplexity == nil)
    // Eight tokens of probability 1/4 each stand for 16 bytes: one bit per byte.
    scores.add(logprob: 5 * -1.3862943611198906, tokens: 5, bytes: 10, words: 1)
    scores.add(logprob: 3 * -1.3862943611198906, tokens: 3, bytes: 6, words: 1)
    #expect(agree(scores.perplexity ?? 0, 4) && agree(scores.bitsPerByte ?? 0, 1))
    #expect(agree(scores.wordPerplexity ?? 0, 256))
  }

  @Test func badInputIsNamed() {
    #expect(error { _ = try ClassificationReport(actual: [], predicted: []) }?.contains("no labels") == true)
    #expect(error { _ = try ClassificationReport(actual: ["a"], predicted: []) }?.contains("different lengths") == true)
    #expect(error { _ = try Calibration(probabilities: [[1]], labels: [1]) }?.contains("example 1") == true)
    #expect(error { _ = try Calibration(probabilities: [[.nan]], labels: [0]) }?.contains("found nan") == true)
    #expect(error { _ = try EntityReport(actual: [["O"]], predicted: [["O", "O"]]) }?.contains("sentence 1") == true)
    #expect(error { _ = try EntityReport(actual: [[]], predicted: [[]]) }?.contains("no words") == true)
    #expect(error { _ = try Entity.read(["O", ""]) }?.contains("word 2") == true)
    #expect(error { _ = try Entity.read(["O", "S-X"], scheme: .iob2) }?.contains("'S-X'") == true)
  }

  private func three(_ figures: ClassificationReport.Figures) -> [Double] {
    [figures.precision, figures.recall, figures.f1]
  }

  private func entities(_ list: JSONValue?) -> [Entity] {
    (list?.items ?? []).map { Entity(type: $0[0]?.word ?? "", words: ($0[1]?.whole ?? 0)..<($0[2]?.whole ?? 0)) }
  }
}
