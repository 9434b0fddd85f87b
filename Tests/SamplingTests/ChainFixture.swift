import Foundation
import Sampling
import TestSupport

/// `sampling/chains.json`, written by `make_sampling_fixtures.py`.
struct ChainFixture: Decodable {
  struct Stage: Decodable {
    var name: String
    var kept: Int?
    var entropy: Double?
    var top: [[Double]]?
  }

  struct Settings: Decodable {
    var temperature: Double?
    var topK: Int?
    var topP: Double?
    var minP: Double?
    var typicalP: Double?
    var repetition: Double?
    var presence: Double?
    var frequency: Double?
    var noRepeatNGram: Int?
    var minTokens: Int?
    var logitBias: [String: Double]?

    enum CodingKeys: String, CodingKey {
      case temperature, repetition, presence, frequency
      case topK = "top-k"
      case topP = "top-p"
      case minP = "min-p"
      case typicalP = "typical-p"
      case noRepeatNGram = "no-repeat-ngram"
      case minTokens = "min-tokens"
      case logitBias = "logit-bias"
    }
  }

  struct Case: Decodable {
    var row: String
    var settings: Settings
    var order: [String]
    var prompt: [Int]
    var output: [Int]
    var eos: [Int]
    var stages: [Stage]
    var final: [[Double]]

    var samplingSettings: SamplingSettings {
      var made = SamplingSettings()
      made.order = order.compactMap(SamplerStage.init(rawValue:))
      made.temperature = settings.temperature ?? 1
      made.topK = settings.topK ?? 0
      made.topP = settings.topP ?? 1
      made.minP = settings.minP ?? 0
      made.typicalP = settings.typicalP ?? 1
      made.repetitionPenalty = settings.repetition ?? 1
      made.presencePenalty = settings.presence ?? 0
      made.frequencyPenalty = settings.frequency ?? 0
      made.noRepeatNGramSize = settings.noRepeatNGram ?? 0
      made.minTokens = settings.minTokens ?? 0
      for (id, bias) in settings.logitBias ?? [:] { if let id = Int(id) { made.logitBias[id] = bias } }
      return made
    }

    var history: TokenHistory { TokenHistory(prompt: prompt, output: output, endOfTextIDs: eos) }
  }

  var rows: [String: [Float]]
  var cases: [Case]

  static func load() throws -> ChainFixture {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(ChainFixture.self, from: Data(Fixtures.bytes("sampling/chains.json")))
  }
}
