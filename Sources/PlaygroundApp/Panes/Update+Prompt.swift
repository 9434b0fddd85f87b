import EngineAPI
import TerminalUI

extension PlaygroundState {
  /// The columns that the prompt's text has; what moves up and down go by.
  private var promptWidth: Int {
    Layout(self)[.prompt].map { PromptView.room($0).width } ?? Layout.least.width
  }

  /// A key that is no action, in the prompt: it is typed, or it moves. Up on the first line and Down on the last one
  /// walk through history.
  mutating func typeIntoPrompt(_ stroke: KeyStroke) {
    if prompt.editor.isEmpty, stroke == KeyStroke(.right) { return showExample() }
    if stroke.typedCharacter != nil, !hasRoom(for: 4) { return }
    let before = (prompt.editor.cursor, prompt.editor.changeCount)
    prompt.editor.handle(stroke, width: promptWidth)
    let isUnmoved = before == (prompt.editor.cursor, prompt.editor.changeCount)
    if isUnmoved, stroke == KeyStroke(.up) { showPrompt { $0.earlier(than: $1) } }
    if isUnmoved, stroke == KeyStroke(.down) { showPrompt { history, _ in history.later() } }
  }

  /// Shows an entry of the history, if there is one.
  mutating func showPrompt(_ step: (inout PromptHistory, String) -> String?) {
    let text = prompt.editor.text
    if let entry = step(&prompt.history, text) { prompt.editor.setText(entry) }
  }

  /// Pasted text goes where text is typed; elsewhere into the prompt, which then has the focus.
  mutating func paste(_ text: String) {
    notice = nil
    switch keyContext {
    case .search: list?.search.insert(text)
    case .picker, .models:
      if case .picker(var picker) = overlay {
        picker.filter.insert(text)
        overlay = .picker(picker)
      }
    case .help, .sampler, .card, .failure: break
    default:
      focus = .prompt
      insert(pasted: text)
    }
  }

  /// Inserts as much of a pasted text as the prompt has room for, and tells of the rest.
  private mutating func insert(pasted text: String) {
    let room = max(0, PromptState.mostBytes - prompt.editor.text.utf8.count)
    guard text.utf8.count > room else { return prompt.editor.insert(text) }
    var end = text.utf8.index(text.startIndex, offsetBy: room)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    let fitting = text[..<end]
    prompt.editor.insert(fitting)
    let left = text.utf8.count - fitting.utf8.count
    notice = "\(PromptState.fullText): \(PromptState.sizeText(left)) of the paste are left out"
  }

  /// Whether the prompt has room for so many bytes more; tells where it has not.
  private mutating func hasRoom(for bytes: Int) -> Bool {
    guard prompt.editor.text.utf8.count + bytes > PromptState.mostBytes else { return true }
    notice = PromptState.fullText
    return false
  }

  /// Takes the text that came back from an editor.
  mutating func receive(edited text: String) {
    guard text.utf8.count <= PromptState.mostBytes else {
      overlay = .failure(
        EngineError(
          .input, "prompt longer than can be edited", at: "the text from the editor",
          expected: "at most \(PromptState.sizeText(PromptState.mostBytes))",
          found: PromptState.sizeText(text.utf8.count)))
      return
    }
    prompt.editor.setText(text)
  }

  /// Puts the next of the task's examples into the prompt; undo brings back what stood there.
  mutating func showExample() {
    let examples = Examples.of(task, mask: information(fillMask.model)?.maskToken?.text, direction: translate.direction)
    let next = prompt.example % examples.count
    prompt.example = next + 1
    prompt.editor.setText(examples[next])
    focus = .prompt
  }
}

/// Prompts that show each task at its best.
enum Examples {
  /// The examples of a task, the best first; never empty.
  static func of(_ task: PlaygroundTask, mask: String?, direction: TranslationDirection) -> [String] {
    switch task {
    case .generate:
      [
        "Once upon a time, in a village by the sea, there lived a", "The king had three daughters, and the youngest",
        "\"Who is there?\" asked the old woman.", "It was a dark night, and the wolf",
      ]
    case .fillMask:
      [
        "The capital of # is #.", "Hello, my name is #.", "The # sat on the # and looked at the #.",
        "She # the door and walked # the garden.",
      ].map { $0.split(separator: "#", omittingEmptySubsequences: false).joined(separator: mask ?? "[MASK]") }
    case .translate:
      direction.source == "fr"
        ? ["Comment vas-tu ?", "Je voudrais un verre d'eau.", "Où est la gare ?"]
        : ["How are you?", "I would like a glass of water.", "Where is the station?"]
    }
  }
}
