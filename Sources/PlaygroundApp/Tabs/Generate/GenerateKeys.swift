import EngineAPI
import TerminalUI

extension KeyContext {
  /// A stream.
  static let stream = KeyContext("stream", [.pane, .text, .heat, .copied])
}

extension Focus {
  /// A stream, by its index from the left.
  static func stream(_ index: Int) -> Focus { Focus(.stream, index) }
}

extension Action {
  static let addStream = Action("stream.add")
  static let removeStream = Action("stream.remove")
  static let again = Action("stream.again")
  static let goOn = Action("stream.continue")
  static let step = Action("stream.step")
  static let stepBack = Action("stream.step-back")
  static let walkTogether = Action("stream.walk-together")

  /// Focuses a stream, counted from the left.
  static func goTo(stream index: Int) -> Action { Action("stream.go-to-\(index + 1)") }
}

extension GenerateState {
  static let contexts = [KeyContext.stream]

  static let keys: [KeyBinding] = ownKeys + goingTo + waterfallKeys(in: [.candidates, .stream])

  private static let ownKeys: [KeyBinding] = [
    .own(id, .send, "enter", in: [.prompt], .prompt, "Generate in every stream", hint: "generate", order: 1),
    chainKey(in: [.candidates, .stream]), samplerKey,
    .own(
      id, .promptColors, "P", in: [.candidates, .stream], .streams, promptColorsHelp, after: .heatScale,
      synonyms: ["heat of the prompt", "color the prompt", "colour the prompt"]),
    .own(id, .promptColors, "alt-c", in: [.prompt], .streams, promptColorsHelp, after: .heatScale),
    .own(
      id, .goOn, "enter", in: [.stream], .streams, "Continue at the end of the text", hint: "go on", order: 1,
      synonyms: ["continue", "more tokens", "extend"]),
    .own(
      id, .again, "r", in: [.stream, .candidates], .streams, "Another text with the next seed", hint: "again", order: 9,
      hintIn: [.stream], synonyms: ["again", "regenerate", "retry", "another seed", "redraw"]),
    .own(
      id, .addStream, "+", in: [.candidates, .stream], .streams,
      "One more stream (\(StreamState.word(StreamState.most)) at most)", hint: "stream",
      order: 12, synonyms: ["add stream", "new stream", "another stream", "compare", "split"]),
    .own(
      id, .removeStream, "-", in: [.candidates, .stream], .streams, "Close the leading stream",
      synonyms: ["remove stream", "delete stream", "close stream"]),
    .own(
      id, .step, ".", in: [.candidates, .stream], .streams,
      "The next token at the cursor, the same as in a longer text", hint: "one token", order: 7, hintIn: [.stream],
      synonyms: ["step", "next token", "single token"]),
    .own(
      id, .stepBack, ",", in: [.candidates, .stream], .streams,
      "Take the last token back, or all from the cursor on (redo brings it back)",
      synonyms: ["step back", "remove token", "delete token", "cut here"]),
    .own(
      id, .walkTogether, "w", in: [.candidates, .stream], .streams, "Walk through all streams together, or one by one",
      synonyms: ["scroll together", "link streams", "synchronize", "lock step"]),
  ]

  private static let promptColorsHelp = "Color the prompt's own tokens, too"

