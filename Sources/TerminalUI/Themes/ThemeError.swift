/// Why a theme cannot be used.
public enum ThemeError: Error, Equatable, CustomStringConvertible {
  /// The file is larger than a theme can be.
  case tooLarge(file: String, bytes: Int, limit: Int)
  /// The file is not YAML.
  case notYAML(file: String, line: Int, problem: String)
  /// A key has a value that is not what it should be.
  case wrongValue(file: String, line: Int, key: String, expected: String, found: String)
  /// A key that every scheme has is not there.
  case missing(file: String, key: String)

  /// One sentence: what, where, what was expected and what was found.
  public var description: String {
    switch self {
    case .tooLarge(let file, let bytes, let limit):
      "the theme is too large, \(file): expected at most \(limit) bytes, found \(bytes)"
    case .notYAML(let file, let line, let problem):
      "the theme is not YAML, \(file):\(line): expected a mapping of keys and values, found \(problem)"
    case .wrongValue(let file, let line, let key, let expected, let found):
      "wrong value of \(key), \(file):\(line): expected \(expected), found \(found)"
    case .missing(let file, let key):
      "the theme lacks a key, \(file): expected \(key), found nothing"
    }
  }

  /// What a person can do.
  public var hint: String? {
    switch self {
    case .missing, .wrongValue: "a scheme has base00 to base0F, each of six hexadecimal digits like \"1a2b3c\""
    case .tooLarge, .notYAML: nil
    }
  }
}
