import JSONText

/// Why a tokenizer could not be opened.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The folder holds none of the files that a tokenizer is read from.
  case noTokenizer(folder: String)
  /// A file could not be read, or is not JSON where it must be.
  case file(JSONError)
  /// A value is missing, of the wrong kind or out of range; `path` names the file and the keys down to the value.
  case invalid(path: String, expected: String, found: String)
  /// A part that this program does not know; `part` is what it would be ("normalizer").
  case unsupported(part: String, name: String, path: String)
  /// A token that another part of the file relies on is not in the vocabulary.
  case missingToken(token: String, path: String)
  /// A regular expression that is malformed or too large; `offset` counts characters.
  case invalidPattern(pattern: String, offset: Int, expected: String, path: String)

  /// One sentence: `WHAT, WHERE: EXPECTED, FOUND`.
  public var description: String {
    switch self {
    case .noTokenizer(let folder):
      "no tokenizer, \(folder): expected tokenizer.json, vocab.json with merges.txt, vocab.txt or spiece.model, "
        + "found none of them"
    case .file(let error): error.description
    case .invalid(let path, let expected, let found):
      "bad tokenizer, \(path): expected \(expected), found \(found)"
    case .unsupported(let part, let name, let path):
      "unknown \(part), \(path): expected a supported type, found \(name)"
    case .missingToken(let token, let path):
      "bad tokenizer, \(path): expected the token \"\(token)\" in the vocabulary, found none"
    case .invalidPattern(let pattern, let offset, let expected, let path):
      "bad regular expression, \(path): expected \(expected) at character \(offset), found \"\(pattern)\""
    }
  }

  /// What a person can do about it.
  public var hint: String? {
    switch self {
    case .noTokenizer: "copy the tokenizer's files from where the model came from"
    case .file(let error): error.hint
    case .invalid, .missingToken: "the file may be damaged or edited; copy or download it again"
    case .unsupported, .invalidPattern: nil
    }
  }
}
