import EngineAPI
import TerminalUI

/// What lies over the panes.
struct OverlayView: Widget {
  var state: PlaygroundState

  func draw(in rect: Rect, on grid: inout CellGrid) {
    switch state.overlay {
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
    let width = min(72, rect.width - 4)
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
    dialog.leastMargin = PickerView.leastMargin
    grid.draw(dialog, in: rect)
  }

  /// Text as lines of a width, nothing in it that could disturb the terminal.
  private func wrap(_ text: String, width: Int) -> [String] {
    let text = visible(text, keepsSpaces: true)
    return WrappedText(text, width: width).lines.map { line in
      String(decoding: text.utf8.dropFirst(line.range.lowerBound).prefix(line.range.count), as: UTF8.self)
    }
  }
}
