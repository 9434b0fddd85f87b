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
  public static let mostLineBytes = 256 << 20

  /// The path.
  public let path: String
  /// Whether the file is open for reading only: as requested, because another process is writing it, or because it is
  /// write-protected.
  public let isReadOnly: Bool
  /// The bytes that could not be written yet, for example because the disk is full. They are written first by the next
  /// ``append(_:)`` or ``flush(synchronized:)``.
  public var unwrittenBytes: Int { file.unwrittenBytes }

  private let file: LineFile
  /// Whether opening has made the file, and nothing but its first line is in it.
  private let isEmpty: Mutex<Bool>

  private init(_ file: LineFile, isNew: Bool) {
    self.file = file
    (path, isReadOnly) = (file.path, !file.isLocked)
    isEmpty = Mutex(isNew && file.isLocked)
  }

  /// A new session without a text leaves no file.
  deinit { if isEmpty.withLock({ $0 }) { file.remove() } }

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
    _ path: String, _ access: Access, created: String? = nil, system: @escaping LineFile.Write
  ) throws(SessionError) -> (file: SessionFile, session: Session) {
    let isNew = Platform.access(path, F_OK) != 0
    let file = SessionFile(try lines(path, access, system), isNew: isNew)
    var reader = SessionReader(path: path)
    var session = Session(created: created)
    try reader.read(file.file, into: &session)
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
    let file = try lines(path, .reading) { Platform.write($0, $1, $2) }
    var reader = SessionReader(path: path)
    try reader.read(file, into: &session, while: goesOn)
  }

  /// Opens and locks the file. A write-protected file is opened for reading.
  private static func lines(
    _ path: String, _ access: Access, _ system: @escaping LineFile.Write
  ) throws(SessionError) -> LineFile {
    do {
      guard access == .writing else { return try LineFile(path, .reading, system: system) }
      do {
        return try LineFile(path, .writing(permissions: 0o600), system: system)
      } catch .unwritable(let reason)
        where [EACCES, EROFS, EPERM].contains(reason.code ?? 0) && Platform.access(path, R_OK) == 0
      {
        return try LineFile(path, .reading, system: system)
      }
    } catch {
      throw SessionError(error, path: path)
    }
  }

  /// Drops an incomplete last line, and writes the first line of a new session.
  private func begin(_ reader: SessionReader, _ session: Session) throws(SessionError) {
    do {
      try file.cut(to: reader.wholeBytes)
    } catch {
      throw SessionError(error, path: path)
    }
    guard reader.lines == 0 else { return }
    var header: JSONObject = ["type": "session", "format": .integer(SessionFile.format), "program": "triptych"]
    header["created"] = session.created.map { JSONValue($0) }
    file.append(header)
    try flush()
  }

  /// Appends records and writes them. If the disk is full, the records are kept and written by the next call.
  ///
  /// - Throws: ``SessionError/unwritable(path:reason:)`` or ``SessionError/readOnly(path:)``.
  public func append(_ records: [SessionRecord]) throws(SessionError) {
    guard !isReadOnly else { throw .readOnly(path: path) }
    if !records.isEmpty { isEmpty.withLock { $0 = false } }
    for record in records { file.append(record.json) }
    try flush()
  }

  /// Writes everything to a new file, also what is not written yet, for example because the disk is full.
  ///
  /// - Throws: ``SessionError/unwritable(path:reason:)``, also if there is a file of this path.
  public func copy(to path: String) throws(SessionError) {
    do {
      try file.copy(to: path, permissions: 0o600)
    } catch {
      throw SessionError(error, path: path)
    }
  }

  /// Writes the records that are not written yet.
  ///
  /// - Parameter synchronized: whether to wait until the file is on the disk.
  public func flush(synchronized: Bool = false) throws(SessionError) {
    guard !isReadOnly else { return }
    do {
      try file.flush(synchronized: synchronized)
    } catch {
      throw SessionError(error, path: path)
    }
  }
}

extension SessionError {
  /// A problem of the file of a session.
  init(_ problem: LineFile.Problem, path: String) {
    switch problem {
    case .unreadable(let reason): self = .unreadable(path: path, reason: reason)
    case .unwritable(let reason): self = .unwritable(path: path, reason: reason)
    }
  }
}
