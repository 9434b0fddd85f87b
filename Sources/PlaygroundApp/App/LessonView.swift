import EngineAPI
import TerminalUI

/// The strip of a lesson above the hints: the title, the progress and one sentence, or only the sentence if there is
/// little room.
struct LessonView: Widget {
  var state: PlaygroundState

  /// The rows of the strip.
  static let rows = 2

  func draw(in rect: Rect, on grid: inout CellGrid) {
    guard let run = state.lesson, rect.height >= LessonView.rows else { return }
    let room = rect.inset(columns: 1, rows: 0)
    let sentence = state.lessonSentence(glyphs: grid.glyphs)
    let wrapped = WrappedText(sentence, width: room.width)
    let lines = wrapped.lines.prefix(LessonView.rows).map { line in
      WrappedText.visible(line.range, of: sentence)
    }
    guard lines.count == 1, !state.shell.layout.isNarrow else {
      for (row, line) in lines.enumerated() { grid.draw(line, in: room, row: row, style: Style(.accent)) }
      return
    }
    grid.draw(
      "Lesson \(run.index + 1) of \(Lesson.count)  \(run.lesson.title)", in: room, style: Style(.accent, .bold))
    grid.draw(
      "step \(run.step + 1) of \(run.lesson.steps.count)", in: room, row: 0, alignment: .right, style: Style(.dim))
    grid.draw(lines[0], in: room, row: 1)
  }

  /// The lesson's own hints, which come before those of the pane.
  static func hints(_ state: PlaygroundState, isNarrow: Bool, glyphs: Glyphs) -> [StatusLine.Hint] {
    guard let run = state.lesson, state.shell.overlay == nil else { return [] }
    let count = "\(run.step + 1)/\(run.lesson.steps.count)"
    let words: [(Action, String)] =
      isNarrow
      ? [(.nextStep, count), (.stop, "leave")]
      : [(.nextStep, "next step"), (.previousStep, "back"), (.stop, "leave")]
    return words.compactMap { action, words in
      state.shell.keys.key(for: action, in: state.keyContext, tab: state.tab).map {
        StatusLine.Hint($0.label(glyphs: glyphs), words)
      }
    }
  }
}

extension PlaygroundState {
  /// The text of the strip: the step's sentence, or the reason why the lesson can't continue.
  func lessonSentence(glyphs: Glyphs) -> String {
    guard let run = lesson else { return "" }
    guard run.isHere(self) else {
      return spelled(
        "This lesson continues in the tab \(run.lesson.tab.title): <\(Action.open(run.lesson.tab).rawValue)>.", glyphs)
    }
    if shell.failure(current.model) != nil {
      return spelled("No model for this lesson could be opened: <model.choose> chooses one.", glyphs)
    }
    return spelled(run.shown.sentence, glyphs)
  }

  /// A sentence with keys in place of the names of actions.
  private func spelled(_ sentence: String, _ glyphs: Glyphs) -> String {
    sentence.split(separator: "<", omittingEmptySubsequences: false).enumerated().map { index, part in
      guard index > 0, let end = part.firstIndex(of: ">") else { return String(part) }
      let name = String(part[..<end])
      return (name == "model" ? current.model.name : label(Action(name), glyphs)) + part[part.index(after: end)...]
    }.joined()
  }

  /// The key of an action in the current key context, otherwise in any context that has one.
  private func label(_ action: Action, _ glyphs: Glyphs) -> String {
    let contexts = [keyContext, focus.context] + KeyContext.allCases
    let key = contexts.lazy.compactMap { shell.keys.key(for: action, in: $0, tab: tab) }.first
    return key?.label(glyphs: glyphs) ?? action.rawValue
  }

  /// The rows of the list of lessons.
  static let lessonItems: [PickerItem] = Lesson.all.enumerated().map { index, lesson in
    PickerItem(name: "\(index + 1)  \(lesson.title)", detail: lesson.tab.title.lowercased(), choice: .lesson(index))
  }
}
