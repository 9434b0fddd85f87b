import TerminalUI

/// Where a tab puts its panes.
struct PaneArrangement {
  /// The kinds of arrangements, by the size of the area.
  enum Form {
    /// Panes are side by side.
    case wide
    /// Panes are one below the other, all framed.
    case tall
    /// One line of the prompt, the focused pane in a frame, and a short preview of another pane.
    case close
  }

  /// The area between header and hints.
  let content: Rect
  /// The arrangement for the size of the area.
  let form: Form
  /// The zoomed pane, which fills the area; `nil` if all panes are shown.
  let zoomed: Focus?
  /// The panes so far.
  private(set) var panes: [Layout.Pane] = []

  init(content: Rect, form: Form, zoomed: Focus? = nil) {
    self.content = content
    self.form = form
    self.zoomed = zoomed
  }

  /// Adds a pane, unless its frame is empty.
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

  /// The minimum number of rows inside a pane, without notes, for showing a plot.
  private static let leastPlottedRows = 5
  /// The minimum number of rows for a blank line below the plot.
  private static let airyRows = 12
  /// The minimum number of columns for full-height panes beside the prompt.
  static let columnsForFullHeight = 100
  /// The minimum number of rows of text in the prompt's pane.
  private static let leastPromptRows = 3

  /// The height of a prompt's pane at a width: the height of its text, at least three lines, plus the frame and a blank
  /// line, and at most `most` rows.
  func promptHeight(_ prompt: PromptState, width: Int, most: Int) -> Int {
    let least = min(PaneArrangement.leastPromptRows + 3, most)
    // The editor caches its text wrapped for one width. While zoomed, the field has another width, so do not wrap here.
    guard zoomed == nil else { return least }
    return min(max(prompt.editor.layout(width: width - 4).count + 3, least), most)
  }

  /// Adds two panes side by side.
  mutating func addPair(_ left: Focus, _ right: Focus, in rect: Rect) {
    let parts = rect.columns([.fraction(0.5), .rest])
    add(left, parts[0])
    add(right, parts[1])
  }

  /// The three areas of the compact layout (`Form.close`, for small terminals): the prompt, the focused pane, and a
  /// short preview of the other one, without a frame.
  func closeRows() -> [Rect] {
    let rest = content.height - 3
    // While a notice takes several rows, the framed pane keeps its three.
    let preview = min(max(2, rest / 3), max(0, rest - 3))
    return content.rows([.cells(3), .cells(rest - preview), .cells(preview)])
  }

  /// Adds panes of one kind side by side. Uses two rows if they would be too narrow; if two rows would be too low, adds
  /// only the row that contains `shown`.
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

/// The input for drawing a pane: its frame, whether it has the focus, and the shell.
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
