import JSONText

/// Why a tokenizer could not be opened.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The folder contains none of the supported tokenizer files.
  case noTokenizer(folder: String)
  /// A file could not be read, or is not valid JSON.
  case file(JSONError)
  /// A value is missing, of the wrong type or out of range. `path` is the file and the keys down to the value.
  case invalid(path: String, expected: String, found: String)
  /// A component of an unsupported type. `part` is the kind of component, for example "normalizer".
  case unsupported(part: String, name: String, path: String)
  /// A token that another part of the file refers to is not in the vocabulary.
  case missingToken(token: String, path: String)
  /// A regular expression that is malformed or too large. `offset` counts characters.
  case invalidPattern(pattern: String, offset: Int, expected: String, path: String)

  /// One sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
  public var description: String {
    let facts = facts
    return "\(facts.what), \(facts.place): expected \(facts.expected), found \(facts.found)"
  }

  /// The parts of ``description``.
  public var facts: (what: String, place: String, expected: String, found: String) {
    switch self {
    case .noTokenizer(let folder):
      (
        "no tokenizer", folder, "tokenizer.json, vocab.json with merges.txt, vocab.txt or spiece.model", "none of them"
      )
    case .file(let error): error.facts
    case .invalid(let path, let expected, let found): ("bad tokenizer", path, expected, found)
    case .unsupported(let part, let name, let path): ("unknown \(part)", path, "a supported type", name)
    case .missingToken(let token, let path):
      ("bad tokenizer", path, "the token \"\(token)\" in the vocabulary", "none")
    case .invalidPattern(let pattern, let offset, let expected, let path):
      ("bad regular expression", path, "\(expected) at character \(offset)", "\"\(pattern)\"")
    }
  }

  /// A suggestion for the user, if there is one.
  public var hint: String? {
    switch self {
    case .noTokenizer: "copy the tokenizer's files from where the model came from"
    case .file(let error): error.hint
    case .invalid, .missingToken: "the file may be damaged or edited; copy or download it again"
    case .unsupported, .invalidPattern: nil
    }
  }
}
