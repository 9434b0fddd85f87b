import ArgumentParser
import EngineAPI
import Sampling

/// The logits processors that depend on the text or on the encoder's input. They run before and after the sampler
/// chain. The options are the rows of `RuleTable`.
///
/// Missing options come from the model's `generation_config.json`.
struct ProcessorOptions: ParsableArguments, Sendable {
  /// The values of the given options; the others are neutral.
  private(set) var rules = ContextRules()
  /// The keys of the given options.
  private var given: Set<String> = []

  init() {}

  init(from decoder: any Decoder) throws {
    let options = try decoder.container(keyedBy: OptionKey.self)
    func take<Value>(_ value: Value?, _ path: WritableKeyPath<ContextRules, Value>, _ setting: RuleSetting) {
      guard let value else { return }
      rules[keyPath: path] = value
      given.insert(setting.key)
    }
    for setting in RuleTable.settings {
      let key = OptionKey(setting.key)
      switch setting.storage {
      case .biases(let path):
        let biases = try options.decode(Option<[ContextRules.SequenceBias]>.self, forKey: key).wrappedValue
        take(biases.isEmpty ? nil : biases, path, setting)
      case .decay(let path):
        let decay = try options.decode(Option<ContextRules.LengthDecay?>.self, forKey: key).wrappedValue
        take(decay.map(Optional.some), path, setting)
      case .number(let path, _):
        take(try options.decode(Option<Double?>.self, forKey: key).wrappedValue, path, setting)
      case .count(let path):
        take(try options.decode(Option<Int?>.self, forKey: key).wrappedValue, path, setting)
      case .flag(let path):
        take(try options.decode(Flag<Bool?>.self, forKey: key).wrappedValue, path, setting)
      }
    }
  }

  /// The settings overridden by the given options.
  func applied(to settings: SamplingSettings) -> SamplingSettings {
    var settings = settings
    for setting in RuleTable.settings where given.contains(setting.key) {
      setting.copy(from: rules, to: &settings.rules)
    }
    return settings
  }
}

/// ArgumentParser finds options by reflection. The mirror presents the rows of the table as properties.
extension ProcessorOptions: CustomReflectable {
  var customMirror: Mirror {
    Mirror(self, children: RuleTable.settings.map { (label: Optional($0.key), value: Self.option($0)) })
  }

  private static func option(_ setting: RuleSetting) -> Any {
    let name = NameSpecification([.customLong(setting.name)])
    let help = ArgumentHelp(setting.help, valueName: setting.placeholder)
    switch setting.storage {
    case .biases:
      return Option<[ContextRules.SequenceBias]>(
        wrappedValue: [], name: name, parsing: .unconditionalSingleValue, help: help,
        transform: OptionValue.sequenceBias)
    case .decay:
      return Option<ContextRules.LengthDecay?>(
        wrappedValue: nil, name: name, parsing: .unconditional, help: help, transform: OptionValue.lengthDecay)
    case .number(_, let bounds):
      return Option<Double?>(
        wrappedValue: nil, name: name, parsing: .unconditional, help: help,
        transform: OptionValue.number("--" + setting.name, bounds))
    case .count:
      return Option<Int?>(
        wrappedValue: nil, name: name, parsing: .unconditional, help: help,
        transform: OptionValue.integer("--" + setting.name, 0...Limits.most))
    case .flag:
      return Flag<Bool?>(wrappedValue: nil, name: name, inversion: .prefixedNo, help: ArgumentHelp(setting.help))
    }
  }
}

extension OptionValue {
  /// `ID,ID,…=BIAS`.
  static func sequenceBias(_ text: String) throws(CommandError) -> ContextRules.SequenceBias {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let ids = parts[0].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let bias = Double(parts[1]), bias < .infinity, !ids.isEmpty,
      ids.allSatisfy({ $0.map { $0 >= 0 } ?? false })
    else {
      throw .wrongValue(
        text, of: "--sequence-bias", expected: "ID,ID,…=BIAS with ids and a finite number, such as 11,995=-2.5")
    }
    return ContextRules.SequenceBias(ids: ids.compactMap(\.self), bias: bias)
  }

  /// `START,FACTOR`.
  static func lengthDecay(_ text: String) throws(CommandError) -> ContextRules.LengthDecay {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Int(parts[0]), (0...Limits.most).contains(start), let factor = Double(parts[1]),
      factor.isFinite
    else {
      throw .wrongValue(
        text, of: "--exponential-decay-length-penalty",
        expected:
          "START,FACTOR with a whole number from 0 to \(Limits.most) and a finite number, such as 40,1.05")
    }
    return ContextRules.LengthDecay(start: start, factor: factor)
  }
}
