import EngineAPI
import Sampling
import TerminalUI

/// The values that the sampler overlay edits: those of the leading stream, or of a translation's beam search.
struct SamplerValues: Sendable, Equatable {
  /// The chain.
  var chain: SamplingSettings
  /// The longest completion.
  var maxTokens: Int
  /// The seed; `nil` for beams.
  var seed: UInt64?
  /// How beams are searched; `nil` for streams.
  var search: BeamSearchSettings?
  /// Whether the seed was typed; it is then used even if it equals the previous one.
  var isSeedChosen = false

  /// How many beams; `nil` for streams.
  var beams: Int? {
    get { search?.beams }
    set { search?.beams = newValue ?? 1 }
  }
  /// The length penalty of beams.
  var lengthPenalty: Double {
    get { search?.lengthPenalty ?? 1 }
    set { search?.lengthPenalty = newValue }
  }
  /// When beam search stops.
  var earlyStopping: EarlyStopping {
    get { search?.earlyStopping ?? .heuristic }
    set { search?.earlyStopping = newValue }
  }
}

/// A row of the sampler overlay: a stage of the chain, or a value outside the chain.
enum SamplerRow: Sendable, Hashable {
  /// A stage of the chain, with the value that switches it on.
  case stage(SamplerStage)
  /// Another value of a stage, by its index in the stage's settings.
  case detail(SamplerStage, Int)
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

  /// The rows for the given values: the stages of the chain in order, standard stages that are not in it, values
  /// outside the chain, and further stages that can be enabled.
  static func rows(_ values: SamplerValues) -> [SamplerRow] {
    let order = values.chain.order
    let possible = values.beams == nil ? SamplerStage.allCases : SamplerStage.processors
    let others = possible.filter { !order.contains($0) }
    let chain = order + others.filter(\.row.isStandard)
    let beside: [SamplerRow] =
      values.beams == nil ? [.seed, .maxTokens] : [.beams, .lengthPenalty, .earlyStopping, .maxTokens]
    let switches = chain.filter { $0.row.isStandard && !showsDetails(of: $0, values.chain) }.flatMap {
      details(of: $0).prefix(1)
    }
    return chain.flatMap { [.stage($0)] + (showsDetails(of: $0, values.chain) ? details(of: $0) : []) } + beside
      + switches + others.filter { !$0.row.isStandard }.map(SamplerRow.stage)
  }

  /// All possible rows, for setting values by name in the palette.
  static func all(_ values: SamplerValues) -> [SamplerRow] {
    let rows = rows(values)
    return rows + rows.compactMap(\.stage).flatMap(details(of:)).filter { !rows.contains($0) }
  }

  /// The rows of a stage's other values.
  private static func details(of stage: SamplerStage) -> [SamplerRow] {
    let settings = stage.row.settings
    return settings.indices.dropFirst().filter { settings[$0].number(SamplingSettings()) != nil }.map {
      .detail(stage, $0)
    }
  }

  /// Whether the other values of a stage have rows: if the stage is active and, for a standard stage, only if the first
  /// of them is not neutral.
  private static func showsDetails(of stage: SamplerStage, _ chain: SamplingSettings) -> Bool {
    let settings = stage.row.settings
    guard settings.count > 1, chain.isActive(stage) else { return false }
    return !stage.row.isStandard || settings[1].number(chain) != settings[1].initial
  }

  /// The value of a stage that the row shows; `nil` for values outside the chain.
  var setting: StageSetting? {
    switch self {
    case .stage(let stage): stage.row.settings[0]
    case .detail(let stage, let index): stage.row.settings[index]
    case .seed, .maxTokens, .beams, .lengthPenalty, .earlyStopping: nil
    }
  }

  /// The stage that the row belongs to.
  var stage: SamplerStage? {
    switch self {
    case .stage(let stage), .detail(let stage, _): stage
    case .seed, .maxTokens, .beams, .lengthPenalty, .earlyStopping: nil
    }
  }

  /// The label in the overlay; without the stage's name for a value listed under its stage.
  func label(_ values: SamplerValues) -> String {
    guard case .detail(let stage, _) = self, SamplerRow.showsDetails(of: stage, values.chain) else { return name }
    return "  " + (name.hasPrefix(stage.rawValue + "-") ? String(name.dropFirst(stage.rawValue.count + 1)) : name)
  }

  /// Whether the stage or setting does nothing.
  func isOff(_ values: SamplerValues) -> Bool {
    switch self {
    case .stage(let stage):
      guard values.chain.order.contains(stage) else { return true }
      if stage == .logitBias { return values.chain.logitBias.isEmpty }
      let setting = stage.row.settings[0]
      return setting.number(values.chain).map { $0 == setting.initial && stage != .temperature } ?? true
    case .detail(let stage, let index):
      let setting = stage.row.settings[index]
      return setting.number(values.chain).map { $0 == 0 && setting.initial == 0 } ?? true
    case .seed, .maxTokens, .beams, .lengthPenalty, .earlyStopping: return false
    }
  }

  private static func text(_ setting: StageSetting, _ values: SamplerValues) -> String {
    setting.number(values.chain).map { setting.text($0) } ?? "off"
  }

  /// The name, as on the command line.
  var name: String {
    switch self {
    case .stage(let stage): stage.rawValue
    case .detail(let stage, let index): stage.row.settings[index].name
    case .seed: "seed"
    case .maxTokens: "max tokens"
    case .beams: "beams"
    case .lengthPenalty: "length penalty"
    case .earlyStopping: "early stopping"
    }
  }

  /// The value as text; `off` for a stage that does nothing, `left out` if the chain's order does not name it.
  func text(_ values: SamplerValues) -> String {
    guard !isOff(values) else {
      if case .stage(let stage) = self, stage.row.isStandard, !values.chain.order.contains(stage) { return "left out" }
      return "off"
    }
    switch self {
    case .stage(.logitBias): return NumberText.counted(values.chain.logitBias.count, "token")
    case .stage(.temperature) where values.chain.temperature == 0: return "greedy"
    case .stage(let stage): return Self.text(stage.row.settings[0], values)
    case .detail(let stage, let index): return Self.text(stage.row.settings[index], values)
    case .seed: return values.seed.map { String($0) } ?? ""
    case .maxTokens: return NumberText.grouped(values.maxTokens)
    case .beams: return String(values.beams ?? 1)
    case .lengthPenalty: return NumberText.fixed(values.lengthPenalty, decimals: 2)
    case .earlyStopping: return values.earlyStopping.rawValue
    }
  }
}

extension SamplerRow {
  /// The valid range in words: `at least 0`, `from 0 to 1`. `nil` if there are no bounds or the value is not a number.
  var boundsWords: String? {
    switch self {
    case .stage(.logitBias), .earlyStopping: nil
    case .stage, .detail: setting?.bounds.limits
    case .seed: "at least \(Limits.seeds.lowerBound)"
    case .maxTokens: NumberBounds.whole(Limits.tokens).limits
    case .beams: NumberBounds.whole(Limits.beams).limits
    case .lengthPenalty:
      "from \(Int(Limits.lengthPenalty.lowerBound)) to \(Int(Limits.lengthPenalty.upperBound))"
    }
  }
}

extension StageSetting {
  /// A value as text.
  func text(_ value: Double) -> String { NumberText.fixed(value, decimals: decimals) }

  /// The value after one step up or down, rounded to the precision of the step and clamped to the bounds.
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
  /// The settings without the stages that only affect sampling.
  var processors: SamplingSettings {
    var settings = self
    settings.order = order.filter(\.isProcessor)
    return settings
  }
}
