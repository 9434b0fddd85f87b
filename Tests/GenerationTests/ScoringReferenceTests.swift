import Checkpoints
import Generation
import JSONText
import Models
import Sampling
import TestSupport
import Testing

/// `scoring.json`, written by `make_generation_fixtures.py`.
private struct ScoringFixture: Decodable {
  struct Told: Decodable {
    var id: Int
    var logprob: Double
    var rank: Int
    var entropy: Double
    var top: [[Double]]
  }

  struct Causal: Decodable {
    var ids: [Int]
    var stride: Int?
    var tokens: [Told]
  }

  struct Masked: Decodable {
    var ids: [Int]
    var tokens: [Told]
  }

  struct Target: Decodable {
    var source: [Int]
    var ids: [Int]
    var tokens: [Told]
  }

  var causal: [Causal]
  var masked: [Masked]
  var target: [Target]
}

@Suite struct ScoringReferenceTests {
  /// The reference values are computed in double precision, the engine's in single precision.
  let tolerance = 2e-4

  private func check(_ scored: [ScoredID], _ told: [ScoringFixture.Told], _ comment: Comment) {
    #expect(scored.count == told.count, comment)
    for (one, expected) in zip(scored, told) {
      #expect(one.id == expected.id, comment)
      guard let logprob = one.logprob, let entropy = one.entropy else {
        Issue.record("no prediction, \(comment)")
        continue
      }
      #expect(abs(logprob - expected.logprob) < tolerance, comment)
      #expect(abs(entropy - expected.entropy) < tolerance, comment)
      #expect(one.rank == expected.rank, comment)
      #expect(one.top.map(\.id) == expected.top.map { Int($0[0]) }, comment)
      for (ranked, pair) in zip(one.top, expected.top) {
        #expect(abs((ranked.logprob ?? .infinity) - pair[1]) < tolerance, comment)
      }
    }
  }

  @Test func aContextOfOneTokenPredictsNothing() throws {
    let folder = Fixtures.path("models/llama")
    var configuration = try #require(try JSONValue(contentsOfFile: folder + "/config.json").object)
    configuration["max_position_embeddings"] = 1
    let source = try ModelSource(path: "memory", configuration: .object(configuration)) {
      () throws(CheckpointError) in try SafetensorsFolder(folder: folder)
    }
    guard case .causal(let model) = try ModelLoader.open(source).model else {
      Issue.record("not a causal model")
      return
    }
    #expect(try CausalScorer(model).score([1]).map(\.id) == [1])
    #expect(throws: GenerationError.contextTooShort(limit: 1, found: 2)) { try CausalScorer(model).score([1, 2]) }
  }

  @Test func causalScoresInWindowsEqualTheReference() throws {
    let scorer = CausalScorer(try GenerationFixture.causal(), topCount: 4)
    for sample in try GenerationFixture.load(ScoringFixture.self, "scoring.json").causal {
      var told: [Double] = []
      let scored = try scorer.score(sample.ids, stride: sample.stride) { told.append($0) }
      #expect(scored.first?.id == sample.ids.first && scored.first == ScoredID(unpredicted: sample.ids[0]))
      check(Array(scored.dropFirst()), sample.tokens, "\(sample.ids.count) ids, stride \(sample.stride ?? 0)")
      #expect(told == told.sorted() && (told.last ?? 1) == 1)
    }
    #expect(try scorer.score([]).isEmpty)
  }

  @Test func stridesThatWouldSkipTokensAreRefused() throws {
    let scorer = CausalScorer(try GenerationFixture.causal())
    let long = Array(repeating: 5, count: 41)
    for stride in [0, -1, 40, 41, Int.max] {
      #expect(throws: GenerationError.strideOutOfRange(limit: 39, found: stride)) {
        try scorer.score(long, stride: stride)
      }
    }
  }

  @Test func maskedScoresEqualTheReference() throws {
    let scorer = MaskedScorer(try GenerationFixture.masked(), maskID: 3, topCount: 4)
    for sample in try GenerationFixture.load(ScoringFixture.self, "scoring.json").masked {
      check(try scorer.score(sample.ids), sample.tokens, "\(sample.ids.count) ids")
      let odd = try scorer.score(sample.ids, where: { $0 % 2 == 1 })
      for (position, one) in odd.enumerated() { #expect((one.logprob == nil) == (position % 2 == 0)) }
    }
  }

  @Test func targetScoresEqualTheReference() throws {
    let scorer = TargetScorer(try GenerationFixture.seq2seq(), startID: 0, topCount: 4)
    for sample in try GenerationFixture.load(ScoringFixture.self, "scoring.json").target {
      check(try scorer.score(sample.ids, source: sample.source), sample.tokens, "\(sample.ids.count) ids")
    }
  }

  @Test func idsOutsideTheVocabularyAreErrors() throws {
    let scorer = CausalScorer(try GenerationFixture.causal())
    for id in [-1, 61, Int.max] {
      #expect(throws: GenerationError.model(.tokenOutOfRange(id: id, vocabulary: 61))) { try scorer.score([3, 4, id]) }
      #expect(throws: GenerationError.model(.tokenOutOfRange(id: id, vocabulary: 61))) { try scorer.score([3, id, 4]) }
    }
  }

  @Test func scoringCanBeCanceled() throws {
    let cancelled = Cancellation { true }
    let text = [5, 6, 7]
    #expect(throws: GenerationError.cancelled) {
      try CausalScorer(try GenerationFixture.causal()).score(text, cancelled)
    }
    #expect(throws: GenerationError.cancelled) {
      try MaskedScorer(try GenerationFixture.masked(), maskID: 3).score(text, cancelled)
    }
    #expect(throws: GenerationError.cancelled) {
      try TargetScorer(try GenerationFixture.seq2seq(), startID: 0).score(text, source: text, cancelled)
    }
  }
}
