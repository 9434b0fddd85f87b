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
    /// Whether the reference looks at it where no tokens are drawn, too.
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
