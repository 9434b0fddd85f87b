import JSONText
import Terms

/// Why a tokenizer could not be opened.
public enum TokenizerError: ExplainedError, Equatable {
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

  /// The parts of ``description``.
  public var facts: ErrorFacts {
    switch self {
    case .noTokenizer(let folder):
      ErrorFacts(
        "no tokenizer", at: folder,
        expected:
          "tokenizer.json, vocab.json with merges.txt or source.spm, vocab.txt, tokenizer.model, spiece.model or "
          + "sentencepiece.bpe.model",
        found: "none of them")
    case .file(let error): error.facts
    case .invalid(let path, let expected, let found):
      ErrorFacts("bad tokenizer", at: path, expected: expected, found: found)
    case .unsupported(let part, let name, let path):
      ErrorFacts("unknown \(part)", at: path, expected: "a supported type", found: name)
    case .missingToken(let token, let path):
      ErrorFacts("bad tokenizer", at: path, expected: "the token \"\(token)\" in the vocabulary", found: "none")
    case .invalidPattern(let pattern, let offset, let expected, let path):
      ErrorFacts(
        "bad regular expression", at: path, expected: "\(expected) at character \(offset)", found: "\"\(pattern)\"")
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
