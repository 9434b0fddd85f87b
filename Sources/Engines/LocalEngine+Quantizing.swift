import EngineAPI
import JSONText
import Models
import Tensors
import Platform

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Converts models to a number format and writes them to folders that open without conversion.
extension LocalEngine: Quantizing {
  /// Writes a model to a folder. The folder is complete afterwards or, after an error, unchanged.
  public func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult {
    if let format = request.model.format, format != request.format {
      throw EngineError(
        .usage, "two number formats", at: "model '\(request.model)'", expected: format.rawValue,
        found: request.format.rawValue)
    }
    guard NumberFormat.uniform.contains(request.format) else {
      throw EngineError(
        .usage, "not a format of packed weights", at: "model '\(request.model)'",
        expected: NumberFormat.uniform.map(\.rawValue).joined(separator: ", "), found: request.format.rawValue)
    }
    let source = try catalog.resolve(request.model).path
    let target = try StagedFolder(path: request.output, replaces: request.replaces, source: source)
    do throws(EngineError) {
      let result = try Self.write(request, source: source, into: target, progress)
      try target.finish()
      return result
    } catch {
      target.discard()
      throw error
    }
  }

  /// The fraction of the progress for packing; the rest is for writing.
  private static let packingShare = 0.5

  private static func write(
    _ request: QuantizeRequest, source: String, into target: StagedFolder,
    _ progress: @escaping @Sendable (LoadProgress) -> Void
  ) throws(EngineError) -> QuantizeResult {
    do {
      progress(LoadProgress(fraction: 0, step: "reading"))
      let packer = try ModelPacker(folder: source, format: request.format) {
        progress(LoadProgress(fraction: $0 * packingShare, step: "packing"))
      }
      let isWhole = try packer.writeWeights(to: target.path) { written in
        progress(LoadProgress(fraction: packingShare + written * (1 - packingShare), step: "writing"))
        return !Task.isCancelled
      }
      guard isWhole, !Task.isCancelled else { throw EngineError.cancelled }
      for file in otherFiles { try target.copy(file, from: source) }
      try target.write(packer.configurationText, to: ModelPacker.configurationFile)
      // Check that the new folder opens, before the user deletes the original.
      let made = try ModelDescription(folder: target.path)
      progress(LoadProgress(fraction: 1, step: "done"))
      return QuantizeResult(
        format: request.format, bytes: made.bytes ?? 0, sourceBytes: packer.source.bytes ?? 0, path: request.output)
    } catch {
      throw EngineError(any: error)
    }
  }

  /// The other files of a model folder, which are copied.
  private static let otherFiles = [
    "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "spiece.model", "source.spm", "target.spm",
    "sentencepiece.bpe.model", "README.md", "LICENSE",
  ]
}

/// A folder that is filled under a temporary name next to its final path and renamed when complete, so that it is never
/// visible half-written.
final class StagedFolder {
  /// The temporary path.
  let path: String
  private let target: String
  /// The path to which a replaced folder is moved.
  private let aside: String
  private let replacesFolder: Bool

  /// Creates the temporary folder.
  /// - Parameters:
  ///   - path: the final path.
  ///   - replaces: whether an existing model folder at `path` may be replaced.
  ///   - source: the folder that is being converted; it is never replaced.
  /// - Throws: `EngineError` if something at `path` must not be replaced, or the folder can't be created.
  init(path: String, replaces: Bool, source: String) throws(EngineError) {
    let target = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
    let slash = target.lastIndex(of: "/")
    let parent = slash.map { String(target[...$0]) } ?? ""
    let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
    guard !name.isEmpty, name != ".", name != "..", !target.utf8.contains(0) else {
      throw Self.failure(path, expected: "the path of a new folder", found: "'\(path)'")
    }
    self.target = target
    self.path = "\(parent).\(name).partial-\(getpid())"
    aside = "\(parent).\(name).replaced-\(getpid())"
    replacesFolder = try Self.checkPlace(target, replaces: replaces, source: source)
    guard mkdir(self.path, 0o755) == 0 else {
      throw Self.failure(path, expected: "a place where a folder can be made", because: .last)
    }
  }

