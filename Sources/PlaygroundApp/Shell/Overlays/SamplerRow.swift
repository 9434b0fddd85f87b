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
      let setting = stage.row.settings[0]
      guard let value = setting.number(values.chain) else { return "off" }
      return value == setting.initial && stage != .temperature ? "off" : setting.text(value)
    case .seed: return values.seed.map { String($0) } ?? ""
    case .maxTokens: return NumberText.grouped(values.maxTokens)
    case .beams: return String(values.beams ?? 1)
    case .lengthPenalty: return NumberText.fixed(values.lengthPenalty, decimals: 2)
    case .earlyStopping: return values.earlyStopping.rawValue
    }
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

extension StageSetting {
  /// A value as text.
  func text(_ value: Double) -> String { NumberText.fixed(value, decimals: decimals) }

  /// The next value on the grid of the steps' last digit, within the bounds.
  func stepped(_ value: Double, up: Bool) -> Double {
    let unit = 1 / Probability.power(10, Double(decimals))
    return bounds.clamped(((value + (up ? step : -step)) / unit).rounded() * unit, step: step)
  }
}

extension Comparable {
  /// The nearest value in a range.
  func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}

extension SamplingSettings {
  /// The settings without the stages that only matter to draws.
  var processors: SamplingSettings {
    var settings = self
    settings.order = order.filter(\.isProcessor)
    return settings
  }
}
