import Foundation
import TestSupport

/// A run of the program with arbitrary bytes as arguments and any kind of standard streams, which Foundation's
/// `Process` does not support.
struct SpawnedProgram {
  /// A standard stream.
  enum Stream {
    /// A file, opened for reading or writing.
    case file(String)
    /// Closed.
    case closed
  }

  /// How a run ended.
  enum Ending: Equatable {
    case exited(Int32)
    case signaled(Int32)
    /// It was killed at the time limit.
    case hung
  }

  var arguments: [[UInt8]]
  var input: Stream
  var output: Stream
  var errors: Stream
  /// The working folder, and `TRIPTYCH_HOME`.
  var folder: String

  /// Runs to the end or to the time limit.
  func run(limit: Duration) throws -> Ending {
    #if os(Linux)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, stream) in [input, output, errors].enumerated() {
      switch stream {
      case .closed: posix_spawn_file_actions_addclose(&actions, Int32(number))
      case .file(let path):
        let flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, Int32(number), path, flags, 0o600)
      }
    }
    var argv: [UnsafeMutablePointer<CChar>?] =
      (Self.shell + [Array(folder.utf8), Array(Program.path.utf8)] + arguments).map { bytes in
        (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { $0.baseAddress.flatMap { strdup($0) } }
      }
    let variables = Program.environment.merging(["TRIPTYCH_HOME": folder]) { $1 }
    var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") }
    argv.append(nil)
    environment.append(nil)
    defer { for text in argv + environment { free(text) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/bin/sh", &actions, nil, argv, environment)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EINVAL) }
    return Self.wait(for: process, limit: limit)
  }

  /// A shell changes the folder, which `posix_spawn` can't do on every system, and executes the program.
  private static let shell = ["sh", "-c", #"cd "$0" && exec "$@""#].map { Array($0.utf8) }

  /// Waits for the end; kills the process at the time limit.
  private static func wait(for process: pid_t, limit: Duration) -> Ending {
    let isOver = DispatchSemaphore(value: 0)
    let status = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    nonisolated(unsafe) let shared = status
    defer { status.deallocate() }
    Thread.detachNewThread {
      while waitpid(process, shared, 0) < 0, errno == EINTR {}
      isOver.signal()
    }
    let isHung = isOver.wait(timeout: .now() + .seconds(Int(limit.components.seconds))) == .timedOut
    if isHung {
      kill(process, SIGKILL)
      isOver.wait()
      return .hung
    }
    let code = status.pointee
    return code & 0x7F == 0 ? .exited(code >> 8 & 0xFF) : .signaled(code & 0x7F)
  }
}