  /// Copies a file from another folder, if it exists there.
  func copy(_ name: String, from folder: String) throws(EngineError) {
    let file = folder + "/" + name
    guard FileBytes.exists(file) else { return }
    let bytes: [UInt8]
    do throws(JSONError) {
      bytes = try FileBytes.read(file, limit: Self.largestFile)
    } catch {
      throw EngineError(.model, error)
    }
    try write(bytes, to: name)
  }

  /// The maximum size of a copied file, in bytes; far above that of a tokenizer with a million tokens.
  private static let largestFile = 1 << 30

  /// Writes a text file.
  func write(_ text: String, to name: String) throws(EngineError) { try write(Array(text.utf8), to: name) }

  private func write(_ bytes: [UInt8], to name: String) throws(EngineError) {
    let file = path + "/" + name
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    var written = descriptor < 0 ? -1 : 0
    while (0..<bytes.count).contains(written) {
      let count = bytes.withUnsafeBytes { Self.systemWrite(descriptor, $0[written...]) }
      if count < 0, errno == EINTR { continue }
      written = count > 0 ? written + count : -1
    }
    let reason = SystemReason.last
    if descriptor >= 0 { _ = close(descriptor) }
    guard written == bytes.count else {
      throw Self.failure(file, expected: "a file that can be written", because: reason)
    }
  }

  /// The system's `write`, which is hidden by this type's function of the same name.
  private static func systemWrite(_ descriptor: Int32, _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes)
    return Platform.write(descriptor, bytes.baseAddress, bytes.count)
  }

  /// Moves the folder to its final path.
  func finish() throws(EngineError) {
    if replacesFolder, rename(target, aside) != 0 {
      throw Self.failure(target, expected: "a folder that can be replaced", because: .last)
    }
    guard rename(path, target) == 0 else {
      let reason = SystemReason.last
      if replacesFolder { _ = rename(aside, target) }
      throw Self.failure(target, expected: "a place for the folder", because: reason)
    }
    if replacesFolder { Self.remove(aside) }
  }

  /// Removes the temporary folder.
  func discard() { Self.remove(path) }

  private static func remove(_ folder: String) {
    // If it can't be removed, its name shows what it is.
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Whether there is a folder to replace. Throws if it must not be replaced.
  private static func checkPlace(_ target: String, replaces: Bool, source: String) throws(EngineError) -> Bool {
    var status = stat()
    guard lstat(target, &status) == 0 else { return false }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw failure(
        target, expected: "no file of this name", found: "one", hint: "choose another folder", settings: [.outputFolder]
      )
    }
    let names: [String]
    do throws(JSONError) {
      names = try FolderNames.read(target, hidden: true)
    } catch {
      throw EngineError(.resources, error)
    }
    guard !names.isEmpty else { return false }
    guard replaces else {
      throw failure(
        target, expected: "a new or empty folder", found: "\(names.count) files in it",
        hint: "choose another folder, or replace the model there", settings: [.outputFolder, .replacing])
    }
    var other = stat()
    if stat(source, &other) == 0, other.st_dev == status.st_dev, other.st_ino == status.st_ino {
      throw failure(
        target, expected: "another folder than the model's own", found: "the same",
        hint: "choose another folder", settings: [.outputFolder])
    }
    // Replace model folders only, so that a mistyped path can't delete other files.
    guard names.contains("config.json"), names.allSatisfy({ isRegularFile(target + "/" + $0) }) else {
      throw failure(
        target, expected: "a model folder to replace", found: "a folder of other files",
        hint: "choose another folder", settings: [.outputFolder])
    }
    return true
  }

  private static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  private static func failure(_ place: String, expected: String, because reason: SystemReason) -> EngineError {
    failure(place, expected: expected, found: "\(reason)", hint: reason.hint(.writing))
  }

  private static func failure(
    _ place: String, expected: String, found: String, hint: String? = nil, settings: [EngineSetting] = []
  ) -> EngineError {
    EngineError(
      .resources, "can't write the folder", at: place, expected: expected, found: found, hint: hint,
      settings: settings)
  }
}
