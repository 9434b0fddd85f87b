import EngineAPI
import TerminalUI
import Terms

/// The content of the user's configuration file. Where a value is missing or wrong, the default applies. The members of
/// ``display`` and ``texts`` can be accessed directly, as in `configuration.seed`.
@dynamicMemberLookup
public struct Configuration: Sendable, Equatable {
  /// The theme, the colors of tokens, and the mouse.
  public var display = DisplaySettings()
  /// The sampler, the lengths and the first seed of texts.
  public var texts = TextDefaults()
  /// When colors are used; `nil` if the file does not set it.
  public var color: ColorChoice?
  /// The keys of actions.
  public var keys: [KeySetting] = []
  /// The model of each tab of the playground, by the tab's name: `fill-mask`.
  public var models: [String: ModelReference] = [:]
  /// Folders of models, which are listed beside the bundled ones.
  public var modelFolders: [String] = []
  /// The number of compute threads; `nil` if the file does not set it.
  public var threads: Int?

  /// The configuration of an empty file.
  public init() {}

  /// Access to a member of ``display``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<DisplaySettings, Value>) -> Value {
    get { display[keyPath: path] }
    set { display[keyPath: path] = newValue }
  }

  /// Access to a member of ``texts``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<TextDefaults, Value>) -> Value {
    get { texts[keyPath: path] }
    set { texts[keyPath: path] = newValue }
  }
}

/// The keys that the file binds to an action. The app checks that action and keys exist and reports errors at `place`.
public struct KeySetting: Sendable, Hashable {
  /// The action's name.
  public var action: String
  /// The keys; empty if the action has no key.
  public var keys: [String]
  /// The place in the file.
  public var place: ConfigurationPlace

  /// Creates a setting.
  public init(action: String, keys: [String], place: ConfigurationPlace) {
    self.action = action
    self.keys = keys
    self.place = place
  }
}

/// A position in a configuration file.
public struct ConfigurationPlace: Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The line, counted from 1.
  public var line: Int
  /// The column in Unicode scalars, counted from 1.
  public var column: Int

  /// Creates a position.
  public init(path: String, line: Int, column: Int) {
    self.path = path
    self.line = line
    self.column = column
  }

  /// `config.yaml:3:5`.
  public var description: String { "\(path):\(line):\(column)" }
}

/// A problem in a configuration file. Problems are collected, not thrown: the program continues with the defaults.
public enum ConfigurationProblem: ExplainedError, Equatable {
  /// The file can't be read.
  case file(LocalFilesError)
  /// The file is not YAML.
  case syntax(ConfigurationPlace, found: String)
  /// The file uses anchors or aliases, with which a small file can describe an exponentially large tree.
  case alias(ConfigurationPlace)
  /// A key is given twice.
  case repeatedKey(ConfigurationPlace, key: String)
  /// The key is unknown.
  case unknownKey(ConfigurationPlace, key: String, known: [String])
  /// The value of the key is wrong.
  case wrongValue(ConfigurationPlace, key: String, expected: String, found: String)

  /// The parts of the sentence.
  public var facts: ErrorFacts {
    switch self {
    case .file(let error): error.facts
    case .syntax(let place, let found):
      ErrorFacts("malformed YAML", at: "\(place)", expected: "key: value", found: found)
    case .alias(let place):
      ErrorFacts("anchors are not allowed", at: "\(place)", expected: "plain values", found: "& or *")
    case .repeatedKey(let place, let key):
      ErrorFacts("repeated setting", at: "\(place)", expected: "\(Quoted(key)) once", found: "it again")
    case .unknownKey(let place, let key, let known):
      ErrorFacts("unknown setting", at: "\(place)", expected: Quoted.oneOf(known), found: "\(Quoted(key))")
    case .wrongValue(let place, let key, let expected, let found):
      ErrorFacts("wrong value of \(Quoted.plain(key))", at: "\(place)", expected: expected, found: found)
    }
  }

  /// Advice for the user.
  public var hint: String? {
    switch self {
    case .file(let error): return error.hint
    case .unknownKey(_, let key, let known):
      let name = key.split(separator: ".").last.map(String.init) ?? key
      let near = Spelling.nearest(to: name, among: known)
      return near.isEmpty
        ? "remove the line; it has no effect" : "did you mean \(near.joined(separator: " or "))?"
    case .alias: return "write the value out; quote text that begins with & or *"
    case .syntax(let place, _):
      return "correct line \(place.line) of \(place.path), or move the file away; until then its settings are not used"
    case .repeatedKey: return "remove one of the two lines"
    case .wrongValue: return "correct the value, or remove the line; until then the default is used"
    }
  }
}
