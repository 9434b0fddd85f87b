import TerminalUI

extension PlaygroundState {
  /// A click focuses a pane and selects the token or row under the pointer. The wheel scrolls the pane under the
  /// pointer.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    guard shell.overlay == nil else {
      if event.action == .scrollUp { moveInOverlay(.up) }
      if event.action == .scrollDown { moveInOverlay(.down) }
      return []
    }
    let layout = shell.layout
    if event.action == .press(0), layout.header.contains(event.point) {
      if let tab = HeaderView.tab(at: event.point.x, width: shell.size.width, open: shell.tab) { shell.tab = tab }
      return []
    }
    guard let pane = layout.panes.first(where: { $0.frame.contains(event.point) }),
      current.focusOrder.contains(pane.focus)
    else { return [] }
    switch event.action {
    case .press(0):
      enter(pane)
      tabs[shell.tab].click(pane, at: event.point, &shell)
    case .scrollUp: turnWheel(pane, .up)
    case .scrollDown: turnWheel(pane, .down)
    default: break
    }
    return []
  }

  private mutating func enter(_ pane: Layout.Pane) {
    current.list?.isSearching = false
    focus = pane.focus
  }

  private mutating func turnWheel(_ pane: Layout.Pane, _ action: Action) {
    guard pane.focus != .prompt else { return }
    enter(pane)
    // Lists with wrapped rows move one row at a time, because their rows take several lines.
    let steps = pane.focus.context.traits.isDisjoint(with: [.list, .text, .taking]) ? 1 : 3
    for _ in 0..<steps { tabs[shell.tab].move(action, &shell) }
  }
}
