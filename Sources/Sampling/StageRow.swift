/// A row of the stage table: the description of a stage for command line, configuration file, JSON, playground and
/// documentation, and its implementation.
public struct StageRow: Sendable {
  /// The inputs of a stage besides the logits.
  struct Context {
    /// The text so far.
    let history: TokenHistory
    /// The minimum number of ids that a filter keeps (`min_tokens_to_keep` in transformers).
    var least = 1
    /// The coin for stages that act at random, in [0, 1).
    var coin = 0.0
  }

  /// The stage.
  public let stage: SamplerStage
  /// Whether the stage is a processor, which changes logits depending on the text so far. Other stages scale logits or
  /// remove ids by probability.
  public let isProcessor: Bool
  /// Whether the stage is in the default chain. Other stages are added to the chain when they are switched on.
  public let isStandard: Bool
  /// The settings of the stage. The first one switches it on.
  public let settings: [StageSetting]
  /// Whether settings switch the stage on.
  let isOn: @Sendable (SamplingSettings) -> Bool
  /// Applies the stage. A processor may leave non-finite logits; the caller cleans them.
  let act: @Sendable (inout Survivors, SamplingSettings, Context) -> Void

  init(
    _ stage: SamplerStage, isProcessor: Bool = false, isStandard: Bool = true, _ settings: [StageSetting],
    isOn: @escaping @Sendable (SamplingSettings) -> Bool,
    act: @escaping @Sendable (inout Survivors, SamplingSettings, Context) -> Void
  ) {
    self.stage = stage
    self.isProcessor = isProcessor
    self.isStandard = isStandard
    self.settings = settings
    self.isOn = isOn
    self.act = act
  }
}

/// One setting of a stage: its names, its range, and its property in `SamplingSettings`.
public struct StageSetting: Sendable {
  /// The property of the value, by type.
  public enum Storage: Sendable {
    /// A number.
    case number(WritableKeyPath<SamplingSettings, Double> & Sendable)
    /// A whole number.
    case count(WritableKeyPath<SamplingSettings, Int> & Sendable)
    /// Ids with the biases of their logits.
    case biases(WritableKeyPath<SamplingSettings, [Int: Double]> & Sendable)
    /// A list of strings.
    case texts(WritableKeyPath<SamplingSettings, [String]> & Sendable)
  }

  /// The key of the value in a model's `generation_config.json`, and how out-of-range values are treated there.
  public struct FileKey: Sendable {
    /// How transformers treats a value outside the bounds.
    public enum Outside: Sendable {
      /// It is an error.
      case refused
      /// A value above the upper bound is replaced by the bound.
      case cutAbove
      /// A value below the lower bound is replaced by the bound.
      case cutBelow
      /// The value is ignored.
      case ignored
    }

    /// The key.
    public let name: String
    /// How values outside the bounds are treated.
    public let outside: Outside
    /// The bounds in the file if transformers allows fewer values than the option; `nil` if they are equal.
    public let bounds: NumberBounds?
    /// Whether transformers also applies the value in greedy and beam search.
    public let actsWithoutDraws: Bool

    init(
      _ name: String, _ outside: Outside = .refused, bounds: NumberBounds? = nil, actsWithoutDraws: Bool = false
    ) {
      self.name = name
      self.bounds = bounds
      self.outside = outside
      self.actsWithoutDraws = actsWithoutDraws
    }
  }

  /// The name on the command line, without dashes, and in the configuration file.
  public let name: String
  /// Other names on the command line.
  public let aliases: [String]
  /// The key in a model's `generation_config.json`; `nil` if transformers has none.
  public let fileKey: FileKey?
  /// A short name for titles.
  public let letters: String
  /// The property of the value.
  public let storage: Storage
  /// The initial value.
  public let initial: Double
  /// The allowed range.
  public let bounds: NumberBounds
  /// The change per press of an arrow key.
  public let step: Double
  /// The number of decimal places shown.
  public let decimals: Int
  /// The placeholder for the value in help, such as `k`.
  public let placeholder: String
  /// The description for help.
  public let help: String

  init(
    _ name: String, aliases: [String] = [], file: FileKey? = nil, letters: String, _ storage: Storage,
    _ bounds: NumberBounds = .any, step: Double = 1, decimals: Int = 2, placeholder: String, help: String
  ) {
    self.name = name
    self.aliases = aliases
    fileKey = file
    self.letters = letters
    self.storage = storage
    self.bounds = bounds
    self.step = step
    if case .count = storage { self.decimals = 0 } else { self.decimals = decimals }
    self.placeholder = placeholder
    self.help = help
    initial = storage.number(SamplingSettings(order: [])) ?? 0
  }

