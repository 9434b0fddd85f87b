import EngineAPI
import Sampling
import TerminalUI
import Yams

/// Turns the YAML tree of a configuration file into a `Configuration`, and collects everything wrong as problems.
struct ConfigurationReader {
  let path: String
  /// The names of the playground's tabs, whose models can be set.
  let tabs: [String]
  var problems: [ConfigurationProblem] = []

  init(path: String, tabs: [String]) {
    self.path = path
    self.tabs = tabs
  }

  /// The top-level keys, in the order of the documentation.
  static let keys = [
    "theme", "color", "mouse", "heat", "heat-scale", "keys", "models", "model-folders", "sampling", "presets",
    "max-tokens", "beams", "seed", "threads",
  ]

  /// Reads the configuration from the root node.
  mutating func read(_ root: Node) -> Configuration {
    var result = Configuration()
    for entry in entries(Setting(key: "", node: root), known: Self.keys) {
      switch entry.name {
      case "theme": result.theme = text(entry)
      case "color": result.color = choice(entry, as: ColorChoice.self)
      case "mouse": Self.set(&result.mouse, flag(entry))
      case "heat": Self.set(&result.heat, choice(entry, as: HeatMeasure.self))
      case "heat-scale": Self.set(&result.heatKind, choice(entry, as: HeatScale.Kind.self))
      case "keys": result.keys = keySettings(entry)
      case "models": result.models = models(entry)
      case "model-folders": result.modelFolders = entry.isEmpty ? [] : texts(entry) ?? []
      case "sampling": result.sampling = sampling(entry)
      case "presets": result.presets = presets(entry)
      case "max-tokens": Self.set(&result.maxTokens, integer(entry, in: Limits.tokens))
      case "beams": Self.set(&result.beams, integer(entry, in: Limits.beams))
      case "seed": Self.set(&result.seed, integer(entry, in: Limits.seeds))
      case "threads": result.threads = integer(entry, in: Limits.threads)
      default: break
      }
    }
    return result
  }

  /// Takes a value, if the file has one.
  private static func set<Value>(_ setting: inout Value, _ value: Value?) {
    if let value { setting = value }
  }

  private mutating func keySettings(_ setting: Setting) -> [KeySetting] {
    entries(setting, known: nil).compactMap { entry in
      // A setting without a value removes the action's keys, as an empty list does.
      if entry.isEmpty { return KeySetting(action: entry.name, keys: [], place: place(entry.node)) }
      return texts(entry).map { KeySetting(action: entry.name, keys: $0, place: place(entry.node)) }
    }
  }

  private mutating func models(_ setting: Setting) -> [String: ModelReference] {
    var models: [String: ModelReference] = [:]
    for entry in entries(setting, known: tabs) {
      if let name = text(entry) { models[entry.name] = ModelReference(parsing: name) }
    }
    return models
  }

  // MARK: - Values

  /// The entries of a mapping. With `known`, other keys become problems and are left out.
  mutating func entries(_ setting: Setting, known: [String]?) -> [Setting] {
    if setting.isEmpty { return [] }
    guard case .mapping(let mapping) = setting.node else {
      wrong(setting, expected: "settings as key: value")
      return []
    }
    var found: [Setting] = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        let inner = Setting(key: setting.key, node: key)
        wrong(inner, expected: "a name before the colon")
        continue
      }
      let name = scalar.string
      let full = setting.key.isEmpty ? name : "\(setting.key).\(name)"
      if let known, !known.contains(name) {
        problems.append(.unknownKey(place(key), key: full, known: known))
      } else {
        found.append(Setting(key: full, name: name, node: value))
      }
    }
    return found
  }

  /// A nonempty text.
  mutating func text(_ setting: Setting) -> String? {
    if setting.isEmpty { return nil }
    guard case .scalar(let scalar) = setting.node, !scalar.string.isEmpty else {
      wrong(setting, expected: "a name")
      return nil
    }
    return scalar.string
  }

  /// One of the names of a type's cases.
  mutating func choice<T: RawRepresentable<String> & CaseIterable>(_ setting: Setting, as type: T.Type) -> T? {
    if setting.isEmpty { return nil }
    guard case .scalar(let scalar) = setting.node, let value = T(rawValue: scalar.string) else {
      wrong(setting, expected: Quoted.oneOf(T.allCases.map(\.rawValue)))
      return nil
    }
    return value
  }

  /// True or false, in the words of YAML 1.1.
  mutating func flag(_ setting: Setting) -> Bool? {
    if setting.isEmpty { return nil }
    if case .scalar(let scalar) = setting.node {
      switch scalar.string.lowercased() {
      case "true", "yes", "on": return true
      case "false", "no", "off": return false
      default: break
      }
    }
    wrong(setting, expected: "true or false")
    return nil
  }

  /// A whole number in a range.
  mutating func integer<I: FixedWidthInteger>(_ setting: Setting, in range: ClosedRange<I>) -> I? {
    if setting.isEmpty { return nil }
    guard case .scalar(let scalar) = setting.node, let number = I(scalar.string), range.contains(number) else {
      wrong(setting, expected: expected(range, refusing: setting.node))
      return nil
    }
    return number
  }

  /// The description of a range of whole numbers for an error about a value.
  private func expected<I: FixedWidthInteger>(_ range: ClosedRange<I>, refusing node: Node) -> String {
    guard let least = Int(exactly: range.lowerBound), let most = Int(exactly: range.upperBound) else {
      return "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
    return NumberBounds.whole(least...most).words(refusing: node.scalar?.string ?? "")
  }

  /// A number within bounds. Words such as `inf` and `nan` are refused.
  mutating func number(_ setting: Setting, in bounds: NumberBounds) -> Double? {
    if setting.isEmpty { return nil }
    guard case .scalar(let scalar) = setting.node, Self.isPlainNumber(scalar.string),
      let number = Double(scalar.string), bounds.contains(number)
    else {
      wrong(setting, expected: bounds.words(refusing: setting.node.scalar?.string ?? ""))
      return nil
    }
    return number
  }

  /// Whether a text has only the characters of a decimal number. Excludes words such as `inf` and `nan`.
  static func isPlainNumber(_ text: String) -> Bool { text.allSatisfy { "+-.0123456789eE".contains($0) } }

  /// A list of texts, or a single one.
  mutating func texts(_ setting: Setting) -> [String]? {
    switch setting.node {
    case .scalar(let scalar): return [scalar.string]
    case .sequence(let sequence):
      var found: [String] = []
      for node in sequence {
        if case .scalar(let scalar) = node {
          found.append(scalar.string)
        } else {
          wrong(Setting(key: setting.key, node: node), expected: "a word")
        }
      }
      return found
    case .mapping, .alias:
      wrong(setting, expected: "a word or a list of words")
      return nil
    }
  }

  // MARK: - Problems

  mutating func wrong(_ setting: Setting, expected: String) {
    let key = setting.key.isEmpty ? "the file" : setting.key
    problems.append(.wrongValue(place(setting.node), key: key, expected: expected, found: setting.found))
  }

  func place(_ node: Node) -> ConfigurationPlace {
    ConfigurationPlace(path: path, line: max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1))
  }
}
