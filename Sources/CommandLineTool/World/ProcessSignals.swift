import Platform
import Synchronization

/// A signal that asks the program to end.
public enum EndSignal: Int32, Sendable, Hashable, CaseIterable {
  /// SIGHUP: the terminal was closed.
  case hangUp = 1
  /// SIGINT: Ctrl-C.
  case interrupt = 2
  /// SIGTERM: a request to terminate.
  case terminate = 15

  /// The exit code for a program that this signal ended.
  public var exitCode: Int32 { 128 + rawValue }
}

/// The write end of the signal handler's pipe; -1 before it exists. A handler may use only atomics and system calls.
private let writingEnd = Atomic<Int32>(-1)

/// The signals of this process as a stream.
///
/// A handler writes each signal's number into a pipe, and a thread reads the pipe. A dispatch source would be shorter,
/// but it starts receiving signals only some time after its creation, and a signal before that would be lost.
enum ProcessSignals {
  /// Handles SIGHUP, SIGINT and SIGTERM until the process ends. Called once.
  ///
  /// SIGHUP stays ignored if it was ignored at start, as `nohup` needs. If no file descriptor or thread is available,
  /// the signals keep their default action and the stream is empty. The handlers are therefore installed last, after
  /// the listening thread has started.
  static func stream() -> AsyncStream<EndSignal> {
    let (stream, continuation) = AsyncStream<EndSignal>.makeStream()
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      // Clear errno: a trap later must not be reported as a lack of descriptors.
      errno = 0
      continuation.finish()
      return stream
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    guard startThread(Listener(readingEnd: ends[0], continuation: continuation)) else {
      for end in ends { _ = close(end) }
      errno = 0
      continuation.finish()
      return stream
    }
    writingEnd.store(ends[1], ordering: .sequentiallyConsistent)
    for endSignal in EndSignal.allCases where endSignal != .hangUp || !isIgnored(endSignal) {
      signal(endSignal.rawValue) { number in
        let kept = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(writingEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = kept
      }
    }
    return stream
  }

  /// Starts the listening thread. Dispatch is not used, because it does not report a failure to create a thread.
  private static func startThread(_ listener: Listener) -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 1 << 18)
    let context = Unmanaged.passRetained(listener)
    #if canImport(Darwin)
      var thread: pthread_t?
      let result = pthread_create(&thread, &attributes, { Listener.run($0) }, context.toOpaque())
    #else
      var thread = pthread_t()
      let result = pthread_create(&thread, &attributes, { Listener.run($0) }, context.toOpaque())
    #endif
    if result != 0 { context.release() }
    return result == 0
  }

  /// Makes writing to a closed pipe an error instead of ending the program.
  static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

  /// Reads the pipe until it is closed.
  private final class Listener: Sendable {
    let readingEnd: Int32
    let continuation: AsyncStream<EndSignal>.Continuation

    init(readingEnd: Int32, continuation: AsyncStream<EndSignal>.Continuation) {
      self.readingEnd = readingEnd
      self.continuation = continuation
    }

    /// The body of the thread.
    static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
      context.map { Unmanaged<Listener>.fromOpaque($0).takeRetainedValue().listen() }
      return nil
    }

    /// Dispatch threads block signals, and the parent process may have blocked them too. This thread unblocks them, so
    /// that one thread always receives them.
    private func listen() {
      var signals = sigset_t()
      sigemptyset(&signals)
      for endSignal in EndSignal.allCases { sigaddset(&signals, endSignal.rawValue) }
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      while true {
        var byte: UInt8 = 0
        let count = read(readingEnd, &byte, 1)
        if count == 1, let endSignal = EndSignal(rawValue: Int32(byte)) { continuation.yield(endSignal) }
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      continuation.finish()
    }
  }

  private static func isIgnored(_ endSignal: EndSignal) -> Bool {
    var action = sigaction()
    guard sigaction(endSignal.rawValue, nil, &action) == 0 else { return false }
    #if canImport(Darwin)
      let handler = unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
    #else
      let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    #endif
    return handler == 1  // SIG_IGN, which is not a function and can't be compared as one
  }
}

/// The first signal that asked the program to end.
final class ReceivedSignal: Sendable {
  private let signal = Mutex<EndSignal?>(nil)

  /// The first signal, if any.
  var first: EndSignal? { signal.withLock { $0 } }

  /// Records a signal. Returns whether it is the first.
  func note(_ new: EndSignal) -> Bool {
    signal.withLock { signal in
      guard signal == nil else { return false }
      signal = new
      return true
    }
  }
}

/// A value that several tasks may provide and one task awaits. The first value counts; later ones are dropped.
final class OneShot<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case waiting(CheckedContinuation<Value, Never>)
    case full(Value)
    case taken
  }

  private let state = Mutex<State>(.empty)

  /// Provides the value, unless there is one already.
  func give(_ value: Value) {
    let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
      switch state {
      case .empty:
        state = .full(value)
        return nil
      case .waiting(let continuation):
        state = .taken
        return continuation
      case .full, .taken:
        return nil
      }
    }
    waiting?.resume(returning: value)
  }

  /// Waits for the value. Only one task may wait, once.
  func take() async -> Value {
    await withCheckedContinuation { continuation in
      let value: Value? = state.withLock { state in
        guard case .full(let value) = state else {
          state = .waiting(continuation)
          return nil
        }
        state = .taken
        return value
      }
      if let value { continuation.resume(returning: value) }
    }
  }
}
