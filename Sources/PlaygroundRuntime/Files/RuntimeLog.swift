import LocalFiles
import Logging

/// A log for debugging. Written to `triptych.log` in the state folder if `TRIPTYCH_LOG` names a level (`debug`, `info`,
/// …). It never contains text that the user typed.
struct RuntimeLog: Sendable {
  private let logger: Logger?

  /// No log.
  static let none = RuntimeLog(logger: nil)

  private init(logger: Logger?) { self.logger = logger }

  /// Creates the log that the environment requests.
  init(_ environment: ProcessEnvironment, clock: any RuntimeClock) {
    guard let wish = environment["TRIPTYCH_LOG"], wish != "0", let state = UserFolders(environment).state else {
      self = .none
      return
    }
    var logger = Logger(label: "triptych") { _ in FileLogHandler(path: state + "/triptych.log", clock: clock) }
    logger.logLevel = Logger.Level(rawValue: wish.lowercased()) ?? .debug
    self.init(logger: logger)
  }

  func debug(_ text: @autoclosure () -> String) { logger?.debug("\(text())") }
  func info(_ text: @autoclosure () -> String) { logger?.info("\(text())") }
}

/// Appends lines to a file. Lines that can't be written are dropped.
struct FileLogHandler: LogHandler {
  let path: String
  let clock: any RuntimeClock
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  init(path: String, clock: any RuntimeClock) {
    self.path = path
    self.clock = clock
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let milliseconds = Int(clock.now * 1000)
    try? TextFile.append("\(milliseconds) ms \(event.level) \(event.message)\n", to: path)
  }
}
