import Dispatch
import Platform
import Synchronization

/// A program that runs in the foreground of the terminal.
///
/// It stays in this process group, because otherwise it could not read from the terminal. Signals have their default
/// actions in it.
final class ChildProcess: Sendable {
  /// How the program ended.
  enum Status: Sendable, Equatable {
    /// It exited with this code.
    case exited(Int32)
    /// A signal ended it.
    case signaled(Int32)
    /// It could not be started; the value is the system's error number.
    case failed(Int32)
  }

  private let number: pid_t
  /// False after the child has been waited for; from then on the system may reuse its process id.
  private let isOurs = Mutex(true)

  /// Runs a program and waits for it. The first argument is its name or path. Canceling the task sends SIGTERM to it.
  static func run(_ arguments: [String]) async -> Status {
    var number: pid_t = 0
    let code = spawn(arguments, &number)
    guard code == 0 else { return .failed(code) }
    let child = ChildProcess(number)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: child.wait()) }
      }
    } onCancel: {
      child.terminate()
    }
  }

  private init(_ number: pid_t) { self.number = number }

  private func terminate() {
    isOurs.withLock { if $0 { kill(number, SIGTERM) } }
  }

  private func wait() -> Status {
    var information = siginfo_t()
    while waitid(P_PID, id_t(number), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return isOurs.withLock { isOurs in
      isOurs = false
      var status: Int32 = 0
      while waitpid(number, &status, 0) < 0 {
        if errno != EINTR { return .failed(errno) }
      }
      // The low seven bits are the signal, 0 for a normal end; the next byte is the exit code.
      let signal = status & 0x7F
      return signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
    }
  }

  private static func spawn(_ arguments: [String], _ number: inout pid_t) -> Int32 {
    #if canImport(Darwin)
      var attributes: posix_spawnattr_t?
    #else
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    guard let name = words.first ?? nil else { return EINVAL }
    #if canImport(Darwin)
      let environment = _NSGetEnviron().pointee
    #else
      let environment = environ
    #endif
    return posix_spawnp(&number, name, nil, &attributes, words, environment)
  }
}
