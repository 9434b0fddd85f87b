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
    do {
      guard let root = try YAMLDocument.compose(text) else { return (Configuration(), []) }
      var reader = ConfigurationReader(path: path)
      let configuration = reader.read(root)
      return (configuration, Array(reader.problems.prefix(problemLimit)))
    } catch {
      return (Configuration(), [ConfigurationProblem(error, path: path)])
    }
  }
}

extension ConfigurationProblem {
  /// A fault of the YAML parser.
  fileprivate init(_ fault: YAMLFault, path: String) {
    let place = ConfigurationPlace(path: path, line: fault.line, column: fault.column)
    self =
      switch fault.kind {
      case .alias: .alias(place)
      case .repeatedKey(let key): .repeatedKey(place, key: key)
      case .syntax(let problem, let context):
        .syntax(place, found: Quoted.plain(problem + (context.map { " " + $0 } ?? "")))
      case .other(let problem): .syntax(place, found: Quoted.plain(problem))
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
