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
  /// The notice: the row of the hints and, if it needs more rows, those above. In a lesson the rows above the lesson,
  /// and the lesson's own if these are too few.
  var notice = Rect(size: .zero)
  /// The sampler chain, while it is open: in the place of the prompt, or over all panes.
  var sampler = Rect(size: .zero)
  /// Whether there is little room: words are shortened.
  var isNarrow = false

  /// The pane with this focus value, if it is on the screen.
  subscript(focus: Focus) -> Pane? { panes.first { $0.focus == focus } }

  /// No panes.
  init() {}

  /// The part of a screen of a size that overlays may use: all rows but a lesson's sentence and a notice.
  func overlayBounds(in size: Size) -> Rect {
    let noticeRows = max(0, hints.y - strip.height - notice.y)
    return Rect(0, 0, size.width, max(0, size.height - strip.height - noticeRows))
  }

  /// The minimum height of a framed pane that shows a text, in rows.
  static let leastRows = 5

  /// Moves the upper edge of panes that an overlay covers in part below it, so that their titles stay visible. Panes
  /// that it covers whole stay as they are.
  mutating func makeRoom(above overlay: Rect) {
    for (index, pane) in panes.enumerated() {
      let frame = pane.frame
      let isBeside = frame.maxX <= overlay.x || overlay.maxX <= frame.x
      guard !isBeside, overlay.y <= frame.y, frame.y < overlay.maxY, overlay.maxY < frame.maxY else { continue }
      panes[index].frame = Rect(frame.x, overlay.maxY, frame.width, frame.maxY - overlay.maxY)
      if panes[index].inside.height < pane.notes + pane.plot + 3 { panes[index].plot = 0 }
      if panes[index].inside.height < pane.notes + 2 { panes[index].notes = 0 }
    }
  }
}
