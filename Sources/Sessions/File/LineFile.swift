import JSONText
import Platform
import Synchronization

/// A file to which one process at a time appends lines.
///
/// The process that writes holds a lock (`flock`), which the system releases when the process exits. If a process ends
/// in the middle of a line, the line is incomplete: ``cut(to:)`` removes it.
public final class LineFile: Sendable {
  /// How a file is opened.
  public enum Access: Sendable {
    /// For reading only.
    case reading
    /// For writing: created with these permissions if it is missing.
    case writing(permissions: mode_t)
  }

  /// What the system refused.
  public enum Problem: Error, Sendable, Equatable {
    /// The file can't be opened or read.
    case unreadable(SystemReason)
    /// The file can't be created or written.
    case unwritable(SystemReason)
  }

  /// A function like the system's `write`.
  typealias Write = @Sendable (Int32, UnsafeRawPointer?, Int) -> Int

  /// The path.
  public let path: String
  /// Whether this process holds the lock, and may write. False if another process holds it, or if the file system has
  /// no locks, so that another process could be writing.
  public let isLocked: Bool
  /// The bytes that could not be written yet, for example because the disk is full. They are written first by the next
  /// ``append(_:)`` or ``flush(synchronized:)``.
  public var unwrittenBytes: Int { rest.withLock { $0.count } }

  private let descriptor: Int32
  private let rest = Mutex<[UInt8]>([])
  /// The system's `write`; tests replace it by one that fails.
  private let system: Write
  /// The size of the parts in which a file is read, in bytes.
  private static let partBytes = 1 << 16

  /// Opens a regular file, and locks it for writing.
  public convenience init(_ path: String, _ access: Access) throws(Problem) {
    try self.init(path, access) { Platform.write($0, $1, $2) }
  }

  /// Opens a file with another function in place of the system's `write`.
  init(_ path: String, _ access: Access, system: @escaping Write) throws(Problem) {
    let common = O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    let opened: Int32
    switch access {
    case .reading:
      opened = Platform.open(path, O_RDONLY | common)
      guard opened >= 0 else { throw .unreadable(.last) }
    case .writing(let permissions):
      opened = Platform.open(path, O_RDWR | O_CREAT | common, permissions)
      guard opened >= 0 else { throw .unwritable(.last) }
    }
    var status = stat()
    guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = close(opened)
      throw .unreadable("no regular file")
    }
    var isLocked = false
    if case .writing = access {
      var result = flock(opened, LOCK_EX | LOCK_NB)
      while result != 0, errno == EINTR { result = flock(opened, LOCK_EX | LOCK_NB) }
      isLocked = result == 0
    }
    (self.path, self.isLocked, descriptor, self.system) = (path, isLocked, opened, system)
  }

  deinit { _ = close(descriptor) }

  /// The bytes from an offset on, at most 64 KiB; none at the end.
  public func part(from offset: Int) throws(Problem) -> [UInt8] {
    var reason: SystemReason?
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.partBytes) { (part, filled) in
      var count = pread(descriptor, part.baseAddress, part.count, off_t(offset))
      while count < 0, errno == EINTR { count = pread(descriptor, part.baseAddress, part.count, off_t(offset)) }
      if count < 0 { reason = .last }
      filled = max(0, count)
    }
    if let reason { throw .unreadable(reason) }
    return bytes
  }

  /// Removes what follows the first bytes, an incomplete last line. Further lines are appended there.
  public func cut(to bytes: Int) throws(Problem) {
    guard ftruncate(descriptor, off_t(bytes)) == 0, lseek(descriptor, off_t(bytes), SEEK_SET) >= 0 else {
      throw .unwritable(.last)
    }
  }

  /// Removes the file, unless its path leads to another one by now.
  func remove() {
    var (own, named) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, lstat(path, &named) == 0, own.st_dev == named.st_dev,
      own.st_ino == named.st_ino
    else { return }
    _ = unlink(path)
  }

  /// Writes everything to a new file, also what is not written yet.
  ///
  /// - Throws: ``Problem/unwritable(_:)`` if there is a file already, or why it can't be written. Then none is left.
  func copy(to path: String, permissions: mode_t) throws(Problem) {
    let copy = Platform.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    guard copy >= 0 else { throw .unwritable(.last) }
    defer { _ = close(copy) }
    do throws(Problem) {
      var offset = 0
      while true {
        let part = try self.part(from: offset)
        guard !part.isEmpty else { break }
        try put(part, to: copy)
        offset += part.count
      }
      try put(rest.withLock { $0 }, to: copy)
    } catch {
      _ = unlink(path)
      throw error
    }
  }

  private func put(_ bytes: [UInt8], to copy: Int32) throws(Problem) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Platform.write(copy, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .unwritable(.last) }
      done += count
    }
  }

  /// Appends a line to what is written by the next ``flush(synchronized:)``.
  public func append(_ line: JSONObject) {
    let text = JSONValue.object(line).serialized() + "\n"
    rest.withLock { $0 += text.utf8 }
  }

  /// Writes the lines that are not written yet. If the disk is full, they are kept.
  ///
  /// - Parameter synchronized: whether to wait until the file is on the disk.
  public func flush(synchronized: Bool = false) throws(Problem) {
    let reason = rest.withLock { rest -> SystemReason? in
      var done = 0
      defer { rest.removeFirst(done) }
      while done < rest.count {
        let count = rest[done...].withUnsafeBytes { system(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return .last }
        done += count
      }
      return synchronized && fsync(descriptor) != 0 ? .last : nil
    }
    if let reason { throw .unwritable(reason) }
  }
}

/// Splits bytes that come in parts into lines, so that only one line is in memory.
public struct LineSplitter: Sendable {
  /// The bytes after the last complete line.
  public private(set) var rest: [UInt8] = []
  /// The size of the complete lines in bytes.
  public private(set) var wholeBytes = 0

  /// A splitter at the start of a file.
  public init() {}

  /// Adds bytes, and calls `take` with each line that they complete, without its line break.
  public mutating func add<Failure: Error>(
    _ part: [UInt8], _ take: (ArraySlice<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    // The bytes so far have no line break.
    var next = rest.count
    var taken = 0
    rest += part
    while let end = lineBreak(from: next) {
      try take(rest[taken..<end])
      taken = end + 1
      next = taken
    }
    wholeBytes += taken
    rest.removeFirst(taken)
  }

  private func lineBreak(from start: Int) -> Int? {
    rest.withUnsafeBytes { bytes in
      guard start < bytes.count, let first = bytes.baseAddress,
        let found = memchr(first + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - first
    }
  }
}
