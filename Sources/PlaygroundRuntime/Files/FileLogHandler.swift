import LocalFiles
import Logging

/// Appends lines to a file; what can't be written is dropped.
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
