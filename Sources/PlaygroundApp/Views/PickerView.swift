import EngineAPI
import TerminalUI

/// A list to choose from, narrowed by typing; beside the models, the card of the chosen one.
struct PickerView: Widget {
  var state: PlaygroundState
  var picker: Picker

  private static let cardWidth = 40

  /// The overlay's place.
  static func frame(_ state: PlaygroundState, _ picker: Picker) -> Rect {
    let bounds = Rect(size: state.size)
    let hasCard = picker.subject == .model && state.size.width >= 90
    let width = hasCard ? min(bounds.width - 4, 110) : min(bounds.width, 66)
    let most = picker.subject == .model && hasCard ? max(16, bounds.height * 2 / 3) : 22
    let wanted = hasCard ? most : min(most, state.items(Picker(subject: picker.subject)).count + 4)
    // Slivers of what lies behind say nothing.
    let isWide = bounds.width - width < 2 * leastMargin
    return bounds.centered(Size(isWide ? bounds.width : width, max(6, min(bounds.height - 2, wanted))))
  }

  /// The least columns that are left free at each side of an overlay.
  static let leastMargin = 8

  /// How many rows are seen at once.
  static func rows(_ frame: Rect) -> Int { max(1, frame.height - 4) }

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let frame = PickerView.frame(state, picker)
    let items = state.items(picker, glyphs: grid.glyphs)
    let note = items.isEmpty ? "" : "\(picker.window.selected + 1) of \(items.count)"
    let inside = grid.box(frame, title: title, right: note, focused: true)
    guard inside.height > 2 else { return }
    grid.draw(
      LineInputView(picker.filter, prompt: Span("/ ", Style(.accent)), placeholder: placeholder),
      in: inside.row(0))
    var list = Rect(inside.x, inside.y + 2, inside.width, inside.height - 2)
    if picker.subject == .model, state.size.width >= 90 {
      let parts = list.columns([.rest, .cells(2), .cells(min(PickerView.cardWidth + 8, list.width / 2))])
      list = parts[0]
      if items.indices.contains(picker.window.selected), case .model(let model) = items[picker.window.selected].choice {
        drawCard(model, in: parts[2], on: &grid)
      }
    }
    let rows = items.map { item in
      if case .model(let model) = item.choice {
        return MenuList.Item(item.name, detail: item.detail, isEnabled: model.family != nil)
      }
      return MenuList.Item(item.name, detail: item.detail)
    }
    grid.draw(MenuList(rows, window: picker.window, emptyText: "nothing matches"), in: list)
  }

  private var placeholder: String {
    switch picker.subject {
    case .model: "a name, or the path of a folder"
    case .palette: "an action, or a value: temperature 0.7"
    case .theme, .direction: "type to narrow the list"
    }
  }

  private var title: String {
    switch picker.subject {
    case .model: state.task == .generate ? "Model of \(StreamView.letter(state.generate.lead))" : "Model"
    case .theme: "Theme"
    case .direction: "Languages"
    case .palette: "All actions"
    }
  }

  /// Facts of a model, and the beginning of its card.
  private func drawCard(_ model: ModelSummary, in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let size = "\(NumberText.compact(model.parameters)) weights, \(NumberText.bytes(model.bytes)) \(model.dtype)"
    let facts = [
      "\(model.architecture), \(size)",
      model.contextLength.map { "context of \(NumberText.grouped($0)) tokens" } ?? "context without limit",
      visible(model.path, glyphs: grid.glyphs, keepsSpaces: true),
    ]
    var lines = [[Span(model.name, Style(.heading, .bold))]] + facts.map { [Span($0, Style(.dim))] } + [[]]
    lines += CardLine.lines(of: model.card, width: rect.width, limit: rect.height).map(\.spans)
    for (row, line) in lines.prefix(rect.height).enumerated() {
      grid.draw(line, at: Point(rect.x, rect.y + row), maxWidth: rect.width)
    }
  }
}
