import Synchronization
import TerminalUI

/// One line on a terminal that says how far something is, and is gone when other text is written. It is not shown while
/// a text stands in the middle of a line, which it would overwrite.
final class ProgressLine: Sendable {
  private let sink: (any OutputSink)?
  private let columns: Int
  private let text: TextLine
  /// What stands on the line, so that it is written only when it changes.
  private let shown = Mutex<String?>(nil)

  /// - Parameters:
  ///   - sink: the terminal; `nil` says nothing at all.
  ///   - text: the text on the same terminal.
  init(sink: (any OutputSink)?, columns: Int, after text: TextLine) {
    self.sink = sink
    self.columns = columns
    self.text = text
  }

  /// Shows how far `title` is.
  func show(_ title: String, _ fraction: Double) {
    guard let sink, !text.isOpen else { return }
    let percent = NumberText.wholePercent(fraction)
    let bar = Bar.text(fraction, width: 20)
    let padding = String(repeating: " ", count: 20 - bar.columnWidth)
    let line = "\(title.onOneLine) \(bar)\(padding) \(percent)".fitted(to: max(1, columns - 1))
    shown.withLock { shown in
      guard shown != line else { return }
      shown = line
      try? sink.write(Array("\r\u{1B}[K\(line)".utf8))
    }
  }

  /// Takes the line away.
  func clear() {
    guard let sink else { return }
    shown.withLock { shown in
      guard shown != nil else { return }
      shown = nil
      try? sink.write(Array("\r\u{1B}[K".utf8))
    }
  }
}
