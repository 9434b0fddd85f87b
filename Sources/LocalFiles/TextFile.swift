import JSONText
import Platform

/// Reads and writes small text files as a whole.
public enum TextFile {
  /// The text of a regular file.
  ///
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)``, ``LocalFilesError/tooLarge(path:limit:)`` or
  ///   ``LocalFilesError/notUTF8(path:offset:)``.
  public static func read(_ path: String, limit: Int) throws(LocalFilesError) -> String {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path, limit: limit)
    } catch {
      throw LocalFilesError(error, path: path, limit: limit)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .notUTF8(path: path, offset: bytes.firstInvalidUTF8Offset ?? bytes.count)
    }
    return text
  }

  /// The last bytes of a regular file, at most `limit`.
  static func tail(_ path: String, limit: Int) throws(LocalFilesError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: .last) }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "no regular file")
    }
    let size = max(0, Int(status.st_size))
    let start = max(0, size - limit)
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size - start) { (buffer, filled) in
      while count < buffer.count {
        let taken = pread(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count, off_t(start + count))
        if taken < 0, errno == EINTR { continue }
        if taken <= 0 { break }
        count += taken
      }
      filled = count
    }
    return bytes
  }

  /// Writes a file atomically, readable only by its owner, or as readable as the file that it replaces. Creates missing
  /// folders.
  /// - Parameter synchronized: Whether to wait until the file is on disk.
  ///
  /// - Throws: ``LocalFilesError/unwritable(path:reason:)``.
  public static func write(_ text: String, to path: String, synchronized: Bool = true) throws(LocalFilesError) {
    if let folder = FilePaths.parent(path) { try makeFolder(folder) }
    // Replace the target of a link, so that a configuration kept elsewhere stays a link.
    let target = FilePaths.resolvingLinks(path) ?? path
    let draft = "\(target).\(getpid()).new"
    do throws(LocalFilesError) {
      try put(
        Array(text.utf8), in: draft, flags: O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
        synchronized: synchronized)
      var status = stat()
      if stat(target, &status) == 0 { _ = chmod(draft, status.st_mode & 0o777) }
      guard rename(draft, target) == 0 else { throw systemError(target) }
    } catch {
      unlink(draft)
      throw error
    }
  }

  /// Removes temporary files that `write` left in a folder when its process ended early.
  /// - Parameter isGone: Whether a process has ended.
  static func removeLeftovers(in folder: String, of isGone: (Int) -> Bool) {
    for name in (try? FolderListing.names(folder)) ?? [] where name.hasSuffix(".new") {
      guard let writer = name.dropLast(4).split(separator: ".").last.flatMap({ Int($0) }), isGone(writer) else {
        continue
      }
      unlink(FilePaths.join(folder, name))
    }
  }

  /// Appends text to a file in one write, so that two processes do not mix their lines. Creates missing folders.
  ///
  /// - Throws: ``LocalFilesError/unwritable(path:reason:)``.
  public static func append(_ text: String, to path: String) throws(LocalFilesError) {
    if let folder = FilePaths.parent(path) { try makeFolder(folder) }
    try put(Array(text.utf8), in: path, flags: O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, synchronized: false)
  }

  /// Creates a folder and its missing parents, accessible only to their owner.
  static func makeFolder(_ path: String) throws(LocalFilesError) {
    if FilePaths.kind(path) == .folder { return }
    if let parent = FilePaths.parent(path) { try makeFolder(parent) }
    guard mkdir(path, 0o700) == 0 || FilePaths.kind(path) == .folder else { throw systemError(path) }
  }

  private static func put(
    _ bytes: [UInt8], in path: String, flags: Int32, synchronized: Bool
  ) throws(LocalFilesError) {
    let descriptor = open(path, flags, 0o600)
    guard descriptor >= 0 else { throw systemError(path) }
    defer { _ = close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw systemError(path) }
      rest = rest.dropFirst(written)
    }
    if synchronized, fsync(descriptor) != 0 { throw systemError(path) }
  }

  private static func systemError(_ path: String) -> LocalFilesError {
    .unwritable(path: path, reason: .last)
  }

  /// The system's `write`, which this type's own function shadows.
  private static func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    Platform.write(descriptor, start, count)
  }
}

extension [UInt8] {
  /// The offset of the first ill-formed UTF-8 sequence; `nil` if the bytes are UTF-8.
  public var firstInvalidUTF8Offset: Int? {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar): offset += scalar.count
      case .error: return offset
      case .emptyInput: return nil
      }
    }
  }
}
