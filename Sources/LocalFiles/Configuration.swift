import EngineAPI
import Sampling

/// What the user's configuration file says. A value that the file leaves out, or gets wrong, is `nil` or empty: the
/// default holds.
public struct Configuration: Sendable, Equatable {
  /// The theme's name.
  public var theme: String?
  /// When colours are used.
  public var color: ColorChoice?
  /// Whether the mouse is followed.
  public var mouse: Bool?
  /// What the colour of a token stands for: `probability`, `rank` or `surprise`.
  public var heat: String?
  /// The scale of that colour: `sequential` or `diverging`.
  public var heatScale: String?
  /// The keys of actions.
  public var keys: [KeySetting] = []
  /// The model of each task, by the task's name: `generate`, `fill-mask`, `translate`.
  public var models: [String: ModelReference] = [:]
  /// The sampler settings, the neutral ones changed by what the file says; `nil` where it says nothing.
  public var sampling: SamplingSettings?
  /// The longest completion, in tokens.
  public var maxTokens: Int?
  /// The beams of a translation.
  public var beams: Int?
  /// The seed of the first stream.
  public var seed: UInt64?
  /// How many threads compute.
  public var threads: Int?

  /// The configuration of an empty file.
  public init() {}
}

/// When colours are used.
public enum ColorChoice: String, Sendable, Hashable, CaseIterable {
  /// Where the terminal has them and `NO_COLOR` is not set.
  case auto
  /// Always.
  case always
  /// Never.
  case never
}

/// The keys that the file gives to an action. Whether action and keys exist is for the app to say, hence the place.
public struct KeySetting: Sendable, Hashable {
  /// The action's name.
  public var action: String
  /// The keys; none means that the action has no key.
  public var keys: [String]
  /// Where the file says so.
  public var place: ConfigurationPlace

  /// A setting at a place.
  public init(action: String, keys: [String], place: ConfigurationPlace) {
    self.action = action
    self.keys = keys
    self.place = place
  }
}

/// A place in a configuration file.
public struct ConfigurationPlace: Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The line, counted from 1.
  public var line: Int
  /// The column in Unicode scalars, counted from 1.
  public var column: Int

  /// A place.
  public init(path: String, line: Int, column: Int) {
    self.path = path
    self.line = line
    self.column = column
  }

  /// `config.yaml:3:5`.
  public var description: String { "\(path):\(line):\(column)" }
}

/// Something wrong in a configuration file. Problems are collected, not thrown: the program goes on with the defaults.
public enum ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
  /// The file can't be read.
  case file(LocalFilesError)
  /// The file is no YAML.
  case syntax(ConfigurationPlace, found: String)
  /// The file uses anchors or aliases, by which a small file can stand for an endless one.
  case alias(ConfigurationPlace)
  /// A key is given twice.
  case repeatedKey(ConfigurationPlace, key: String)
  /// There is no such key.
  case unknownKey(ConfigurationPlace, key: String, known: [String])
  /// The key has no such value.
  case wrongValue(ConfigurationPlace, key: String, expected: String, found: String)

  /// One sentence: `WHAT, WHERE: EXPECTED, FOUND`.
  public var description: String { facts.sentence }

  var facts: Facts {
    switch self {
    case .file(let error): error.facts
    case .syntax(let place, let found):
      Facts("malformed YAML", at: "\(place)", expected: "key: value", found: found)
    case .alias(let place):
      Facts("anchors are not allowed", at: "\(place)", expected: "plain values", found: "& or *")
    case .repeatedKey(let place, let key):
      Facts("repeated setting", at: "\(place)", expected: "\(Quoted(key)) once", found: "it again")
    case .unknownKey(let place, let key, let known):
      Facts("unknown setting", at: "\(place)", expected: Quoted.oneOf(known), found: "\(Quoted(key))")
    case .wrongValue(let place, let key, let expected, let found):
      Facts("wrong value of \(Quoted.plain(key))", at: "\(place)", expected: expected, found: found)
    }
  }

  /// What a person can do about it.
  public var hint: String? {
    switch self {
    case .file(let error): return error.hint
    case .unknownKey(_, let key, let known):
      let name = key.split(separator: ".").last.map(String.init) ?? key
      let near = Spelling.nearest(to: name, among: known)
      return near.isEmpty ? nil : "did you mean \(near.joined(separator: " or "))?"
    case .alias: return "write the value out; quote text that begins with & or *"
    case .syntax, .repeatedKey, .wrongValue: return nil
    }
  }
}
