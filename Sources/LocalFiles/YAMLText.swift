import TerminalUI
import Yams

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
