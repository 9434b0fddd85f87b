import Yams

/// Why a text is not a YAML document that the program accepts.
public struct YAMLFault: Error, Equatable, Sendable {
  /// The kinds of faults.
  public enum Kind: Equatable, Sendable {
    /// The text may contain an anchor or an alias.
    case alias
    /// A mapping has a key twice.
    case repeatedKey(String)
    /// The text is not YAML: the parser's description, and what it was reading.
    case syntax(String, context: String?)
    /// Another error of the parser.
    case other(String)
  }

  /// The kind.
  public let kind: Kind
  /// The line, counted from 1.
  public let line: Int
  /// The column in Unicode scalars, counted from 1.
  public let column: Int

  init(_ kind: Kind, line: Int = 1, column: Int = 1) {
    self.kind = kind
    self.line = max(1, line)
    self.column = max(1, column)
  }

  init(_ error: YamlError, in text: String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      self.init(.syntax(problem, context: context?.text), line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(.repeatedKey(keys.first ?? ""), line: context.mark.line, column: context.mark.column)
    case .reader(let problem, let offset, _, _):
      let lines = text.prefix(offset ?? 0).split(separator: "\n", omittingEmptySubsequences: false)
      self.init(
        .syntax(problem, context: nil), line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    default:
      self.init(.other("\(error)"))
    }
  }
}

/// Parses YAML files of the user: themes and the configuration.
public enum YAMLDocument {
  /// The root node of a text's single document; `nil` for an empty text.
  ///
  /// Scalars stay text: no implicit types are resolved, and the caller decides how to read a value. (Resolving types
  /// uses regular expressions, which would dominate the time before the first frame.)
  ///
  /// - Throws: `YAMLFault` for invalid YAML and for texts that may contain anchors or aliases.
  public static func compose(_ text: String) throws(YAMLFault) -> Node? {
    if let alias = YAMLAlias.first(in: text) { throw YAMLFault(.alias, line: alias.line, column: alias.column) }
    do {
      return try Yams.compose(yaml: text, .basic)
    } catch let error as YamlError {
      throw YAMLFault(error, in: text)
    } catch {
      throw YAMLFault(.other("\(error)"))
    }
  }
}

/// Finds anchors and aliases in YAML before it is parsed.
///
/// With aliases a few lines can describe an exponentially large tree, which the parser then compares and hashes. Our
/// files do not need aliases, so texts that contain one are rejected.
public enum YAMLAlias {
  /// The position of the first possible anchor or alias; line and column count from 1. Linear in the text's length.
  ///
  /// Quotes are not parsed, so a quoted `"x *y"` counts too; no setting needs one. A `#` starts a comment only if no
  /// quote follows it on its line. Otherwise it may lie inside a quoted text, and the rest of the line is searched as
  /// well.
  public static func first(in text: String) -> (line: Int, column: Int)? {
    for (number, line) in text.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: isBreak)
      .enumerated()
    {
      let scalars = Array(line)
      let lastQuote = scalars.lastIndex { $0 == "\"" || $0 == "'" } ?? -1
      for (index, sign) in scalars.enumerated() {
        let previous = index == 0 ? " " : scalars[index - 1]
        if sign == "#", previous == " " || previous == "\t", lastQuote < index { break }
        guard sign == "&" || sign == "*", index + 1 < scalars.count else { continue }
        if isNamePart(scalars[index + 1]), !isNamePart(previous) { return (number + 1, index + 1) }
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
