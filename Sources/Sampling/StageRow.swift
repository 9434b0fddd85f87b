/// A row of the table of stages: all that command line, configuration file, JSON, playground and documents know of a
/// stage, and what it does.
public struct StageRow: Sendable {
  /// What a stage may look at beside the logits.
  struct Context {
    /// The text so far.
    let history: TokenHistory
    /// How many ids a filter leaves at least, where there are as many (`min_tokens_to_keep` of the reference).
    var least = 1
    /// The stages' coin of the token to be drawn, in [0, 1).
    var coin = 0.0
  }

  /// Which stage it is.
  public let stage: SamplerStage
  /// Whether the stage changes logits by the text so far; the others scale or remove by probability.
  public let isProcessor: Bool
  /// Whether the stage stands in the chain unless the user chooses another; one that does not joins the chain at its
  /// place as soon as it is switched on.
  public let isStandard: Bool
  /// The values that a person sets, the one that switches the stage on first.
  public let settings: [StageSetting]
  /// Whether settings switch the stage on.
  let isOn: @Sendable (SamplingSettings) -> Bool
  /// What the stage does. A processor may leave logits that are not finite; what follows cleans them.
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

/// One value that a person sets of a stage: how it is named, what it may be, and where it lies in the settings.
public struct StageSetting: Sendable {
  /// Where the value lies, and of what kind it is.
  public enum Storage: Sendable {
    /// A number.
    case number(WritableKeyPath<SamplingSettings, Double> & Sendable)
    /// A whole number.
    case count(WritableKeyPath<SamplingSettings, Int> & Sendable)
    /// Ids and what is added to their logits.
    case biases(WritableKeyPath<SamplingSettings, [Int: Double]> & Sendable)
    /// A list of texts.
    case texts(WritableKeyPath<SamplingSettings, [String]> & Sendable)
  }

  /// How a model's `generation_config.json` names the value, and what becomes of one outside its bounds there.
  public struct FileKey: Sendable {
    /// What the reference does with a value outside the bounds.
    public enum Outside: Sendable {
      /// It refuses it.
      case refused
      /// It takes one above the upper bound as that bound.
      case cutAbove
      /// It takes one below the lower bound as that bound.
      case cutBelow
      /// It does not look at it.
      case ignored
    }

    /// The key.
    public let name: String
    /// What is outside.
    public let outside: Outside
    /// Whether transformers also applies it to greedy and beam search.
    public let actsWithoutDraws: Bool

    init(_ name: String, _ outside: Outside = .refused, actsWithoutDraws: Bool = false) {
      self.name = name
      self.outside = outside
      self.actsWithoutDraws = actsWithoutDraws
    }
  }

  /// The name on the command line, without dashes, and in the configuration file.
  public let name: String
  /// Other names on the command line.
  public let aliases: [String]
  /// The key in a model's `generation_config.json`; `nil` where the reference has none.
  public let fileKey: FileKey?
  /// The name in titles, in few letters.
  public let letters: String
  /// Where the value lies.
  public let storage: Storage
  /// The value that settings begin with.
  public let initial: Double
  /// What it may be.
  public let bounds: NumberBounds
  /// One step of an arrow key.
  public let step: Double
  /// Digits behind the point where it is shown.
  public let decimals: Int
  /// The value in help, such as `k`.
  public let placeholder: String
  /// What it does, for help.
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

  /// The number in some settings; `nil` for lists.
  public func number(_ settings: SamplingSettings) -> Double? { storage.number(settings) }

  /// Changes the number; lists stay as they are.
  /// - Precondition: `value` is within the bounds.
  public func set(_ value: Double, _ settings: inout SamplingSettings) {
    switch storage {
    case .number(let path): settings[keyPath: path] = value
    case .count(let path): settings[keyPath: path] = value < 0x1p62 ? Int(value) : 1 << 62
    case .biases, .texts: break
    }
  }

  /// The number that a text stands for; `nil` where it is none within the bounds.
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

/// A stage of the sampler chain, named as on the command line, in the order of the chain. What each is stands in its
/// ``row``.
public enum SamplerStage: String, Sendable, Hashable, CaseIterable {
  /// Adds a bias to the logits of chosen ids.
  case logitBias = "logit-bias"
  /// Divides (or multiplies, where negative) the logits of ids that occurred in prompt or output (Keskar et al. 2019).
  case repetition
  /// Subtracts a constant from the logits of ids that occurred in the output.
  case presence
  /// Subtracts a multiple of the count of each id in the output.
  case frequency
  /// Penalizes ids that would continue a repetition, the more the longer it is (DRY, by llama.cpp's definition).
  case dry
  /// Removes each id that would complete an n-gram that stands in the text already.
  case noRepeatNGram = "no-repeat-ngram"
  /// Removes the end-of-text ids until the output has its minimum length.
  case minTokens = "min-tokens"
  /// Divides the logits by the temperature, which may follow the entropy.
  case temperature
  /// Keeps the ids whose logit is within n standard deviations of the highest one (Tang et al. 2024).
  case topNSigma = "top-n-sigma"
  /// Keeps the most probable ids up to a share of the entropy (top-H decoding, arXiv 2509.02510).
  case topH = "top-h"
  /// Keeps the k highest logits, ties of the last included (Fan et al. 2018).
  case topK = "top-k"
  /// Keeps the smallest set of most probable ids whose mass reaches p (Holtzman et al. 2020).
  case topP = "top-p"
  /// Keeps the ids at least p times as probable as the most probable one (Nguyen et al. 2024).
  case minP = "min-p"
  /// Keeps the ids whose surprise is nearest to the entropy, up to mass p (Meister et al. 2023).
  case typicalP = "typical-p"
  /// Keeps the ids of at least a probability (Hewitt et al. 2022).
  case epsilonCutoff = "epsilon-cutoff"
  /// Keeps the ids of at least a probability that falls with the entropy (Hewitt et al. 2022).
  case etaCutoff = "eta-cutoff"
  /// Now and then removes the most probable ids but one (XTC, by llama.cpp's definition).
  case xtc
  /// Keeps the ids below a surprise that follows the text's (mirostat 2; Basu et al. 2021).
  case mirostat

  /// The order in which the stages act unless the user chooses another.
  public static let defaultOrder: [SamplerStage] = allCases.filter(\.row.isStandard)
  /// The stages that change logits by what the text so far holds.
  public static let processors: [SamplerStage] = allCases.filter(\.isProcessor)

  /// The stage's row of the table.
  public var row: StageRow {
    guard let row = StageTable.byStage[self] else { preconditionFailure("stage \(rawValue) has no row") }
    return row
  }

  /// Whether the stage changes logits by what the text so far holds; such stages act in beam search too, and before
  /// the choice at temperature 0 wherever they stand.
  public var isProcessor: Bool { row.isProcessor }

  /// A short name for titles.
  public var letters: String { row.settings[0].letters }
}
