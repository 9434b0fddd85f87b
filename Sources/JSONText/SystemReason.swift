import Platform

/// Why a file or folder could not be used: a system error with its number, or a message of this program.
public struct SystemReason: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The system's error number (`errno`); nil for a message of this program.
  public let code: Int32?
  /// The text of the message.
  public let description: String

  /// The reason for an error number.
  public init(code: Int32) {
    self.code = code
    description = String(cString: strerror(code))
  }

  /// A message of this program, without a number: `a folder`.
  public init(stringLiteral words: String) { self.init(words) }

  /// A message of this program, without a number.
  public init(_ words: String) {
    code = nil
    description = words
  }

  /// The reason for this thread's last failed system call. Read it before making another call.
  public static var last: SystemReason { SystemReason(code: errno) }

  /// The path already exists.
  public static var taken: SystemReason { SystemReason(code: EEXIST) }

  /// Whether the process or the system ran out of file descriptors or memory. Then nothing is known about the file:
  /// code that takes an unreadable file for a missing one must report this instead.
  public var isShortage: Bool { code == EMFILE || code == ENFILE || code == ENOMEM }

  /// The attempted operation.
  public enum Act: Sendable, Hashable {
    /// Opening or reading.
    case reading
    /// Creating or writing.
    case writing
  }

  /// A suggestion for the user, by error number. All file errors use this table.
  public func hint(_ act: Act) -> String {
    switch code {
    case EMFILE: "this process has too many open files: raise the limit with ulimit -n, then try again"
    case ENFILE: "the system has too many open files: close other programs, then try again"
    case ENOMEM: "there is too little memory: close other programs, or raise the limit that ulimit -v shows"
    case ENOENT, ENOTDIR: "check the path: a part of it does not exist or is not a folder"
    case EACCES, EPERM: "check the permissions of the file and of the folders that contain it"
    case ELOOP: "the path leads through a loop of symbolic links: give the path of the file itself"
    case ENAMETOOLONG: "give a shorter path"
    case EISDIR: "give the path of a file, not of a folder"
    case EIO, ENXIO, ESTALE: "the disk or the network drive has a fault: copy the file to another disk"
    case EROFS: "the disk is read-only: choose another place"
    case ENOSPC, EDQUOT: "make room on the disk, or choose another place"
    case EFBIG: "the file is larger than the limit (ulimit -f) or the disk allows: choose another place"
    case EEXIST: "choose another name, or remove what is there"
    case EBUSY, ETXTBSY: "another program uses the file: wait until it is done"
    default: act == .reading ? "check the path and its permissions" : "check the folder and its permissions"
    }
  }
}
