import EngineAPI
import TerminalUI

/// The open overlay.
struct OverlayView: Widget {
  var state: PlaygroundState
  /// The color depth of the terminal.
  var colors = ColorDepth.trueColor

  /// The minimum margin around an overlay, in columns and rows. If the screen is too small for it, the overlay covers
  /// everything between header and hints.
  static let margin = Size(8, 3)

  /// The area for overlays: the screen without the tabs and the hints.
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
    case .sessions(let browser): grid.draw(SessionsView(state: state, browser: browser), in: rect)
    case .card(let card): grid.draw(CardView(card: card), in: rect)
    case .reading:
      if let reading = state.shell.reading {
        grid.draw(ReadingView(reading: reading, shell: state.shell, colors: colors), in: rect)
      }
    case .failure(let error):
      if let reading = state.shell.reading {
        grid.draw(ReadingView(reading: reading, shell: state.shell, colors: colors), in: rect)
      }
      grid.draw(FailureView(error: error), in: rect)
    case nil: break
    }
  }
}

/// Shows an error: what failed, where, what was expected and found, and a hint.
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
    // Any key closes it, so it cannot be scrolled and must show all its rows.
    grid.draw(dialog, in: lines.count + 4 > room.height ? rect : room)
  }

  /// Wraps text to a width and replaces control characters by visible ones.
  private func wrap(_ text: String, width: Int) -> [String] {
    let text = visible(text, keepsSpaces: true)
    return WrappedText(text, width: width).lines.map { line in
      WrappedText.visible(line.range, of: text)
    }
  }
}
