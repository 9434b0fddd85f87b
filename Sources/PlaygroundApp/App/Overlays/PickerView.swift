import EngineAPI
import TerminalUI

/// A list to choose from, narrowed by typing; beside the models, the card of the chosen one.
struct PickerView: Widget {
  var state: PlaygroundState
  var picker: Picker

  private static let cardWidth = 40
  /// The rows for the whole words of the chosen action where the list is too narrow for some of them, and the width
  /// from which on it isn't.
  private static let (wordsRows, roomyWidth) = (3, 66)

  /// The overlay's rectangle.
  static func frame(_ state: PlaygroundState, _ picker: Picker) -> Rect {
    let bounds = state.shell.overlayBounds
    if hasCardBeside(state, picker) {
      let width = max(84, min(bounds.width - 2 * OverlayView.margin.width, 110))
      return OverlayView.place(Size(width, max(16, bounds.height * 2 / 3)), in: bounds)
    }
    let width =
      switch picker.subject {
      case .model, .palette, .presets, .presetName, .exportName, .sessionFile, .leaving: 66
      case .own(let name): state.current.entry(" ", in: name, state.shell) == nil ? 48 : 66
      case .theme, .lessons: 48
      }
    let rows = state.items(Picker(subject: picker.subject)).count
    return OverlayView.place(Size(width, min(22, max(6, rows + 4))), in: bounds)
  }

  private static func hasCardBeside(_ state: PlaygroundState, _ picker: Picker) -> Bool {
    picker.subject == .model && state.shell.size.width >= 90
  }

  /// The number of visible rows. In a high frame, a list of models has at most half of the height; the rest shows the
  /// card of the chosen model.
  static func rows(_ state: PlaygroundState, _ picker: Picker) -> Int {
    let frame = frame(state, picker)
    let height = frame.height - 4
    if picker.subject == .palette, frame.width < roomyWidth { return max(1, height - wordsRows) }
    guard picker.subject == .model, !hasCardBeside(state, picker), height >= 12 else { return max(1, height) }
    return min(height / 2, max(4, state.shell.models.count))
  }

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
    let rowCount = PickerView.rows(state, picker)
    if picker.subject == .palette, rowCount < list.height {
      let words = Rect(list.x + 2, list.y + rowCount, max(0, list.width - 2), list.height - rowCount)
      list = Rect(list.x, list.y, list.width, rowCount)
      if items.indices.contains(picker.window.selected) {
        let name = items[picker.window.selected].name
        if name.columnWidth + 2 > list.width { grid.draw(DimLines(name), in: words) }
      }
    } else if rowCount < list.height {
      let card = Rect(list.x, list.y + rowCount + 1, list.width, list.height - rowCount - 1)
      list = Rect(list.x, list.y, list.width, rowCount)
      if items.indices.contains(picker.window.selected), case .model(let model) = items[picker.window.selected].choice {
        drawCard(model, in: card, on: &grid)
      }
    } else if PickerView.hasCardBeside(state, picker) {
      let parts = list.columns([.rest, .cells(2), .cells(min(PickerView.cardWidth + 8, list.width / 2))])
      list = parts[0]
      if items.indices.contains(picker.window.selected), case .model(let model) = items[picker.window.selected].choice {
        drawCard(model, in: parts[2], on: &grid)
      }
    }
    let rows = items.map { item in
      if case .model(let model) = item.choice {
        return MenuList.Item(item.name, detail: item.detail, isEnabled: model.canOpen)
      }
      // Draw rows that cannot be chosen in another style.
      if case .problem(let problem) = item.choice {
        return MenuList.Item("\(grid.glyphs.cross) \(problem)", detail: item.detail, isEnabled: false)
      }
      return MenuList.Item(item.name, detail: item.detail)
    }
    grid.draw(MenuList(rows, window: picker.window, emptyText: "nothing matches"), in: list)
  }

  private var placeholder: String {
    switch picker.subject {
    case .model: "a name, or the path of a folder"
    case .palette: "an action, or a value: temperature 0.7"
    case .presetName: "a name for the sampler settings"
    case .exportName: "a file name; its ending says in which form: tale.html"
    case .sessionFile: "a new file for the session"
    case .own(let name) where state.current.entry(" ", in: name, state.shell) != nil:
      state.current.entryHint(in: name) ?? "type, or choose from the list"
    case .theme, .lessons, .own, .presets, .leaving: "type to narrow the list"
    }
  }

  private var title: String {
    switch picker.subject {
    case .model: state.current.modelTitle
    case .presets: "Sampler settings by name"
    case .presetName: "Save the sampler settings"
    case .exportName: "Export the session, or a picture of the screen"
    case .sessionFile: "Save the session in another file"
    case .leaving: "Not saved: \(state.ownSession.problem ?? "the file can't be written")"
    case .theme: "Theme"
    case .lessons: "Lessons"
    case .own(let name): name
    case .palette: "All actions"
    }
  }

  /// Facts of a model, and the beginning of its card.
  private func drawCard(_ model: ModelSummary, in rect: Rect, on grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let weights = model.parameters.map { "\(NumberText.compact($0)) weights" } ?? "size not known"
    let bytes = model.bytes.map { [NumberText.bytes($0), model.dtype].compactMap(\.self).joined(separator: " ") }
    let context =
      switch model.context {
      case .tokens(let limit): "context of \(NumberText.grouped(limit)) tokens"
      case .unlimited: "context without limit"
      case .unknown: "context not known"
      }
    let facts = [
      ([model.architecture, weights] + [bytes].compactMap(\.self)).joined(separator: ", "), context,
      visible(model.path, glyphs: grid.glyphs, keepsSpaces: true),
    ]
    var lines = [[Span(model.name, Style(.heading, .bold))]]
    if let reason = model.reason {
      let sentence = "can't open: " + visible(reason, glyphs: grid.glyphs, keepsSpaces: true)
      lines += CardText.wrap([Span(sentence, Style(.warning))], width: rect.width).map(\.spans)
    }
    // If the files can't be read, only the path is known.
    lines += facts.suffix(model.architecture.isEmpty ? 1 : 3).map { [Span($0, Style(.dim))] } + [[]]
    lines += CardLine.lines(of: model, width: rect.width, limit: rect.height).map(\.spans)
    for (row, line) in lines.prefix(rect.height).enumerated() {
      grid.draw(line, at: Point(rect.x, rect.y + row), maxWidth: rect.width)
    }
  }
}
