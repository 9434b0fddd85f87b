import EngineAPI
import TerminalUI

/// What lies over the panes.
struct OverlayView: Widget {
  var state: PlaygroundState

  /// The least columns and rows that an overlay leaves free around it; where it can't, it covers all but the tabs and
  /// the hints.
  static let margin = Size(8, 3)

  /// Where overlays lie: the whole screen but the tabs and the hints.
  static func room(_ bounds: Rect) -> Rect {
    Rect(bounds.x, bounds.y + 1, bounds.width, bounds.height - 2)
  }

  /// The rectangle of an overlay of this preferred size.
  static func place(_ size: Size, in bounds: Rect) -> Rect {
    let room = room(bounds)
    let isWhole = room.width - size.width < 2 * margin.width || room.height - size.height < 2 * margin.height
    return isWhole ? room : room.centered(size)
  }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    switch state.shell.overlay {
    case .help(let top): grid.draw(HelpView(state: state, top: top), in: rect)
    case .sampler(let panel): grid.draw(SamplerView(state: state, panel: panel), in: rect)
    case .picker(let picker): grid.draw(PickerView(state: state, picker: picker), in: rect)
    case .card(let card): grid.draw(CardView(card: card), in: rect)
    case .failure(let error): grid.draw(FailureView(error: error), in: rect)
    case nil: break
    }
  }
}

/// What went wrong: what, where, expected, found, and what to do.
struct FailureView: Widget {
  var error: EngineError

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let room = OverlayView.room(rect)
    let narrow = room.width - 2 * OverlayView.margin.width - 4
    let width = min(72, narrow >= 48 ? narrow : room.width - 4)
    var lines: [[Span]] = []
    let facts = [
      ("where", error.place), ("expected", error.expected), ("found", error.found), ("hint", error.hint),
    ]
    for line in wrap(error.what, width: width) { lines.append([Span(line)]) }
    if facts.contains(where: { $0.1 != nil }) { lines.append([]) }
    for (name, fact) in facts {
      guard let fact else { continue }
      for (index, line) in wrap(fact, width: max(8, width - 10)).enumerated() {
        let label = index == 0 ? name : ""
        lines.append([
          Span(label + String(repeating: " ", count: 10 - label.count), Style(.dim)),
          Span(line, Style(name == "hint" ? .accent : .text)),
        ])
      }
    }
    var dialog = Dialog(title: "Error", lines: lines, footer: "any key closes", isError: true)
    dialog.margin = OverlayView.margin
    // Any key closes it: it is not scrolled, so it takes all rows that it needs.
    grid.draw(dialog, in: lines.count + 4 > room.height ? rect : room)
  }

  /// Text as lines of a width, nothing in it that could disturb the terminal.
  private func wrap(_ text: String, width: Int) -> [String] {
    let text = visible(text, keepsSpaces: true)
    return WrappedText(text, width: width).lines.map { line in
      WrappedText.visible(line.range, of: text)
    }
  }
}
