import EngineAPI
import Sessions
import TerminalUI

/// A tab's prompt: typing, pasting, history, examples, and its tokens.
extension Tab {
  /// Handles a key in the prompt that is not bound to an action: types or moves the cursor. Up on the first line and
  /// Down on the last line move through the history.
  mutating func typeIntoPrompt(_ stroke: KeyStroke, _ shell: inout Shell) {
    if prompt.editor.isEmpty, stroke == KeyStroke(.right) { return showExample(shell) }
    if stroke.typedCharacter != nil, !hasRoom(for: 4, &shell) { return }
    switch EditorCommand(standard: stroke) {
    case .undo: return walkVersions(back: true, &shell)
    case .redo: return walkVersions(back: false, &shell)
    default: break
    }
    let before = (prompt.editor.cursor, prompt.editor.changeCount)
    let width = shell.layout[.prompt].map { PromptView.room($0).width } ?? Layout.least.width
    prompt.editor.handle(stroke, width: width)
    let isUnmoved = before == (prompt.editor.cursor, prompt.editor.changeCount)
    if isUnmoved, stroke == KeyStroke(.up) { showPrompt { $0.earlier(than: $1) } }
    if isUnmoved, stroke == KeyStroke(.down) { showPrompt { history, _ in history.later() } }
  }

  /// Goes to the version of the prompt before the last edit, or to the one that was undone last.
  mutating func walkVersions(back: Bool, _ shell: inout Shell) {
    prompt.record(in: &shell.tree, model: model)
    let edit = prompt.writer.flatMap { back ? shell.tree.undoEdit($0) : shell.tree.redoEdit($0) }
    if let edit { prompt.editor.perform(edit) } else { shell.notice = "nothing to \(back ? "undo" : "redo")" }
  }

  /// Shows an entry of the history, if there is one.
  mutating func showPrompt(_ step: (inout PromptHistory, String) -> String?) {
    let text = prompt.editor.text
    if let entry = step(&prompt.history, text) { prompt.editor.setText(entry) }
  }

  /// Adds the prompt to the history. Returns the effect that saves it if it is new.
  mutating func rememberPrompt() -> [Effect] {
    let text = prompt.editor.text
    let isNew = !text.isEmpty && prompt.history.entries.last != text
    prompt.history.add(text)
    return isNew ? [.remember(Self.id, prompt: text)] : []
  }

  /// Inserts as much of a pasted text as the prompt has room for, and shows a notice if some is left out.
  mutating func insert(pasted text: String, _ shell: inout Shell) {
    let room = max(0, PromptState.mostBytes - prompt.editor.text.utf8.count)
    guard text.utf8.count > room else { return prompt.editor.insert(text) }
    var end = text.utf8.index(text.startIndex, offsetBy: room)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    let fitting = text[..<end]
    prompt.editor.insert(fitting)
    let left = text.utf8.count - fitting.utf8.count
    shell.notice = "\(PromptState.fullText): \(PromptState.sizeText(left)) of the paste are left out"
  }

  /// Whether the prompt has room for this many more bytes; shows a notice if not.
  private func hasRoom(for bytes: Int, _ shell: inout Shell) -> Bool {
    guard prompt.editor.text.utf8.count + bytes > PromptState.mostBytes else { return true }
    shell.notice = PromptState.fullText
    return false
  }

  /// Takes the text that came back from an editor.
  mutating func receive(edited text: String, _ shell: inout Shell) {
    guard text.utf8.count <= PromptState.mostBytes else {
      shell.fail(
        EngineError(
          .input, "prompt longer than can be edited", at: "the text from the editor",
          expected: "at most \(PromptState.sizeText(PromptState.mostBytes))",
          found: PromptState.sizeText(text.utf8.count)))
      return
    }
    prompt.editor.setText(text)
  }

  /// Puts the next of the tab's examples into the prompt; undo restores the previous text.
  mutating func showExample(_ shell: Shell) {
    let examples = examples(shell)
    guard !examples.isEmpty else { return }
    let next = prompt.example % examples.count
    prompt.example = next + 1
    prompt.editor.setText(examples[next])
    setFocus(.prompt)
  }

