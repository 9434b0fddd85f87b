import EngineAPI
import Sampling
import TerminalUI

/// What the sampler overlay changes: of the leading stream, or of the beams of a translation.
struct SamplerValues: Sendable, Equatable {
  /// The chain.
  var chain: SamplingSettings
  /// The longest completion.
  var maxTokens: Int
  /// The seed; `nil` for beams.
  var seed: UInt64?
  /// How many beams; `nil` for streams.
  var beams: Int?
  /// The length penalty of beams.
  var lengthPenalty = 1.0
  /// When beam search stops.
  var earlyStopping = EarlyStopping.heuristic
}

/// A row of the sampler overlay: a stage of the chain, or a value beside it.
enum SamplerRow: Sendable, Hashable {
  /// A stage of the chain.
  case stage(SamplerStage)
  /// The seed.
  case seed
  /// The longest completion.
  case maxTokens
  /// How many beams.
  case beams
  /// The length penalty.
  case lengthPenalty
  /// Early stopping.
  case earlyStopping

  /// The rows for some values: the chain in its order, stages left out of it, and the rest.
  static func rows(_ values: SamplerValues) -> [SamplerRow] {
    let order = values.chain.order
    let possible = values.beams == nil ? SamplerStage.defaultOrder : SamplerStage.processors
    let chain = order + possible.filter { !order.contains($0) }
    let rest: [SamplerRow] =
      values.beams == nil ? [.seed, .maxTokens] : [.beams, .lengthPenalty, .earlyStopping, .maxTokens]
    return chain.map(SamplerRow.stage) + rest
  }

  /// The name, as on the command line.
  var name: String {
    switch self {
    case .stage(let stage): stage.rawValue
    case .seed: "seed"
    case .maxTokens: "max tokens"
    case .beams: "beams"
    case .lengthPenalty: "length penalty"
    case .earlyStopping: "early stopping"
    }
  }

  /// The value as text; `off` for a stage that does nothing.
  func text(_ values: SamplerValues) -> String {
    switch self {
    case .stage(let stage):
      if !values.chain.order.contains(stage) { return "left out" }
      if stage == .logitBias {
        let count = values.chain.logitBias.count
        return count == 0 ? "off" : count == 1 ? "1 token" : "\(count) tokens"
      }
      if stage == .temperature, values.chain.temperature == 0 { return "greedy" }
      guard let number = stage.number else { return "off" }
      let value = number.get(values.chain)
      return value == number.neutral && stage != .temperature ? "off" : number.text(value)
    case .seed: return values.seed.map { String($0) } ?? ""
    case .maxTokens: return NumberText.grouped(values.maxTokens)
    case .beams: return String(values.beams ?? 1)
    case .lengthPenalty: return NumberText.fixed(values.lengthPenalty, decimals: 2)
    case .earlyStopping: return values.earlyStopping.rawValue
    }
  }
}

/// How a stage's number is read, shown and stepped.
struct StageNumber {
  var get: (SamplingSettings) -> Double
  var set: (inout SamplingSettings, Double) -> Void
  /// The value that does nothing.
  var neutral: Double
  /// One step of the arrow keys.
  var step: Double
  /// The values that can be had.
  var range: ClosedRange<Double>
  /// Digits behind the point.
  var decimals: Int

  /// The value as text.
  func text(_ value: Double) -> String { NumberText.fixed(value, decimals: decimals) }

  /// The value on its grid and in its range.
  func clamped(_ value: Double) -> Double {
    guard value.isFinite else { return neutral }
    let value = decimals == 0 ? value.rounded() : value
    return min(max(value, range.lowerBound), range.upperBound)
  }
}

extension SamplerRow {
  /// For a notice: which whole numbers a value may be.
  static func expected<Number: BinaryInteger>(_ range: ClosedRange<Number>) -> String {
    range.upperBound >= Number(Limits.most)
      ? "expected a whole number of at least \(range.lowerBound)"
      : "expected a whole number from \(range.lowerBound) to \(range.upperBound)"
  }
}

extension Comparable {
  /// The nearest value in a range.
  func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}

extension SamplerStage {
  /// The number of the stage; `nil` for biases, which are a table.
  var number: StageNumber? {
    switch self {
    case .logitBias: nil
    case .repetition: .real(\.repetitionPenalty, neutral: 1, step: 0.05, range: 0.05...10)
    case .presence: .real(\.presencePenalty, neutral: 0, step: 0.1, range: -10...10)
    case .frequency: .real(\.frequencyPenalty, neutral: 0, step: 0.1, range: -10...10)
    case .noRepeatNGram: .whole(\.noRepeatNGramSize, step: 1, most: 100)
    case .minTokens: .whole(\.minTokens, step: 1, most: 100_000)
    case .temperature: .real(\.temperature, neutral: 1, step: 0.05, range: 0...10)
    case .topK: .whole(\.topK, step: 5, most: 1_000_000)
    case .topP: .real(\.topP, neutral: 1, step: 0.01, range: 0...1)
    case .minP: .real(\.minP, neutral: 0, step: 0.01, range: 0...1)
    case .typicalP: .real(\.typicalP, neutral: 1, step: 0.01, range: 0.01...1)
    }
  }
}

extension StageNumber {
  fileprivate static func real(
    _ path: WritableKeyPath<SamplingSettings, Double> & Sendable, neutral: Double, step: Double,
    range: ClosedRange<Double>
  ) -> StageNumber {
    StageNumber(
      get: { $0[keyPath: path] }, set: { $0[keyPath: path] = $1 }, neutral: neutral, step: step, range: range,
      decimals: 2)
  }

  fileprivate static func whole(
    _ path: WritableKeyPath<SamplingSettings, Int> & Sendable, step: Double, most: Int
  ) -> StageNumber {
    StageNumber(
      get: { Double($0[keyPath: path]) }, set: { $0[keyPath: path] = Int($1) }, neutral: 0, step: step,
      range: 0...Double(most), decimals: 0)
  }
}

extension SamplerStage {
  /// The stages that act on the log-probabilities of beam search too: all that don't draw.
  static let processors: [SamplerStage] = [.logitBias, .repetition, .presence, .frequency, .noRepeatNGram, .minTokens]
}

extension SamplingSettings {
  /// The settings without the stages that only matter to draws.
  var processors: SamplingSettings {
    var settings = self
    settings.order = order.filter { SamplerStage.processors.contains($0) }
    return settings
  }
}
