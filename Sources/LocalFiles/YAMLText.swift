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
    if let place = firstAlias(in: text, path: path) { return .failure(Failure(problem: .alias(place))) }
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

  /// The first sign that could be an anchor or an alias.
  ///
  /// Aliases let a few lines stand for an exponential tree, which the parser then compares and hashes. Quotes are not
  /// followed, so a quoted `"x *y"` counts too: no setting needs one. A comment counts only if a quote follows its `#`:
  /// without one, the rest of the line is a comment or lies inside a longer text, and in either case holds no anchor.
  static func firstAlias(in text: String, path: String) -> ConfigurationPlace? {
    for (number, line) in text.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: isBreak)
      .enumerated()
    {
      let scalars = Array(line)
      for (index, sign) in scalars.enumerated() {
        let previous = index == 0 ? " " : scalars[index - 1]
        if sign == "#", previous == " " || previous == "\t",
          !scalars[index...].contains(where: { $0 == "\"" || $0 == "'" })
        {
          break
        }
        guard sign == "&" || sign == "*", index + 1 < scalars.count else { continue }
        if isNamePart(scalars[index + 1]), !isNamePart(previous) {
          return ConfigurationPlace(path: path, line: number + 1, column: index + 1)
        }
      }
    }
    return nil
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
  }

  private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == "-" || scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }
}
