import EngineAPI
import TerminalUI

extension KeyContext {
  /// The labels of the text.
  static let labels = KeyContext("labels", [.pane, .rows])
  /// The text with its marks.
  static let marked = KeyContext("marked", [.pane, .rows])
  /// The list of words or entities.
  static let words = KeyContext("words", [.pane, .rows])
}

extension Focus {
  /// The labels of the text.
  static let labels = Focus(.labels)
  /// The text with its marks.
  static let marked = Focus(.marked)
  /// The list of words or entities.
  static let words = Focus(.words)
}

extension ClassifyState {
  static let contexts = [KeyContext.labels, .marked, .words]

  static let keys: [KeyBinding] = [
    .own(id, .send, "enter", in: [.prompt], .prompt, "Go to the labels or entities", hint: "labels", order: 1)
  ]

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    guard action == .send else { return nil }
    if let error = promptOverflow(shell) {
      shell.fail(error)
      return []
    }
    setFocus(isTagger ? .words : .labels)
    return rememberPrompt()
  }

  mutating func move(_ action: Action, _ shell: inout Shell) {
    switch focus {
    case .labels:
      labelWindow.move(action)
      let known = labels.answer?.labels ?? []
      chosenLabel = known.indices.contains(labelWindow.selected) ? known[labelWindow.selected].label : nil
      chooseStrongestWord()
    case .words: wordWindow.move(action)
    case .marked: walkThroughWords(action)
    default: break
    }
  }

  /// Moves to the word before or after the chosen one in the text.
  private mutating func walkThroughWords(_ action: Action) {
    let order = ClassifyState.listed(markedWords, isTagger: isTagger)
    guard order.indices.contains(wordWindow.selected) else { return }
    var window = ListWindow(count: order.count, height: wordWindow.height, selected: order[wordWindow.selected])
    switch action {
    case .left: window.move(by: -1)
    case .right: window.move(by: 1)
    default: window.move(action)
    }
    wordWindow.select(order.firstIndex(of: window.selected) ?? 0)
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    let row = point.y - pane.inside.y - LabelColumns.headingRows
    switch pane.focus {
    case .labels where labelWindow.visible.contains(labelWindow.top + row):
      labelWindow.select(labelWindow.top + row)
      let known = labels.answer?.labels ?? []
      chosenLabel = known.indices.contains(labelWindow.selected) ? known[labelWindow.selected].label : nil
      chooseStrongestWord()
    case .words where wordWindow.visible.contains(wordWindow.top + row): wordWindow.select(wordWindow.top + row)
    case .prompt: clickInPane(pane, at: point, shell)
    default: break
    }
  }
}
