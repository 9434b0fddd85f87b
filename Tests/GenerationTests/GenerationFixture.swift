import EngineAPI
import Foundation
import Generation
import Models
import Sampling
import Synchronization
import TestSupport

/// The files `generation/*.json` and the models in the same folder, written by `make_generation_fixtures.py`.
enum GenerationFixture {
  static func load<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(Fixtures.bytes("generation/" + name)))
  }

  static func open(_ name: String) throws -> AnyLanguageModel {
    try ModelLoader.open(folder: Fixtures.path("generation/" + name)).model
  }

  struct WrongFamily: Error {}

  static func causal() throws -> any CausalModel {
    guard case .causal(let model) = try open("gpt2") else { throw WrongFamily() }
    return model
  }

  static func seq2seq() throws -> any Seq2SeqModel {
    guard case .seq2seq(let model) = try open("t5") else { throw WrongFamily() }
    return model
  }

  static func masked() throws -> any MaskedModel {
    guard case .masked(let model) = try open("bert") else { throw WrongFamily() }
    return model
  }
}

/// `decoding.json`, written by `make_generation_fixtures.py`.
struct DecodingFixture: Decodable {
  struct Options: Decodable {
    var beams: Int
    var penalty: Double
    var stopping: String
    var max: Int
    var returned: Int
    var repetition: Double
    var ngram: Int
    var min: Int
    var eos: [Int]
    var bias: [String: Double]
    var forcedEnd: [Int]?
    var forcedStart: Int?
    var suppressed: [Int]
    var suppressedFirst: [Int]
    var badWords: [[Int]]

    var settings: SamplingSettings {
      var settings = SamplingSettings.greedy
      settings.repetitionPenalty = repetition
      settings.noRepeatNGramSize = ngram
      settings.minTokens = min
      for (id, value) in bias { if let id = Int(id) { settings.logitBias[id] = value } }
      return settings
    }

    var constraints: TokenConstraints {
      var constraints = TokenConstraints.none
      constraints.forcedBosTokenIDs = forcedStart.map { [$0] } ?? []
      constraints.forcedEosTokenIDs = forcedEnd ?? []
      constraints.suppressed = suppressed
      constraints.suppressedAtBeginning = suppressedFirst
      // transformers drops an end-of-text token from the forbidden words.
      constraints.badWords = badWords.filter { $0.count > 1 || !eos.contains($0[0]) }
      return constraints
    }

    var beamOptions: Decoding<BeamRequest> {
      .beams(
        beams, maxTokens: max, endOfTextIDs: eos, constraints: constraints, settings: settings, lengthPenalty: penalty,
        stopping: stopping)
    }

    var streamOptions: Decoding<GenerationRequest> {
      .stream(settings, maxTokens: max, endOfTextIDs: eos, constraints: constraints)
    }
  }

  struct Answer: Decodable {
    var ids: [Int]
    var score: Double?
  }

  struct Case: Decodable {
    var prompt: [Int]
    var options: Options
    var answers: [Answer]
  }

  var gpt2: [Case]
  var t5: [Case]
}

/// A decoder that writes each id as a word.
struct WordDecoder: TokenTextDecoder {
  mutating func append(_ id: Int) -> String { " \(id)" }
  mutating func finish() -> String { "" }
}

/// A decoder with a text for each id.
struct PieceDecoder: TokenTextDecoder {
  var pieces: [String]
  var last = ""
  /// The bytes of each token before its text.
  var name = ""
  mutating func append(_ id: Int) -> String { pieces.indices.contains(id) ? pieces[id] : "" }
  func piece(of id: Int) -> [UInt8] { Array((name + (pieces.indices.contains(id) ? pieces[id] : "")).utf8) }
  mutating func finish() -> String { last }
}

/// A clock that advances by a second at each reading.
final class CountingClock: Sendable {
  private let seconds = Mutex(0.0)
  func next() -> Double {
    seconds.withLock {
      $0 += 1
      return $0
    }
  }
}

extension Decoding<GenerationRequest> {
  /// A stream of no model in particular.
  static func stream(
    _ settings: SamplingSettings, maxTokens: Int, seed: UInt64 = 0, topCount: Int = 0, endOfTextIDs: [Int] = [],
    constraints: TokenConstraints = .none
  ) -> Self {
    Decoding(
      GenerationRequest(
        context: ModelContext(model: ModelReference("fixture"), ids: []), settings: settings, maxTokens: maxTokens,
        seed: seed, topCount: topCount),
      endOfTextIDs: endOfTextIDs, constraints: constraints)
  }
}

extension Decoding<BeamRequest> {
  /// A search of no model in particular. `stopping` is the reference's `early_stopping`.
  static func beams(
    _ beams: Int, maxTokens: Int, topCount: Int = 0, endOfTextIDs: [Int] = [], stopStrings: [String] = [],
    constraints: TokenConstraints = .none, settings: SamplingSettings = SamplingSettings(), lengthPenalty: Double = 1,
    stopping: String = "false"
  ) -> Self {
    Decoding(
      BeamRequest(
        context: ModelContext(model: ModelReference("fixture"), ids: []), beams: beams, maxTokens: maxTokens,
        lengthPenalty: lengthPenalty, earlyStopping: EarlyStopping(rawValue: stopping) ?? .heuristic,
        settings: settings, topCount: topCount, stopStrings: stopStrings),
      endOfTextIDs: endOfTextIDs, constraints: constraints)
  }
}

extension ScoredToken {
  /// The token's id.
  var id: Int { token.id }
}

extension TokenEvent {
  /// The event without what depends on the clock and on guesses.
  var untimed: TokenEvent {
    guard case .finished(let reason, let text, _) = self else { return self }
    return .finished(reason, text: text)
  }

  /// A last event without figures.
  static func finished(_ reason: FinishReason, text: String) -> TokenEvent {
    .finished(reason, text: text, timing: GenerationTiming())
  }
}
