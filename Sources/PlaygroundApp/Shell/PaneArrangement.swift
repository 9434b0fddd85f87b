import TerminalUI

/// Where a tab puts its panes.
struct PaneArrangement {
  /// How much room there is.
  enum Form {
    /// Panes stand side by side.
    case wide
    /// Panes stand one below the other, all framed.
    case tall
    /// One line of the prompt, the pane with the focus in a frame, and a glance at another one.
    case close
  }

  /// The room between header and hints.
  let content: Rect
  /// How much of it there is.
  let form: Form
  /// The pane that fills the room, if one does: all others are left out.
  let zoomed: Focus?
  /// The panes so far.
  private(set) var panes: [Layout.Pane] = []

  init(content: Rect, form: Form, zoomed: Focus? = nil) {
    self.content = content
    self.form = form
    self.zoomed = zoomed
  }

  /// Adds a pane, unless its place is empty.
  ///
  /// - Parameter hasPlot: whether a row above a text shows the entropy of its tokens, where there is room for it.
  mutating func add(_ focus: Focus, _ frame: Rect, framed: Bool = true, notes: Int = 0, hasPlot: Bool = false) {
    guard !frame.isEmpty, zoomed == nil || zoomed == focus else { return }
    var pane = Layout.Pane(
      focus: focus, frame: zoomed == nil ? frame : content, isFramed: framed || zoomed != nil)
    if pane.inside.height > 1 { pane.notes = notes }
    let rows = pane.inside.height - pane.notes
    if hasPlot, rows >= PaneArrangement.leastPlottedRows { pane.plot = rows >= PaneArrangement.airyRows ? 2 : 1 }
    panes.append(pane)
  }

  /// The rows inside a pane, notes left out, from which on one of them is given to a plot.
  private static let leastPlottedRows = 5
  /// The rows from which on a free line stands below the plot.
  private static let airyRows = 12
  /// The columns from which on panes stand beside the prompt at full height.
  static let columnsForFullHeight = 100
  /// The rows of text that the prompt's pane always has room for.
  private static let leastPromptRows = 3

  /// The height of a prompt's pane of so many columns: as high as its text, from three lines to `most` rows, with the
  /// frame and a free line above.
  func promptHeight(_ prompt: PromptState, width: Int, most: Int) -> Int {
    let least = min(PaneArrangement.leastPromptRows + 3, most)
    // The text is wrapped for the width of its field alone: here it would be wrapped once more.
    guard zoomed == nil else { return least }
    return min(max(prompt.editor.layout(width: width - 4).count + 3, least), most)
  }

  /// Adds two panes side by side.
  mutating func addPair(_ left: Focus, _ right: Focus, in rect: Rect) {
    let parts = rect.columns([.fraction(0.5), .rest])
    add(left, parts[0])
    add(right, parts[1])
  }

  /// The rows of the close form: the prompt, the pane with the focus, and the glance.
  func closeRows() -> [Rect] {
    let rest = content.height - 3
    let glance = max(2, rest / 3)
    return content.rows([.cells(3), .cells(rest - glance), .cells(glance)])
  }

  /// Adds panes of one kind side by side; in two rows where they would be too narrow, and only the row of `shown` where
  /// that would be too low.
  mutating func add(
    _ items: [Int], shown: Int, in rect: Rect, notes: (Int) -> Int = { _ in 0 },
    hasPlot: (Int) -> Bool = { _ in false }, focus: (Int) -> Focus
  ) {
    let columns = min(items.count, max(1, rect.width / 28))
    var lines = stride(from: 0, to: items.count, by: columns).map { Array(items[$0..<min($0 + columns, items.count)]) }
    if rect.height / lines.count < 5 {
      lines = lines.filter { $0.contains(shown) }.prefix(1).map(\.self)
    }
    for (line, row) in zip(lines, rect.rows(Array(repeating: .rest, count: lines.count))) {
      for (item, frame) in zip(line, row.equalColumns(line.count)) {
        add(focus(item), frame, notes: notes(item), hasPlot: hasPlot(item))
      }
    }
  }
}

/// A pane being drawn, and what every pane may show of what the tabs share.
struct PaneContext {
  /// Models, keys, colors and sizes.
  var shell: Shell
  /// The pane.
  var pane: Layout.Pane
  /// Whether it has the focus.
  var isFocused: Bool
  /// How many colors the terminal has.
  var colors: ColorDepth
}
