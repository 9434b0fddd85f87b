import TerminalUI

/// The form that starts a run. What is wrong with a value stands beside it.
struct TrainFormView: Widget {
  var tab: TrainState
  var context: PaneContext

  /// The columns of the words before the values.
  private static let labelWidth = 20

  func draw(in rect: Rect, on grid: inout CellGrid) {
    var window = tab.form.window
    window.update(height: max(1, rect.height - 2))
    let isWhole = window.visible.count == TrainField.all.count
    let note = isWhole ? "" : window.footer(glyphs: grid.glyphs)
    let inside = grid.box(rect, title: "New run", right: note, focused: context.isFocused, padded: false)
    for (row, index) in window.visible.enumerated() where row < inside.height {
      draw(index, isChosen: index == window.selected, in: inside.row(row), on: &grid)
    }
  }

  private func draw(_ index: Int, isChosen: Bool, in line: Rect, on grid: inout CellGrid) {
    let field = TrainField.all[index]
    let ground: Role? = isChosen ? .selection : nil
    if isChosen {
      grid.fill(line, style: Style(on: .selection))
      grid.draw(grid.glyphs.chosen, at: line.origin, style: Style(.accent, on: ground))
    }
    let label = min(TrainFormView.labelWidth, line.width / 2)
    let error = tab.form.errors[index]
    grid.draw(
      field.label, at: Point(line.x + 2, line.y), style: Style(error == nil ? .dim : .error, on: ground),
      maxWidth: max(0, label - 3), truncation: .tail)
    var room = Rect(line.x + label, line.y, line.width - label - 1, 1)
    if let error {
      // The value keeps at least a third of the row.
      let text = "\(grid.glyphs.cross) \(error)".fitted(
        to: max(8, room.width * 2 / 3), .tail, mark: grid.glyphs.ellipsis)
      grid.draw(text, in: room, alignment: .right, style: Style(.error, on: ground))
      room = Rect(room.x, room.y, max(0, room.width - text.columnWidth - 1), 1)
    }
    guard !room.isEmpty else { return }
    let input = tab.form.inputs[index]
    let value = tab.form.value(index)
    if !field.choices.isEmpty {
      let glyphs = grid.glyphs
      let text = isChosen && context.isFocused ? "\(glyphs.left) \(value) \(glyphs.right)" : value
      let style = Style(input.text.isEmpty && !isChosen ? .dim : .text, on: ground)
      grid.draw(text, at: room.origin, style: style, maxWidth: room.width, truncation: .tail)
    } else if isChosen, context.isFocused {
      var view = LineInputView(input, placeholder: field.initial)
      view.isFocused = true
      grid.draw(view, in: room)
      grid.shade(room, background: .selection)
    } else {
      let text = value.isEmpty ? field.isNeeded ? "needed" : field.initial : value
      grid.draw(
        visible(text, glyphs: grid.glyphs, keepsSpaces: true), at: room.origin,
        style: Style(value.isEmpty ? .dim : .text, on: ground), maxWidth: room.width, truncation: .tail)
    }
  }
}

/// The meaning of the chosen line of the form.
struct TrainAboutView: Widget {
  var tab: TrainState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    let field = tab.form.field
    var inside = rect.inset(columns: 1, rows: 0)
    let name = field.name == "more" ? "TrainingArguments" : field.name
    if context.pane.isFramed { inside = grid.box(rect, title: field.label, right: name) }
    guard !inside.isEmpty else { return }
    var text = field.help
    let value = tab.form.value(tab.form.window.selected)
    if let meaning = TrainField.meanings[value] {
      grid.draw("\(value): \(meaning)", in: inside)
      inside = Rect(inside.x, inside.y + 1, inside.width, inside.height - 1)
    }
    if !field.choices.isEmpty { text += ": " + field.choices.joined(separator: ", ") }
    if let error = tab.form.errors[tab.form.window.selected] {
      let problem = "\(grid.glyphs.cross) \(error)"
      let lines = WrappedText(problem, width: inside.width).lines.prefix(inside.height)
      for (row, line) in lines.enumerated() {
        grid.draw(WrappedText.visible(line.range, of: problem), in: inside, row: row, style: Style(.error))
      }
      inside = Rect(inside.x, inside.y + lines.count, inside.width, inside.height - lines.count)
    }
    grid.draw(DimLines(text), in: inside)
  }
}

/// A value that is typed above the panes.
struct TrainEntryView: Widget {
  var tab: TrainState
  var context: PaneContext

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard let entry = tab.entry else { return }
    let note = tab.openingVersion == nil ? "" : "reading"
    let inside = grid.box(rect, title: entry.title, right: note, focused: context.isFocused)
    guard !inside.isEmpty else { return }
    grid.draw(LineInputView(entry.input, isFocused: context.isFocused), in: inside.row(0))
    if let problem = entry.problem {
      grid.draw("\(grid.glyphs.cross) \(problem)", in: inside, row: 1, style: Style(.error))
    } else {
      grid.draw(entry.help, in: inside, row: 1, style: Style(.dim))
    }
    if inside.height == 1, let problem = entry.problem {
      let text = "\(grid.glyphs.cross) \(problem)"
      if entry.input.text.columnWidth + text.columnWidth + 2 <= inside.width {
        grid.draw(text, in: inside, alignment: .right, style: Style(.error))
      }
    }
  }
}