  /// A digit for each stream.
  private static let goingTo = (0..<min(StreamState.most, 9)).map { index in
    var line = KeyBinding.own(
      id, .goTo(stream: index), "\(index + 1)", in: [.candidates, .stream], .streams, "Go to stream A, B, C or D",
      synonyms: ["jump", "focus"])
    line.entry = "Go to stream \(StreamView.letter(index))"
    return line
  }

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    switch action {
    case .send: return generateAll(&shell)
    case .take: return takeCandidate(&shell)
    case .addStream: addStream(&shell)
    case .removeStream: return removeStream(&shell)
    case .again:
      streams[lead].seed &+= 1
      streams[lead].isSeedChosen = false
      queue(stream: lead, &shell)
    case .goOn: return goOn(&shell)
    case .step: return takeStep(stream: lead, &shell)
    case .stepBack: return takeBack(&shell)
    case .walkTogether: toggleWalk(&shell)
    case .promptColors:
      shell.colorsPrompt.toggle()
      shell.notice = "the prompt's tokens are \(shell.colorsPrompt ? "colored" : "plain")"
    case .undo, .redo:
      let isInStream = focus.context == .stream || focus == .candidates && source != .prompt && leading.run != nil
      return isInStream ? walkBranches(back: action == .undo, &shell) : nil
    default:
      guard let index = (0..<StreamState.most).first(where: { .goTo(stream: $0) == action }) else { return nil }
      goTo(stream: index, &shell)
    }
    return []
  }

  /// Gives the focus to a stream, if it exists.
  private mutating func goTo(stream index: Int, _ shell: inout Shell) {
    if streams.indices.contains(index) {
      setFocus(.stream(index))
    } else {
      shell.notice =
        "there is no stream \(StreamView.letter(index))" + shell.keyHint(.addStream, in: .stream, "adds one")
    }
  }

  /// Toggles whether the cursors of all streams move with that of the leading one.
  private mutating func toggleWalk(_ shell: inout Shell) {
    walksTogether.toggle()
    walkedCursor = walkedCursor
    shell.notice =
      walksTogether ? "the cursor moves in all streams at once" : "the cursor moves in one stream alone"
  }

  /// Inserts the selected candidate at the cursor and continues from there.
  private mutating func takeCandidate(_ shell: inout Shell) -> [Effect] {
    guard let candidate = candidateToTake(&shell) else { return [] }
    if case .stream(let index) = source, streams[index].run != nil { return branch(stream: index, candidate, &shell) }
    takeIntoPrompt(candidate, &shell)
    return []
  }

  /// Replaces the prompt's token at the position that the candidates are for.
  private mutating func takeIntoPrompt(_ candidate: Candidate, _ shell: inout Shell) {
    guard let text = String(validating: candidate.ranked.token.bytes, as: UTF8.self) else {
      shell.notice = "that token is a part of a character: it can't be inserted alone"
      return
    }
    guard answeredQuestion(shell) != nil else { return }
    let position = source == .prompt ? prompt.cursorPosition : prompt.endPosition
    let end = prompt.editor.text.utf8.count
    let range = prompt.tokens[position].flatMap { prompt.range(of: $0) } ?? end..<end
    prompt.editor.replace(range, with: text)
    shell.notice = "taken into the prompt" + (shell.promptKey(.send).map { ": \($0) there generates" } ?? "")
  }

  /// Requests the candidates for the current cursor.
  mutating func askCandidates(_ shell: inout Shell) -> [Effect] {
    if case .stream(let index) = source, let run = streams[index].run {
      let stream = streams[index]
      if run.isRunning, stream.cursor == nil {
        if let token = run.newest ?? run.trace.tokens.last {
          candidates.follow(token, vocabularySize: shell.information(run.trace.model)?.vocabularySize)
        }
        return []
      }
      let place = stream.place(endOfText: shell.endOfText(run.trace)) ?? 0
      let count = run.trace.promptCount
      return ask(
        list: 0,
        DistributionRequest(
          context: shell.tree.context(of: run.trace), position: count + place, promptCount: count,
          settings: stream.settings), &shell)
    }
    guard let question = tokenQuestion(shell) else {
      candidates.clear()
      return []
    }
    guard prompt.answers(question) else { return [] }
    if let error = tooLong(shell) {
      candidates.refuse(error)
      return []
    }
    let position = source == .prompt ? prompt.cursorPosition : prompt.endPosition
    return ask(
      list: 0,
      DistributionRequest(
        context: ModelContext(model: question.model, ids: prompt.ids), position: position, settings: leading.settings),
      &shell)
  }
}
