/// A pane that can have the focus: its kind, and which of several of its kind. Which panes stand on the screen depends
/// on the tab and the terminal's size.
struct Focus: Sendable, Hashable {
  /// The kind, and so the keys that count in it.
  var context: KeyContext
  /// Its place among the panes of its kind.
  var index = 0

  /// A pane of a kind.
  init(_ context: KeyContext, _ index: Int = 0) {
    self.context = context
    self.index = index
  }

  /// The prompt.
  static let prompt = Focus(.prompt)
  /// The candidates, of a tab that has one list.
  static let candidates = Focus(.candidates)
}
