import Platform

/// Why a file or a folder could not be used: the system's error with its number, or words of our own.
public struct SystemReason: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The system's number (`errno`); nil for words of our own.
  public let code: Int32?
  /// The words: the system's message, or our own.
  public let description: String

  /// The reason for an error number.
  public init(code: Int32) {
    self.code = code
    description = String(cString: strerror(code))
  }

  /// Words of our own, without a number: `a folder`.
  public init(stringLiteral words: String) { self.init(words) }

  /// Words of our own, without a number.
  public init(_ words: String) {
    code = nil
    description = words
  }

  /// The reason of this thread's last failed call. Call it before anything else can fail.
  public static var last: SystemReason { SystemReason(code: errno) }

  /// Something is at the path already.
  public static var taken: SystemReason { SystemReason(code: EEXIST) }

  /// Whether the process or the system has run out of memory, processes or file descriptors.
  public var isShortage: Bool { code.map { [EMFILE, ENFILE, ENOMEM, EAGAIN].contains($0) } ?? false }

  /// What was done with the file.
  public enum Act: Sendable, Hashable {
    /// It was opened or read.
    case reading
    /// It was made or written.
    case writing
  }

  /// What a person can do about it: the one table from error numbers to advice.
  public func hint(_ act: Act) -> String {
    switch code {
    case EMFILE: "this process has too many open files: raise the limit with ulimit -n, then try again"
    case ENFILE: "the system has too many open files: close other programs, then try again"
    case ENOMEM: "there is too little memory: close other programs, or raise the limit that ulimit -v shows"
    case ENOENT, ENOTDIR: "check the path: a part of it does not exist or is no folder"
    case EACCES, EPERM: "check the permissions of the file and of the folders that it lies in"
    case ELOOP: "the path leads through a circle of symbolic links: give the path of the file itself"
    case ENAMETOOLONG: "give a shorter path"
    case EISDIR: "give the path of a file, not of a folder"
    case EIO, ENXIO, ESTALE: "the disk or the network drive has a fault: copy the file to another one"
    case EROFS: "the disk is read-only: choose another place"
    case ENOSPC, EDQUOT: "make room on the disk, or choose another place"
    case EFBIG: "the file is larger than the limit (ulimit -f) or the disk allows: choose another place"
    case EEXIST: "choose another name, or remove what is there"
    case EBUSY, ETXTBSY: "another program uses the file: wait until it is done"
    default: act == .reading ? "check the path and its permissions" : "check the folder and its permissions"
    }
  }
}
