import JSONText
import Platform
import Synchronization

/// A session on disk: JSON Lines, to which records are appended as the session grows.
///
/// Each record is one line. If the program ends in the middle of a line, only this line is lost: it is dropped when the
/// file is opened again. One process at a time can write; it holds a lock (`flock`), which is released when the process
/// exits. Others can read.
public final class SessionFile: Sendable {
  /// The format's version.
  public static let format = 1
  /// The longest line that is read, in bytes.
  static let mostLineBytes = 256 << 20

  /// The path.
  public let path: String
  /// Whether the file is open for reading only: as requested, because another process is writing it, or because it is
  /// write-protected.
  public let isReadOnly: Bool
  /// The bytes that could not be written yet, for example because the disk is full. They are written first by the next
  /// ``append(_:)`` or ``flush(synchronized:)``.
  public var unwrittenBytes: Int { rest.withLock { $0.count } }

  private let descriptor: Int32
  private let rest = Mutex<[UInt8]>([])
  /// The system's `write`; tests replace it by one that fails.
  private let system: Write

  /// A function like the system's `write`.
  typealias Write = @Sendable (Int32, UnsafeRawPointer?, Int) -> Int

  private init(path: String, descriptor: Int32, isReadOnly: Bool, system: @escaping Write) {
    (self.path, self.descriptor, self.isReadOnly, self.system) = (path, descriptor, isReadOnly, system)
  }

  deinit { _ = close(descriptor) }

  /// How a session is opened.
  public enum Access: Sendable {
    /// For reading only.
    case reading
    /// For writing; for reading only if another process is writing it or it is write-protected.
    case writing
  }

  /// Opens a session. For writing, creates it if the file is missing or empty.
  ///
  /// - Parameter created: the time of creation for a new session.
  /// - Returns: the file and the session in it. The session's tree records its changes from here on.
  public static func open(
    _ path: String, _ access: Access, created: String? = nil
  ) throws(SessionError) -> (file: SessionFile, session: Session) {
    try open(path, access, created: created) { Platform.write($0, $1, $2) }
  }

  /// Opens a session with another function in place of the system's `write`.
  static func open(
    _ path: String, _ access: Access, created: String? = nil, system: @escaping Write
  ) throws(SessionError) -> (file: SessionFile, session: Session) {
    let file = try descriptor(path, access, system)
    var reader = SessionReader(path: path)
    var session = Session(created: created)
    try reader.read(file.descriptor, into: &session)
    if !file.isReadOnly { try file.begin(reader, session) }
    session.tree.startRecording()
    return (file, session)
  }

  /// Reads a session from the start of its file.
  ///
  /// - Parameter goesOn: whether to go on after this number of bytes; asked after each part of the file.
  static func read(
    _ path: String, into session: inout Session, while goesOn: (Int, Session) -> Bool
  ) throws(SessionError) {
    let file = try descriptor(path, .reading) { Platform.write($0, $1, $2) }
    var reader = SessionReader(path: path)
    try reader.read(file.descriptor, into: &session, while: goesOn)
  }

  /// Opens and locks the file.
  private static func descriptor(
    _ path: String, _ access: Access, _ system: @escaping Write
  ) throws(SessionError) -> SessionFile {
    let common = O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    var isReadOnly = access == .reading
    var descriptor: Int32 = -1
    if !isReadOnly {
      descriptor = Platform.open(path, O_RDWR | O_CREAT | common, 0o600)
      if descriptor < 0 {
        let reason = SystemReason.last
        // A write-protected file can still be read.
        guard [EACCES, EROFS, EPERM].contains(reason.code ?? 0), Platform.access(path, R_OK) == 0 else {
          throw .unwritable(path: path, reason: reason)
        }
        isReadOnly = true
      }
    }
    if isReadOnly { descriptor = Platform.open(path, O_RDONLY | common) }
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: .last) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      _ = close(descriptor)
      throw .unreadable(path: path, reason: "no regular file")
    }
    if !isReadOnly {
      var result = flock(descriptor, LOCK_EX | LOCK_NB)
      while result != 0, errno == EINTR { result = flock(descriptor, LOCK_EX | LOCK_NB) }
      // Another process holds the lock, or the file system has no locks, so another process could be writing.
      if result != 0 { isReadOnly = true }
    }
    return SessionFile(path: path, descriptor: descriptor, isReadOnly: isReadOnly, system: system)
  }

  /// Drops an incomplete last line, and writes the first line of a new session.
  private func begin(_ reader: SessionReader, _ session: Session) throws(SessionError) {
    guard ftruncate(descriptor, off_t(reader.wholeBytes)) == 0,
      lseek(descriptor, off_t(reader.wholeBytes), SEEK_SET) >= 0
    else { throw .unwritable(path: path, reason: .last) }
    guard reader.lines == 0 else { return }
    var header: JSONObject = ["type": "session", "format": .integer(SessionFile.format), "program": "triptych"]
    header["created"] = session.created.map { JSONValue($0) }
    put(header)
    try flush()
  }

  private func put(_ line: JSONObject) {
    let text = JSONValue.object(line).serialized() + "\n"
    rest.withLock { $0 += text.utf8 }
  }

  /// Appends records and writes them. If the disk is full, the records are kept and written by the next call.
  ///
  /// - Throws: ``SessionError/unwritable(path:reason:)`` or ``SessionError/readOnly(path:)``.
  public func append(_ records: [SessionRecord]) throws(SessionError) {
    guard !isReadOnly else { throw .readOnly(path: path) }
    for record in records { put(record.json) }
    try flush()
  }

  /// Writes the records that are not written yet.
  ///
  /// - Parameter synchronized: whether to wait until the file is on the disk.
  public func flush(synchronized: Bool = false) throws(SessionError) {
    guard !isReadOnly else { return }
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
    if let reason { throw .unwritable(path: path, reason: reason) }
  }
}
