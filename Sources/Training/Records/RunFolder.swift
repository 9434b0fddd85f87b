import Checkpoints
import JSONText
import Platform
import Tensors
import Terms

/// The folder of a run: the trained model, the log and the checkpoints.
///
/// A checkpoint is written under a temporary name and renamed, so a folder named `checkpoint-N` is always whole.
struct RunFolder {
  let path: String

  /// Files that describe the tokenizer and the model beside the weights.
  static let copied = [
    "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "spiece.model", "source.spm", "target.spm",
    "sentencepiece.bpe.model", "chat_template.jinja",
  ]

  /// The folder of a model with merged adapters.
  static let merged = "merged"

  /// Makes the folder.
  /// - Throws: if there are other files in it and they must not be overwritten.
  func prepare(overwrites: Bool, resumes: Bool) throws(TrainingError) {
    if mkdir(path, 0o755) == 0 { return }
    guard errno == EEXIST else { throw Self.failure(path) }
    try check(overwrites: overwrites, resumes: resumes)
    // Checkpoints of an earlier run would count among those of this one.
    if overwrites, !resumes { for step in try checkpoints() { RunFolder(path: checkpoint(step)).remove() } }
  }

  /// Refuses a place that is not a folder, and a folder with files that must not be overwritten. Changes nothing.
  func check(overwrites: Bool, resumes: Bool) throws(TrainingError) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFDIR else {
      throw TrainingError(
        .usage, "the output is not a folder", at: path, expected: "a folder, or a name for a new one", found: "a file",
        hint: "choose another name")
    }
    let found = try names()
    guard !overwrites, !resumes, !found.isEmpty else { return }
    throw TrainingError(
      .usage, "the folder is not empty", at: path, expected: "a new or empty folder",
      found: "\(found.count) files in it",
      hint: "choose another folder, continue its run with resume, or write over it with overwrite_output_dir")
  }

  /// Names in the folder, in order.
  func names() throws(TrainingError) -> [String] {
    do throws(JSONError) { return try FolderNames.read(path, hidden: true).sorted() } catch {
      throw TrainingError(.resources, error)
    }
  }

  /// The steps of the checkpoints, in order; none if there is no such folder.
  func checkpoints() throws(TrainingError) -> [Int] {
    guard FileBytes.exists(path) else { return [] }
    return try names().compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst("checkpoint-".count)) : nil }
      .sorted()
  }

  func checkpoint(_ step: Int) -> String { "\(path)/checkpoint-\(step)" }

  /// Writes a folder under a temporary name and renames it. An existing one is replaced.
  func write(_ name: String, _ body: (RunFolder) throws(TrainingError) -> Void) throws(TrainingError) {
    let staged = RunFolder(path: "\(path)/.\(name).partial")
    staged.remove()
    guard mkdir(staged.path, 0o755) == 0 else { throw Self.failure(staged.path) }
    do throws(TrainingError) {
      try body(staged)
    } catch {
      staged.remove()
      throw error
    }
    let target = RunFolder(path: "\(path)/\(name)")
    target.remove()
    guard rename(staged.path, target.path) == 0 else { throw Self.failure(target.path) }
  }

  /// Removes the folder and the files in it.
  func remove() {
    for name in (try? names()) ?? [] {
      let file = "\(path)/\(name)"
      if unlink(file) != 0 { RunFolder(path: file).remove() }
    }
    rmdir(path)
  }

  /// Writes a file under a temporary name and renames it.
  func write(_ bytes: [UInt8], to name: String) throws(TrainingError) {
    try replace(name) { path throws(TrainingError) in
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw Self.failure(path) }
      defer { _ = close(descriptor) }
      try Self.append(bytes, to: descriptor, path)
      guard fsync(descriptor) == 0 || errno == EINVAL else { throw Self.failure(path) }
    }
  }

  /// Writes a JSON file.
  func write(_ object: JSONObject, to name: String) throws(TrainingError) {
    try write(Array((JSONValue.object(object).serialized(pretty: true) + "\n").utf8), to: name)
  }

  /// Writes a safetensors file.
  func write(_ tensors: [(name: String, value: Tensor)], to name: String) throws(TrainingError) {
    try replace(name) { path throws(TrainingError) in
      do throws(CheckpointError) { try SafetensorsWriter.write(tensors, to: path) } catch {
        throw TrainingError(.resources, error)
      }
    }
  }

  /// Reads the tensors of a safetensors file.
  func read(_ name: String) throws(TrainingError) -> [String: Tensor] {
    do throws(CheckpointError) {
      let file = try SafetensorsFile(path: "\(path)/\(name)")
      return Dictionary(uniqueKeysWithValues: file.names.compactMap { name in file[name].map { (name, $0.tensor()) } })
    } catch {
      throw TrainingError(.model, error)
    }
  }

  /// The JSON objects of a file of lines; none if there is no such file. An incomplete last line is left out.
  func lines(_ name: String) throws(TrainingError) -> [JSONObject] {
    let file = "\(path)/\(name)"
    guard FileBytes.exists(file) else { return [] }
    do {
      let bytes = try FileBytes.read(file)
      var (objects, number) = ([JSONObject](), 0)
      let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? []
      for line in whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        number += 1
        guard !line.isEmpty else { continue }
        guard let object = try JSONValue(parsing: Array(line), path: file).object else {
          throw TrainingError(
            .data, "can't read the run", at: "\(file) line \(number)", expected: "a JSON object", found: "another value"
          )
        }
        objects.append(object)
      }
      return objects
    } catch let error as JSONError {
      throw TrainingError(.data, error)
    } catch let error as TrainingError {
      throw error
    } catch {
      throw TrainingError(.data, "can't read the run", at: file)
    }
  }

  private func replace(_ name: String, _ body: (String) throws(TrainingError) -> Void) throws(TrainingError) {
    let staged = "\(path)/.\(name).partial"
    do throws(TrainingError) {
      try body(staged)
    } catch {
      unlink(staged)
      throw error
    }
    guard rename(staged, "\(path)/\(name)") == 0 else { throw Self.failure("\(path)/\(name)") }
  }

  /// Copies the files of a model folder that are not weights or configuration.
  func copyFiles(from folder: String) throws(TrainingError) {
    for name in Self.copied where FileBytes.exists("\(folder)/\(name)") {
      let bytes: [UInt8]
      do throws(JSONError) { bytes = try FileBytes.read("\(folder)/\(name)", limit: 1 << 30) } catch {
        throw TrainingError(.model, error)
      }
      try write(bytes, to: name)
    }
  }

  /// Appends a line to a file.
  func append(_ object: JSONObject, to name: String) throws(TrainingError) {
    try append(Array((JSONValue.object(object).serialized() + "\n").utf8), to: name)
  }

  /// Appends bytes to a file.
  func append(_ bytes: [UInt8], to name: String) throws(TrainingError) {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(file) }
    defer { _ = close(descriptor) }
    try Self.append(bytes, to: descriptor, file)
  }

  private static func append(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(TrainingError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Platform.write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      written += count
    }
  }

  private static func failure(_ place: String) -> TrainingError {
    let reason = SystemReason.last
    return TrainingError(
      .resources, "can't write the run", at: place, expected: "a place that can be written", found: "\(reason)",
      hint: reason.hint(.writing))
  }
}
