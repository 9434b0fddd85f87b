import JSONText
import Terms

/// Why the weights of a folder cannot be used. Errors carry facts; ``description`` makes the sentence.
public enum CheckpointError: ExplainedError, Equatable {
  /// Nothing exists at this path.
  case folderNotFound(path: String)
  /// The path names a file, not a folder.
  case notAFolder(path: String)
  /// The file cannot be read; `reason` is the system's error message.
  case unreadable(path: String, reason: SystemReason)
  /// The folder has no file of a weight container. `instead` names a weight file in another format, if the folder has
  /// one.
  case weightsNotFound(folder: String, instead: String?)
  /// The file is not a safetensors file, or its header is invalid. `tensor` names the invalid entry.
  case invalidHeader(path: String, tensor: String?, expected: String, found: String)
  /// The file is not a GGUF file, or is invalid. `place` is the invalid key or tensor.
  case invalidGGUF(path: String, place: String?, expected: String, found: String, hint: String?)
  /// The shard index is invalid.
  case invalidIndex(path: String, expected: String, found: String)
  /// A shard's path leads outside the model's folder.
  case shardOutsideFolder(index: String, shard: String)
  /// The file's panels have another version than this program supports.
  case panelsOfAnotherVersion(path: String, expected: String, found: String)
  /// A file cannot be written; `reason` is the system's error message.
  case unwritable(path: String, reason: SystemReason)
  /// The file was truncated after it was opened.
  case fileChanged(path: String, expected: Int, found: Int)
  /// All tensors that are missing, have a wrong shape, or have an unsupported element type.
  case unfitTensors(folder: String, [TensorProblem])

  /// The parts of the message.
  public var facts: ErrorFacts {
    switch self {
    case .folderNotFound(let path): ErrorFacts("no such folder", at: path, expected: "a model folder", found: "nothing")
    case .notAFolder(let path): ErrorFacts("not a folder", at: path, expected: "a model folder", found: "a file")
    case .unreadable(let path, let reason):
      ErrorFacts("cannot read the file", at: path, expected: "a readable file", found: "\(reason)")
    case .weightsNotFound(let folder, let instead):
      ErrorFacts(
        "no weights", at: folder, expected: WeightContainer.all.flatMap(\.files).joined(separator: " or "),
        found: instead ?? "none")
    case .invalidHeader(let path, let tensor, let expected, let found):
      ErrorFacts(
        "invalid safetensors header", at: path + (tensor.map { ", tensor \($0)" } ?? ""), expected: expected,
        found: found)
    case .invalidGGUF(let path, let place, let expected, let found, _):
      ErrorFacts("invalid GGUF file", at: path + (place.map { ", \($0)" } ?? ""), expected: expected, found: found)
    case .invalidIndex(let path, let expected, let found):
      ErrorFacts("invalid list of shards", at: path, expected: expected, found: found)
    case .shardOutsideFolder(let index, let shard):
      ErrorFacts(
        "shard outside the model's folder", at: index, expected: "the name of a file in the folder", found: shard)
    case .panelsOfAnotherVersion(let path, let expected, let found):
      ErrorFacts("packed weights of another version", at: path, expected: "version \(expected)", found: found)
    case .unwritable(let path, let reason):
      ErrorFacts("cannot write the file", at: path, expected: "room and permission to write", found: "\(reason)")
    case .fileChanged(let path, let expected, let found):
      ErrorFacts("the file changed while it was read", at: path, expected: "\(expected) bytes", found: "\(found)")
    case .unfitTensors(let folder, let problems):
      ErrorFacts(
        "the weights do not fit the configuration", at: folder,
        expected: problems.first?.facts.expected ?? "other tensors", found: TensorProblem.list(problems))
    }
  }

  /// Advice for the user.
  public var hint: String? {
    switch self {
    case .folderNotFound, .notAFolder:
      "give the path of a folder in Hugging Face layout, with config.json and model.safetensors in it"
    case .unreadable(_, let reason): reason.hint(.reading)
    case .weightsNotFound(_, let instead):
      instead == nil
        ? "download the model's safetensors files"
        : "convert it to safetensors, for instance with transformers: save_pretrained(folder, safe_serialization=True)"
    case .invalidGGUF(_, _, _, _, let hint?): hint
    case .invalidHeader, .invalidIndex, .invalidGGUF: "the file may be cut off or damaged; copy or download it again"
    case .shardOutsideFolder: "do not use this folder unless you trust where it comes from"
    case .panelsOfAnotherVersion: "make the folder again from the original model: triptych quantize"
    case .unwritable(_, let reason): reason.hint(.writing)
    case .fileChanged: "wait until the file is written, then open the model again"
    case .unfitTensors(let place, _) where place.hasSuffix(".gguf"):
      "the file may lack a part of the model, such as the head of a masked language model or the pooler of a classifier;"
        + " open the folder that it was made from"
    case .unfitTensors: "check that config.json belongs to these weights"
    }
  }
}
