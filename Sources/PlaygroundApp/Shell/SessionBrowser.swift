import Sessions
import TerminalUI

/// The overlay that lists the sessions, narrowed by typing.
public struct SessionBrowser: Sendable, Equatable {
  /// The sessions, the latest first; `nil` until they are known.
  private(set) var sessions: [SessionSummary]?
  /// The text that narrows the list.
  var filter = LineInput()
  /// The rows that match, those on the screen and the chosen one.
  var window = ListWindow()
  /// The path of the session that the next press of the key removes.
  var removing: String?

  /// The sessions that match.
  private(set) var matching: [SessionSummary] = []

  /// The chosen session.
  var chosen: SessionSummary? {
    matching.indices.contains(window.selected) ? matching[window.selected] : nil
  }

  /// Takes the list.
  mutating func take(_ sessions: [SessionSummary]) {
    self.sessions = sessions
    narrow()
  }

  /// A key that narrows the list.
  mutating func type(_ stroke: KeyStroke) {
    let before = filter.text
    filter.handle(stroke)
    guard filter.text != before else { return }
    window.select(0)
    narrow()
  }

  /// Pasted text.
  mutating func insert(_ text: String) {
    filter.insert(text)
    narrow()
  }

  private mutating func narrow() {
    matching = (sessions ?? []).filter { $0.matches(filter.text) }
    window.update(count: matching.count)
    removing = nil
  }
}
