import TerminalUI
import Yams

/// Reads the user's configuration, `$XDG_CONFIG_HOME/triptych/config.yaml`.
public enum ConfigurationFile {
  /// The maximum size of a configuration file, in bytes.
  static let limit = 128 * 1024
  /// The most problems reported for one file.
  static let problemLimit = 50

  /// Reads the configuration in a file and all problems in it, in the file's order. A missing file counts as empty.
  /// - Parameter tabs: the names of the playground's tabs, whose models can be set.
  public static func read(
    _ path: String, tabs: [String]
  ) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
    guard FilePaths.kind(path) != .missing else { return (Configuration(), []) }
    do {
      return parse(try TextFile.read(path, limit: limit), path: path, tabs: tabs)
    } catch {
      return (Configuration(), [.file(error)])
    }
  }

  /// Parses the configuration in a text; `path` names it in problems.
  public static func parse(
    _ text: String, path: String, tabs: [String]
  ) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
    do {
      guard let root = try YAMLDocument.compose(text) else { return (Configuration(), []) }
      var reader = ConfigurationReader(path: path, tabs: tabs)
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

/// A value in a configuration file and its key.
struct Setting {
  /// The full key, `sampling.top-p`; empty for the root.
  let key: String
  /// The last part of the key.
  let name: String
  /// The value.
  let node: Node

  init(key: String, name: String = "", node: Node) {
    self.key = key
    self.name = name
    self.node = node
  }

  /// Whether the value is empty or YAML's null. Such a setting counts as missing.
  var isEmpty: Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// A description of the value, for messages.
  var found: String {
    switch node {
    case .scalar(let scalar): Quoted(scalar.string).description
    case .sequence: "a list"
    case .mapping: "settings"
    case .alias: "an alias"
    }
  }
}
