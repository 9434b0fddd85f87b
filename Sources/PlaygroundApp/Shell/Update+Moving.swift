import TerminalUI

extension PlaygroundState {
  /// Arrows and pages, wherever the focus or an overlay makes them count.
  mutating func move(_ action: Action) -> [Effect] {
    if overlay != nil {
      moveInOverlay(action)
      return []
    }
    switch focus {
    case .candidates where action == .left || action == .right: walk(by: action == .left ? -1 : 1)
    case .candidates, .mask:
      if action == .left || action == .right {
        moveAmongGaps(action)
      } else {
        list?.window.move(action)
      }
    case .together: fillMask.fillings.window.move(action)
    case .beams: moveAmongBeams(action)
    case .stream, .translation: moveInText(action)
    case .prompt: break
    }
    return []
  }

  private mutating func moveInText(_ action: Action) {
    switch action {
    case .left: walk(by: -1)
    case .right: walk(by: 1)
    case .up: walk(lines: -1)
    case .down: walk(lines: 1)
    case .first: walk(toEnd: false)
    case .last: walk(toEnd: true)
    case .pageUp, .pageDown:
      let rows = max(1, (Layout(self)[focus]?.inside.height ?? 1) - 1)
      walk(lines: action == .pageUp ? -rows : rows)
    default: break
    }
  }

  private mutating func moveAmongGaps(_ action: Action) {
    guard case .mask(let index) = focus else { return }
    let target = index + (action == .left ? -1 : 1)
    if fillMask.gaps.indices.contains(target) { focus = .mask(target) }
  }

  private mutating func moveAmongBeams(_ action: Action) {
    if action == .left || action == .right { return walk(by: action == .left ? -1 : 1) }
    let count = translate.beams.hypotheses.count
    guard count > 0 else { return }
    var window = ListWindow(count: count, height: count, selected: translate.beams.chosen)
    window.move(action)
    guard window.selected != translate.beams.chosen else { return }
    translate.beams.chosen = window.selected
    standInTranslation()
  }
}

extension ListWindow {
  /// Up, down, a page, to an end.
  mutating func move(_ action: Action) {
    switch action {
    case .up: move(by: -1)
    case .down: move(by: 1)
    case .pageUp: page(by: -1)
    case .pageDown: page(by: 1)
    case .first: select(0)
    case .last: select(max(0, count - 1))
    default: break
    }
  }
}
