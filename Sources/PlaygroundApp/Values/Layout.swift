import TerminalUI

/// The rectangles of everything on the screen. Used for drawing, for mouse events, and to compute the number of visible
/// rows of a list. The shell keeps the layout of the current state.
struct Layout: Sendable, Equatable {
  /// The smallest terminal that the playground is drawn on.
  static let least = Size(40, 12)

  /// A pane and its rectangle.
  struct Pane: Sendable, Equatable {
    /// The pane's focus value, which identifies it.
    var focus: Focus
    /// Its cells, the border included.
    var frame: Rect
    /// Whether it has a border.
    var isFramed: Bool
    /// The rows above a stream's text that say what an old text was made from.
    var notes = 0
    /// The rows above a stream's text, and above the notes, that show the entropy of its tokens: the plot, and a free
    /// line where there is room for it.
    var plot = 0

    /// The rows and columns inside the border.
    var inside: Rect { isFramed ? frame.inset() : frame }
  }

  /// The header: the tabs and the model.
  var header = Rect(size: .zero)
  /// The panes on the screen, in the order of Tab: from left to right, from top to bottom.
  var panes: [Pane] = []
  /// What the colors mean; empty if there is no room.
  var legend = Rect(size: .zero)
  /// The sentence of a lesson; empty if none is open.
  var strip = Rect(size: .zero)
  /// The hints for keys.
  var hints = Rect(size: .zero)
  /// The notice: the row of the hints and, if it needs more rows, those above. In a lesson the rows above the lesson, and
  /// the lesson's own if these are too few.
  var notice = Rect(size: .zero)
  /// Whether there is little room: words are shortened.
  var isNarrow = false

  /// The pane with this focus value, if it is on the screen.
  subscript(focus: Focus) -> Pane? { panes.first { $0.focus == focus } }

  /// No panes.
  init() {}
}
