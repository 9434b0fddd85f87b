import TerminalUI
import Yams

/// Reads the user's configuration, `$XDG_CONFIG_HOME/triptych/config.yaml`.
public enum ConfigurationFile {
  /// More than any configuration needs, in bytes.
  static let limit = 128 * 1024
  /// How many problems are told of one file.
  static let problemLimit = 50

  /// The configuration in a file, and everything that is wrong with it, in the file's order. A file that does not exist
  /// is empty.
  public static func read(_ path: String) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
    guard FilePaths.kind(path) != .missing else { return (Configuration(), []) }
    do {
      return parse(try TextFile.read(path, limit: limit), path: path)
    } catch {
      return (Configuration(), [.file(error)])
    }
  }

  /// The configuration in a text, `path` being the name by which problems call it.
  public static func parse(
    _ text: String, path: String
  ) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
    switch YAMLText.compose(text, path: path) {
    case .failure(let failure): return (Configuration(), [failure.problem])
    case .success(nil): return (Configuration(), [])
    case .success(let root?):
      var reader = ConfigurationReader(path: path)
      let configuration = reader.read(root)
      return (configuration, Array(reader.problems.prefix(problemLimit)))
    }
  }
}

/// YAML from the world as a tree of nodes whose every value is still text.
enum YAMLText {
  /// Why a text could not be composed.
  struct Failure: Error { let problem: ConfigurationProblem }

  /// The only document of a text; `nil` for an empty one.
  ///
  /// No implicit types are resolved: a setting says itself how it is read, and the resolver's regular expressions would
  /// cost more time than everything else before the first frame.
  static func compose(_ text: String, path: String) -> Result<Node?, Failure> {
    if let alias = YAMLAlias.first(in: text) {
      let place = ConfigurationPlace(path: path, line: alias.line, column: alias.column)
      return .failure(Failure(problem: .alias(place)))
    }
    do {
      return .success(try Yams.compose(yaml: text, .basic))
    } catch let error as YamlError {
      return .failure(Failure(problem: problem(error, in: text, path: path)))
    } catch {
      return .failure(Failure(problem: .syntax(ConfigurationPlace(path: path, line: 1, column: 1), found: "\(error)")))
    }
  }

  private static func problem(_ error: YamlError, in text: String, path: String) -> ConfigurationProblem {
    func place(_ mark: Mark) -> ConfigurationPlace {
      ConfigurationPlace(path: path, line: max(1, mark.line), column: max(1, mark.column))
    }
    switch error {
    case .scanner(let context, let found, let mark, _), .parser(let context, let found, let mark, _),
      .composer(let context, let found, let mark, _):
      let meanwhile = context.map { " " + $0.text } ?? ""
      return .syntax(place(mark), found: Quoted.plain(found + meanwhile))
    case .duplicatedKeysInMapping(let keys, let context):
      return .repeatedKey(place(context.mark), key: keys.first ?? "")
    case .reader(let found, let offset, _, _):
      let before = text.prefix(offset ?? 0)
      let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
      let column = (lines.last?.unicodeScalars.count ?? 0) + 1
      return .syntax(ConfigurationPlace(path: path, line: max(1, lines.count), column: column), found: found)
    default:
      return .syntax(ConfigurationPlace(path: path, line: 1, column: 1), found: Quoted.plain("\(error)"))
    }
  }
}

/// A value in a configuration file with the name it stands under.
struct Setting {
  /// The whole name, `sampling.top-p`; empty for the file itself.
  let key: String
  /// The name's last part.
  let name: String
  /// The value.
  let node: Node

  init(key: String, name: String = "", node: Node) {
    self.key = key
    self.name = name
    self.node = node
  }

  /// Whether nothing stands after the colon, or YAML's words for nothing: the setting is as if left out.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// What stands there, for a message.
  var found: String {
    switch node {
    case .scalar(let scalar): Quoted(scalar.string).description
    case .sequence: "a list"
    case .mapping: "settings"
    case .alias: "an alias"
    }
  }
}
