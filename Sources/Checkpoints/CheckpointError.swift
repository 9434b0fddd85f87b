import JSONText

/// Why the weights of a folder cannot be used. Errors carry facts; ``description`` makes the sentence.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Nothing exists at this path.
  case folderNotFound(path: String)
  /// The path names a file, not a folder.
  case notAFolder(path: String)
  /// The file cannot be read; `reason` is the system's error message.
  case unreadable(path: String, reason: SystemReason)
  /// The folder has no safetensors file; `instead` is a weight file of another format in it, if there is one.
  case weightsNotFound(folder: String, instead: String?)
  /// The file is not a safetensors file, or its header is invalid. `tensor` names the invalid entry.
  case invalidHeader(path: String, tensor: String?, expected: String, found: String)
  /// The file is not a GGUF file, or is invalid. `place` is the invalid key or tensor.
  case invalidGGUF(path: String, place: String?, expected: String, found: String, hint: String?)
  /// The list of shards is invalid.
  case invalidIndex(path: String, expected: String, found: String)
  /// A shard's path leads outside the model's folder.
  case shardOutsideFolder(index: String, shard: String)
  /// The file's panels have the layout of another version of this program.
  case panelsOfAnotherVersion(path: String, expected: String, found: String)
  /// A file cannot be written; `reason` is the system's error message.
  case unwritable(path: String, reason: SystemReason)
  /// The file became shorter after it was opened.
  case fileChanged(path: String, expected: Int, found: Int)
  /// All tensors that are missing, or that have another shape or an unsupported element type.
  case unfitTensors(folder: String, [TensorProblem])

  /// One sentence: `WHAT, WHERE: expected EXPECTED, found FOUND`.
  public var description: String {
    let facts = facts
    return "\(facts.what), \(facts.place): expected \(facts.expected), found \(facts.found)"
  }

  /// The parts of the sentence.
  public var facts: (what: String, place: String, expected: String, found: String) {
    switch self {
    case .folderNotFound(let path): ("no such folder", path, "a model folder", "nothing")
    case .notAFolder(let path): ("not a folder", path, "a model folder", "a file")
    case .unreadable(let path, let reason): ("cannot read the file", path, "a readable file", "\(reason)")
    case .weightsNotFound(let folder, let instead):
      ("no weights", folder, "model.safetensors or model.safetensors.index.json", instead ?? "neither")
    case .invalidHeader(let path, let tensor, let expected, let found):
      ("invalid safetensors header", path + (tensor.map { ", tensor \($0)" } ?? ""), expected, found)
    case .invalidGGUF(let path, let place, let expected, let found, _):
      ("invalid GGUF file", path + (place.map { ", \($0)" } ?? ""), expected, found)
    case .invalidIndex(let path, let expected, let found): ("invalid list of shards", path, expected, found)
    case .shardOutsideFolder(let index, let shard):
      ("shard outside the model's folder", index, "the name of a file in the folder", shard)
    case .panelsOfAnotherVersion(let path, let expected, let found):
      ("packed weights of another version", path, "version \(expected)", found)
    case .unwritable(let path, let reason):
      ("cannot write the file", path, "room and permission to write", "\(reason)")
    case .fileChanged(let path, let expected, let found):
      ("the file changed while it was read", path, "\(expected) bytes", "\(found)")
    case .unfitTensors(let folder, let problems):
      (
        "the weights do not fit the configuration", folder, problems.first?.facts.expected ?? "other tensors",
        TensorProblem.list(problems)
      )
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
    case .unfitTensors: "check that config.json belongs to these weights"
    }
  }
}
