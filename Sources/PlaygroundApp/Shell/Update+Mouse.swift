import TerminalUI

extension PlaygroundState {
  /// A click gives the focus to a pane, and in a text to a token; in a list it chooses the row. The wheel moves in the
  /// pane under it.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    let layout = Layout(self)
    guard overlay == nil else {
      if event.action == .scrollUp { moveInOverlay(.up) }
      if event.action == .scrollDown { moveInOverlay(.down) }
      return []
    }
    if event.action == .press(0), layout.header.contains(event.point) {
      if let tab = HeaderView.tab(at: event.point.x, width: size.width, selected: task) { task = tab }
      return []
    }
    guard let pane = layout.panes.first(where: { $0.frame.contains(event.point) }) else { return [] }
    switch event.action {
    case .press(0): click(pane, at: event.point)
    case .scrollUp: turnWheel(pane, .up)
    case .scrollDown: turnWheel(pane, .down)
    default: break
    }
    return []
  }

  private mutating func turnWheel(_ pane: Layout.Pane, _ action: Action) {
    guard pane.focus != .prompt, focusOrder.contains(pane.focus) else { return }
    list?.isSearching = false
    focus = pane.focus
    for _ in 0..<(pane.focus == .beams ? 1 : 3) { _ = move(action) }
  }

  private mutating func click(_ pane: Layout.Pane, at point: Point) {
    guard focusOrder.contains(pane.focus) else { return }
    list?.isSearching = false
    focus = pane.focus
    let row = point.y - pane.inside.y
    switch pane.focus {
    case .prompt:
      let room = PromptView.room(pane)
      guard room.contains(point) else { return }
      prompt.editor.moveCursor(toCell: Point(point.x - room.x, point.y - room.y), in: room.size)
    case .candidates, .mask:
      guard let window = list?.window else { return }
      let target = window.top + row - CandidateColumns.headingRows(height: pane.inside.height)
      if window.visible.contains(target) { list?.window.select(target) }
    case .together:
      let window = fillMask.fillings.window
      if window.visible.contains(window.top + row) { fillMask.fillings.window.select(window.top + row) }
    case .beams:
      if let index = BeamsView.beam(at: row, of: self, in: pane) {
        translate.beams.chosen = index
        standInTranslation()
      }
    case .stream, .translation:
      guard let trace = walkedTrace else { return }
      let token = TokenFlow.token(
        at: point, of: trace, scroll: task == .generate ? generate.leading.scroll : translate.beams.scroll,
        cursor: walkedCursor, in: pane, endOfText: endOfText(trace))
      walkedCursor = token
    }
  }
}

extension TextEditor {
  /// Moves the cursor to the grapheme at a cell of a field of this size, whose first line is `top`.
  fileprivate mutating func moveCursor(toCell cell: Point, in size: Size) {
    let lines = layout(width: size.width)
    let line = lines[min(max(top + cell.y, 0), lines.count - 1)]
    var column = 0
    var offset = line.range.lowerBound
    let bytes = text.utf8.dropFirst(offset).prefix(line.range.count)
    for character in String(decoding: bytes, as: UTF8.self) {
      column += character.columnWidth
      if column > cell.x { break }
      offset += character.utf8.count
    }
    moveCursor(to: offset)
  }
}
