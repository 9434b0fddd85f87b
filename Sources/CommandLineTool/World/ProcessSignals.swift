import Dispatch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The signals of this process as a stream.
enum ProcessSignals {
  /// Takes over SIGHUP, SIGINT and SIGTERM until the stream is left.
  ///
  /// SIGHUP stays ignored where it was when the program started: that is how `nohup` works.
  static func stream() -> AsyncStream<EndSignal> {
    let (stream, continuation) = AsyncStream<EndSignal>.makeStream()
    let sources = EndSignal.allCases.compactMap { endSignal -> (any DispatchSourceSignal)? in
      if endSignal == .hangUp, isIgnored(endSignal) { return nil }
      // A dispatch source only sees signals that nothing else acts on.
      signal(endSignal.rawValue, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: endSignal.rawValue, queue: .global(qos: .userInteractive))
      source.setEventHandler { continuation.yield(endSignal) }
      source.resume()
      return source
    }
    let kept = KeptSources(sources)
    continuation.onTermination = { _ in kept.cancel() }
    return stream
  }

  /// Makes writing into a closed pipe an error instead of the program's end.
  static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }

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

/// Holds dispatch sources as long as the stream that they feed. They are only cancelled, once, which is thread-safe.
private final class KeptSources: @unchecked Sendable {
  private let sources: [any DispatchSourceSignal]

  init(_ sources: [any DispatchSourceSignal]) { self.sources = sources }

  func cancel() { for source in sources { source.cancel() } }
}