  // MARK: Tokens

  /// The tokenization request for the current prompt; `nil` while the model or its prefix is not available.
  func tokenQuestion(_ shell: Shell) -> TokenQuestion? {
    guard shell.information(model) != nil, let prefix = promptPrefix else { return nil }
    return TokenQuestion(prefix: prefix, text: prompt.editor.text, model: model)
  }

  /// The request that the prompt's tokens answer; `nil` while the tokens of the current text are unknown.
  func answeredQuestion(_ shell: Shell) -> TokenQuestion? {
    tokenQuestion(shell).flatMap { prompt.answers($0) ? $0 : nil }
  }

  /// Requests the prompt's tokens if they are not known.
  mutating func askTokens(_ shell: inout Shell) -> [Effect] {
    guard let question = tokenQuestion(shell), prompt.asked != question else { return [] }
    let version = shell.nextVersion()
    prompt.asked = question
    prompt.awaited = version
    prompt.failure = nil
    return [
      .tokenize(
        Ticket(.tokens(Self.id), version: version), text: question.prefix + question.text, model: question.model)
    ]
  }

  /// The error if the prompt has more tokens than the context. Checked here, because asking the engine would send the
  /// whole text at each key press.
  func tooLong(_ shell: Shell) -> EngineError? {
    guard let limit = shell.information(model)?.contextLength, prompt.tokens.count > limit else { return nil }
    return EngineError(
      .input, "the prompt is too long", at: "model '\(model)'", expected: "at most \(limit) tokens",
      found: "\(prompt.tokens.count)", hint: "shorten it, or open a model with a longer context")
  }

  /// Why the prompt is too long to be sent, as far as its tokens are known.
  func promptOverflow(_ shell: Shell) -> EngineError? {
    answeredQuestion(shell) == nil ? nil : shell.overflow(prompt.tokens.count, of: model, among: models)
  }

  /// Draws the prompt.
  func drawPrompt(
    _ context: PaneContext, title: String = "Prompt", note: String = "", loudToken: Int? = nil, on grid: inout CellGrid
  ) {
    grid.draw(
      PromptView(
        prompt: prompt, context: context, title: title, note: note, loudToken: loudToken,
        information: context.shell.information(model),
        isTooLong: context.shell.overflow(prompt.tokens.count, of: model, among: models) != nil,
        examples: prompt.editor.isEmpty ? examples(context.shell) : []), in: context.pane.frame)
  }
}

extension PromptState {
  /// Puts the changes since the last call into the tree as versions of the prompt.
  ///
  /// - Parameter model: the model that the prompt is written for.
  mutating func record(in tree: inout SessionTree, model: ModelReference) {
    guard editor.hasChanges else { return }
    let changes = editor.takeChanges()
    let known = writer.flatMap { tree.cursors[$0] == nil ? nil : $0 }
    let writer = known ?? tree.beginDraft(text(before: changes), model: model)
    self.writer = writer
    for change in changes { tree.record(change, at: writer, model: model) }
  }

  /// The text before the given changes, which are its latest ones.
  private func text(before changes: [TextChange]) -> String {
    changes.reversed().reduce(editor.text) { $1.edit.inverse.applied(to: $0) ?? $0 }
  }

  /// Takes the tokens, if they are the awaited ones.
  mutating func receive(_ result: Result<TokenizedText, EngineError>, version: Int) {
    guard awaited == version, let asked else { return }
    awaited = nil
    switch result {
    case .success(let tokens):
      self.tokens = tokens
      tokenizedText = asked.text
      prefixLength = asked.prefix.utf8.count
    case .failure(let error):
      tokens = TokenizedText()
      tokenizedText = ""
      failure = error
    }
  }
}

extension TextEditor {
  /// Moves the cursor to the grapheme at a cell of a field of this size, whose first line is `top`.
  mutating func moveCursor(toCell cell: Point, in size: Size) {
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
