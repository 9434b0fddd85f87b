import EngineAPI
import Generation
import Models
import Sampling
import Testing

/// Beam sampling and diverse beam search against `generation/beams.json`, written by `make_beam_fixtures.py`.
@Suite struct BeamReferenceTests {
  private typealias Start = (ids: [Int], sequence: () throws -> ReadSequence)

  private func causal(_ model: any CausalModel, _ prompt: [Int]) -> Start { (prompt, { ReadSequence(model) }) }

  private func seq2seq(_ model: any Seq2SeqModel, _ prompt: [Int]) -> Start {
    ([0], { try ReadSequence(model, source: prompt) })
  }

  private func run(_ start: Start, _ options: Decoding<BeamRequest>, _ count: Int) throws -> [Completion] {
    let search = try options.search(
      sequence: start.sequence(), ids: start.ids, promptCount: start.ids.count, decoder: WordDecoder())
    while !search.isFinished { try search.step() }
    return search.hypotheses(count)
  }

  /// Calls `body` with the cases of each family.
  private func forEachFamily(_ body: (BeamFixture.Family, (_ prompt: [Int]) -> Start) throws -> Void) throws {
    let fixture = try GenerationFixture.load(BeamFixture.self, "beams.json")
    let (gpt2, t5) = (try GenerationFixture.causal(), try GenerationFixture.seq2seq())
    try body(fixture.gpt2) { causal(gpt2, $0) }
    try body(fixture.t5) { seq2seq(t5, $0) }
  }

  @Test func diverseBeamSearchEqualsTheReference() throws {
    try forEachFamily { family, start in
      for sample in family.diverse {
        let found = try run(start(sample.prompt), sample.options.beamOptions, 100)
        #expect(found.map { $0.tokens.map(\.id) } == sample.answers.map(\.ids), "\(sample.options)")
        for (hypothesis, answer) in zip(found, sample.answers) {
          #expect(abs((hypothesis.score ?? .infinity) - answer.score) < 2e-4)
        }
      }
    }
  }

  @Test func beamSamplingFromPeakedDistributionsEqualsTheReference() throws {
    try forEachFamily { family, start in
      for sample in family.peaked {
        for seed in 1...3 as ClosedRange<UInt64> {
          var options = sample.options.beamOptions
          options.request.seed = seed
          let found = try run(start(sample.prompt), options, 1)
          #expect(found.map { $0.tokens.map(\.id) } == sample.answers.map(\.ids), "\(sample.options)")
          // The scores are large: sums of log-probabilities divided by small temperatures.
          let scale = max(1, abs(sample.answers[0].score))
          #expect(abs((found[0].score ?? .infinity) - sample.answers[0].score) < 1e-4 * scale, "\(sample.options)")
        }
      }
    }
  }

  @Test func beamSamplingFollowsTheExactDistribution() throws {
    let runs = 3000
    try forEachFamily { family, start in
      for sample in family.distribution {
        var counts: [[Int]: Int] = [:]
        for seed in 0..<runs {
          var options = sample.options.beamOptions
          options.request.seed = UInt64(seed)
          counts[try run(start(sample.prompt), options, 1)[0].tokens.map(\.id), default: 0] += 1
        }
        let expected = sample.outcomes.map { ($0.probability * Double(runs), Double(counts[$0.ids] ?? 0)) }
        #expect(counts.values.reduce(0, +) == Int(expected.reduce(0) { $0 + $1.1 }), "an impossible outcome was drawn")
        let large = expected.filter { $0.0 >= 8 }
        let rest = expected.filter { $0.0 < 8 }.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        let cells = large + (rest.0 >= 1 ? [rest] : [])
        let freedom = Double(cells.count - 1)
        let chiSquare = cells.reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) / $1.0 }
        #expect(freedom >= 5 && chiSquare < freedom + 4 * (2 * freedom).squareRoot(), "\(chiSquare) of \(freedom)")
      }
    }
  }

  @Test func theSeedDeterminesTheDraws() throws {
    let model = try GenerationFixture.causal()
    let results = try (0..<8 as Range<UInt64>).map { seed in
      var options = Decoding<BeamRequest>.beams(3, maxTokens: 8)
      options.request.seed = seed
      let first = try run(causal(model, [7, 30, 11]), options, 3)
      #expect(try run(causal(model, [7, 30, 11]), options, 3) == first)
      return first.map { $0.tokens.map(\.id) }
    }
    #expect(Set(results).count > 4)
  }
}

/// `generation/beams.json`, written by `make_beam_fixtures.py`.
struct BeamFixture: Decodable {
  struct Options: Decodable {
    var beams: Int
    var max: Int
    var penalty: Double
    var stopping: String
    var repetition: Double
    var ngram: Int
    var min: Int
    var eos: [Int]
    var groups: Int?
    var diversity: Double?
    var temperature: Double?
    var topK: Int?
    var topP: Double?
    var minP: Double?
    var typicalP: Double?

    var beamOptions: Decoding<BeamRequest> {
      var settings = SamplingSettings()
      settings.repetitionPenalty = repetition
      settings.noRepeatNGramSize = ngram
      settings.minTokens = min
      settings.temperature = temperature ?? 1
      settings.topK = topK ?? 0
      settings.topP = topP ?? 1
      settings.minP = minP ?? 0
      settings.typicalP = typicalP ?? 1
      var options = Decoding<BeamRequest>.beams(
        beams, maxTokens: max, endOfTextIDs: eos, settings: settings, lengthPenalty: penalty, stopping: stopping)
      options.request.groups = groups ?? 1
      options.request.diversityPenalty = diversity ?? 0
      options.padID = 0
      return options
    }
  }

  struct Answer: Decodable {
    var ids: [Int]
    var score: Double
  }

  struct Case: Decodable {
    var prompt: [Int]
    var options: Options
    var answers: [Answer]
  }

  struct Distribution: Decodable {
    struct Outcome: Decodable {
      var ids: [Int]
      var probability: Double
    }
    var prompt: [Int]
    var options: Options
    var outcomes: [Outcome]
  }

  struct Family: Decodable {
    var peaked: [Case]
    var distribution: [Distribution]
    var diverse: [Case]
  }

  var gpt2: Family
  var t5: Family
}