  /// The key in JSON.
  public var key: String { String(name.map { $0 == "-" ? "_" : $0 }) }

  /// The value in `settings`; `nil` for lists.
  public func number(_ settings: SamplingSettings) -> Double? { storage.number(settings) }

  /// Sets the value. Does nothing for lists.
  /// - Precondition: `value` is within the bounds.
  public func set(_ value: Double, _ settings: inout SamplingSettings) {
    switch storage {
    case .number(let path): settings[keyPath: path] = value
    case .count(let path): settings[keyPath: path] = value < 0x1p62 ? Int(value) : 1 << 62
    case .biases, .texts: break
    }
  }

  /// Parses a value; `nil` if the text is not a number within the bounds.
  public func number(parsing text: String) -> Double? {
    let number: Double? = if case .count = storage { Int(text).flatMap(Double.init(exactly:)) } else { Double(text) }
    return number.flatMap { bounds.contains($0) ? $0 : nil }
  }
}

extension StageSetting.Storage {
  fileprivate func number(_ settings: SamplingSettings) -> Double? {
    switch self {
    case .number(let path): settings[keyPath: path]
    case .count(let path): Double(settings[keyPath: path])
    case .biases, .texts: nil
    }
  }
}

/// A stage of the sampler chain, named as on the command line. The cases are in the order of the chain; ``row``
/// describes each stage.
public enum SamplerStage: String, Sendable, Hashable, CaseIterable {
  /// Adds a bias to the logits of chosen ids.
  case logitBias = "logit-bias"
  /// Divides positive and multiplies negative logits of ids that occurred in prompt or output (Keskar et al. 2019).
  case repetition
  /// Subtracts a constant from the logits of ids that occurred in the output.
  case presence
  /// Subtracts a constant from the logit of each id, once per occurrence in the output.
  case frequency
  /// Penalizes ids that would continue a repetition; longer repetitions get larger penalties (DRY, as defined by
  /// llama.cpp).
  case dry
  /// Removes each id that would complete an n-gram that already occurs in the text.
  case noRepeatNGram = "no-repeat-ngram"
  /// Removes the end-of-text ids until the output has its minimum length.
  case minTokens = "min-tokens"
  /// Divides the logits by the temperature, which may follow the entropy.
  case temperature
  /// Keeps the ids whose logit is within n standard deviations of the highest one (Tang et al. 2024).
  case topNSigma = "top-n-sigma"
  /// Keeps the most probable ids up to a fraction of the entropy (top-H decoding, arXiv 2509.02510).
  case topH = "top-h"
  /// Keeps the k highest logits, including ties with the k-th (Fan et al. 2018).
  case topK = "top-k"
  /// Keeps the smallest set of most probable ids whose probability mass reaches p (Holtzman et al. 2020).
  case topP = "top-p"
  /// Keeps the ids at least p times as probable as the most probable one (Nguyen et al. 2024).
  case minP = "min-p"
  /// Keeps the ids whose surprise is closest to the entropy, up to probability mass p (Meister et al. 2023).
  case typicalP = "typical-p"
  /// Keeps the ids with at least a given probability (Hewitt et al. 2022).
  case epsilonCutoff = "epsilon-cutoff"
  /// Keeps the ids with at least a probability that falls with the entropy (Hewitt et al. 2022).
  case etaCutoff = "eta-cutoff"
  /// At random, removes the most probable ids except the least probable of them (XTC, as defined by llama.cpp).
  case xtc
  /// Keeps the ids up to a surprise that is adjusted to the surprise of the output so far (mirostat 2; Basu et al.
  /// 2021).
  case mirostat

  /// The default order of the stages.
  public static let defaultOrder: [SamplerStage] = allCases.filter(\.row.isStandard)
  /// The stages that change logits depending on the text so far.
  public static let processors: [SamplerStage] = allCases.filter(\.isProcessor)

  /// The stage's row of the table.
  public var row: StageRow {
    guard let row = StageTable.byStage[self] else { preconditionFailure("stage \(rawValue) has no row") }
    return row
  }

  /// Whether the stage changes logits depending on the text so far. Such stages also act in beam search, and at
  /// temperature 0 they act before the choice wherever they are in the order.
  public var isProcessor: Bool { row.isProcessor }

  /// A short name for titles.
  public var letters: String { row.settings[0].letters }
}
