import Checkpoints
import JSONText
import Tensors
import Terms

/// Why a model cannot be opened or cannot read its input. Errors carry facts; ``description`` makes the sentence.
public enum ModelError: ExplainedError, Equatable {
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
  /// The weights are stored packed; training needs the original weights.
  case packedForInference(folder: String, stored: NumberFormat)
  /// The weights cannot be used.
  case checkpoint(CheckpointError)
  /// A sequence without ids.
  case emptyInput
  /// An id outside the vocabulary.
  case tokenOutOfRange(id: Int, vocabulary: Int)
  /// A sentence type that the model has no embedding for.
  case typeOutOfRange(type: Int, count: Int)
  /// A sequence longer than the model's positions.
  case contextExceeded(limit: Int, found: Int)

  /// Whether file descriptors or memory ran out, so that nothing is known about the model.
  public var isShortage: Bool {
    switch self {
    case .unreadableConfiguration(.unreadable(_, let reason), _), .checkpoint(.unreadable(_, let reason)):
      reason.isShortage
    default: false
    }
  }

  /// The parts of the sentence.
  public var facts: ErrorFacts {
    switch self {
    case .configurationNotFound(let folder):
      ErrorFacts("no configuration", at: folder, expected: "config.json", found: "none")
    case .unreadableConfiguration(.unreadable(let path, let reason), _):
      ErrorFacts("cannot read the configuration", at: path, expected: "a readable file", found: "\(reason)")
    case .unreadableConfiguration(let error, _):
      error.facts.renamed("unreadable configuration")
    case .invalidConfiguration(let path, let key, let expected, let found):
      ErrorFacts("invalid configuration", at: "\(path), \(key)", expected: expected, found: found)
    case .unsupportedArchitecture(let name, let path, let supported):
      ErrorFacts(
        "architecture \(name) is not supported yet", at: path, expected: "one of \(supported.joined(separator: ", "))",
        found: name)
    case .packedInAnotherFormat(let folder, let stored, let asked):
      ErrorFacts(
        "the model is packed in another number format", at: folder, expected: stored.rawValue,
        found: "\(asked.rawValue) asked for")
    case .packedForInference(let folder, let stored):
      ErrorFacts(
        "packed weights cannot be trained", at: folder, expected: "ordinary tensors",
        found: "panels in \(stored.rawValue)")
    case .checkpoint(let error): error.facts
    case .emptyInput: ErrorFacts("empty input", at: "the text", expected: "at least one token", found: "none")
    case .tokenOutOfRange(let id, let vocabulary):
      ErrorFacts(
        "token outside the vocabulary", at: "the text", expected: "an id from 0 to \(vocabulary - 1)", found: "\(id)")
    case .typeOutOfRange(let type, let count):
      ErrorFacts(
        "sentence type outside the model", at: "the text", expected: "a type from 0 to \(count - 1)",
        found: "\(type)")
    case .contextExceeded(let limit, let found):
      ErrorFacts("text longer than the context", at: "the text", expected: "at most \(limit) tokens", found: "\(found)")
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
    case .typeOutOfRange: "the model reads one text at a time: leave out the second"
    case .invalidConfiguration, .unsupportedArchitecture, .emptyInput, .tokenOutOfRange: nil
    }
  }
}

/// Runs `work` and wraps its error in ``ModelError/checkpoint(_:)``.
func mapErrors<R>(_ work: () throws(CheckpointError) -> R) throws(ModelError) -> R {
  do throws(CheckpointError) { return try work() } catch { throw .checkpoint(error) }
}
