import Checkpoints
import JSONText
import Tensors

/// Why a model cannot be opened or cannot read its input. Errors carry facts; ``description`` makes the sentence.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The folder has no `config.json`.
  case configurationNotFound(folder: String)
  /// A configuration file is not JSON or cannot be read.
  case unreadableConfiguration(JSONError, path: String)
  /// A value of a configuration file is missing, of the wrong type or absurd.
  case invalidConfiguration(path: String, key: String, expected: String, found: String)
  /// The architecture is not supported.
  case unsupportedArchitecture(String, path: String, supported: [String])
  /// The weights are stored packed in another number format than the requested one.
  case packedInAnotherFormat(folder: String, stored: NumberFormat, asked: NumberFormat)
  /// The weights lie packed, and training needs them as they were before.
  case packedForInference(folder: String, stored: NumberFormat)
  /// The weights cannot be used.
  case checkpoint(CheckpointError)
  /// A sequence without ids.
  case emptyInput
  /// An id outside the vocabulary.
  case tokenOutOfRange(id: Int, vocabulary: Int)
  /// A sequence longer than the model's positions.
  case contextExceeded(limit: Int, found: Int)

  /// One sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
  public var description: String {
    let facts = facts
    return "\(facts.what), \(facts.place): expected \(facts.expected), found \(facts.found)"
  }

  /// The parts of the sentence.
  public var facts: (what: String, place: String, expected: String, found: String) {
    switch self {
    case .configurationNotFound(let folder): ("no configuration", folder, "config.json", "none")
    case .unreadableConfiguration(.unreadable(let path, let reason), _):
      ("cannot read the configuration", path, "a readable file", "\(reason)")
    case .unreadableConfiguration(let error, _):
      ("unreadable configuration", error.facts.place, error.facts.expected, error.facts.found)
    case .invalidConfiguration(let path, let key, let expected, let found):
      ("invalid configuration", "\(path), \(key)", expected, found)
    case .unsupportedArchitecture(let name, let path, let supported):
      (
        "architecture \(name) is not supported yet", path, "one of \(supported.joined(separator: ", "))", name
      )
    case .packedInAnotherFormat(let folder, let stored, let asked):
      (
        "the model is packed in another number format", folder, stored.rawValue, "\(asked.rawValue) asked for"
      )
    case .packedForInference(let folder, let stored):
      ("packed weights cannot be trained", folder, "ordinary tensors", "panels in \(stored.rawValue)")
    case .checkpoint(let error): error.facts
    case .emptyInput: ("empty input", "the text", "at least one token", "none")
    case .tokenOutOfRange(let id, let vocabulary):
      ("token outside the vocabulary", "the text", "an id from 0 to \(vocabulary - 1)", "\(id)")
    case .contextExceeded(let limit, let found):
      ("text longer than the context", "the text", "at most \(limit) tokens", "\(found)")
    }
  }

  /// Advice for the user.
  public var hint: String? {
    switch self {
    case .configurationNotFound:
      "give the path of a folder in Hugging Face layout, with config.json and model.safetensors in it"
    case .unreadableConfiguration(let error, _): error.hint
    case .packedInAnotherFormat(_, let stored, _):
      "leave the format out, which opens it as \(stored.rawValue), or open the original model"
    case .packedForInference: "train the original model, and pack the result"
    case .checkpoint(let error): error.hint
    case .contextExceeded: "shorten the text"
    case .invalidConfiguration, .unsupportedArchitecture, .emptyInput, .tokenOutOfRange: nil
    }
  }
}
