import EngineAPI
import Sessions
import TerminalUI

extension KeyContext {
  /// The dialogue.
  static let turns = KeyContext("turns", [.pane, .text, .heat, .copied])
  /// What the model reads.
  static let seen = KeyContext("seen", [.pane, .copied])
  /// One of several answers side by side.
  static let answer = KeyContext("answer", [.pane, .text, .heat, .copied])
}

extension Focus {
  /// The dialogue.
  static let turns = Focus(.turns)
  /// What the model reads.
  static let seen = Focus(.seen)

  /// One of several answers side by side.
  static func answer(_ index: Int) -> Focus { Focus(.answer, index) }
}

extension Action {
  static let continueAnswer = Action("chat.continue")
  static let retryAnswer = Action("chat.retry")
  static let editTurn = Action("chat.edit")
  static let earlierAnswer = Action("chat.earlier-answer")
  static let laterAnswer = Action("chat.later-answer")
  static let newDialogue = Action("chat.new")
  static let answerColors = Action("chat.colors")
  static let seen = Action("chat.what-the-model-reads")
  static let dropOldest = Action("chat.drop-oldest")
  static let reasoning = Action("chat.reasoning")
  static let addAnswer = Action("chat.add-model")
  static let removeAnswer = Action("chat.remove-model")
  static let chooseSide = Action("chat.choose-answer")

  /// Gives the focus to one of the answers side by side.
  static func answer(_ index: Int) -> Action { Action("chat.answer-\(index + 1)") }
}

extension ChatState {
  static let contexts = [KeyContext.turns, .answer, .seen]

  private static let panes: Set<KeyContext> = [.turns, .answer, .candidates, .seen]

  static let keys: [KeyBinding] = ownKeys + sideKeys + waterfallKeys(in: [.candidates, .turns, .answer])

  /// The keys of answers side by side.
  private static let sideKeys: [KeyBinding] =
    [
      .own(
        id, .chooseSide, "enter", in: [.answer], .streams, "Go on with this answer; the others stay branches",
        hint: "go on with it", order: 1, synonyms: ["choose", "pick", "better"]),
      .own(
        id, .addAnswer, "+", in: panes, .streams, "Add a model that answers beside the others (four at most)",
        hint: "a model beside it", order: 9, hintIn: [.turns, .answer],
        synonyms: ["side by side", "compare", "two models"]),
      .own(
        id, .removeAnswer, "-", in: panes, .streams, "Remove a model that answers beside the others",
        synonyms: ["side by side"]),
    ]
    + (0..<ChatSide.most).map { index in
      var line = KeyBinding.own(
        id, .answer(index), "\(index + 1)", in: panes, .streams, "Go to one of the answers side by side",
        hint: index == 0 ? "answer" : "", order: 8, hintIn: [.answer])
      line.entry = "Go to answer \(letter(index))"
      return line
    }

  private static let ownKeys: [KeyBinding] = [
    .own(id, .send, "enter", in: [.prompt], .prompt, "Send the message, or run the command", hint: "send", order: 1),
    chainKey(in: [.candidates, .turns, .answer]), samplerKey,
    .own(
      id, .continueAnswer, "enter", in: [.turns], .streams, "Go on with the answer, or edit the message",
      hint: "go on", order: 1, synonyms: ["continue"]),
    .own(
      id, .retryAnswer, "r", in: panes, .streams, "Another answer, with the next seed", hint: "again", order: 5,
      hintIn: [.turns], synonyms: ["retry", "regenerate", "again"]),
    .own(
      id, .editTurn, "e", in: panes, .streams, "Edit the chosen turn, which makes a branch", hint: "edit", order: 6,
      hintIn: [.turns], synonyms: ["edit message", "change"]),
    .own(
      id, .earlierAnswer, "<", in: panes, .streams, "The answer, or the version of the message, before this one",
      hint: "other answers", order: 7, hintIn: [.turns], synonyms: ["previous answer", "sibling", "branch"]),
    .own(
      id, .laterAnswer, ">", in: panes, .streams, "The answer, or the version of the message, after this one",
      synonyms: ["next answer", "sibling", "branch"]),
    .own(
      id, .answerColors, "p", in: panes, .streams, "Color the answers by probability", hint: "probabilities",
      order: 12, hintIn: [.turns], synonyms: ["heat", "colors"]),
    .own(
      id, .seen, "v", in: panes, .streams, "Show or hide what the model reads", hint: "what it reads", order: 13,
      hintIn: [.turns], synonyms: ["template", "prompt", "view"]),
    .own(
      id, .reasoning, "f", in: panes, .streams, "Fold the reasoning of answers, or show it", hint: "reasoning",
      order: 14, hintIn: [.turns], synonyms: ["think", "thoughts", "unfold"]),
    .own(
      id, .dropOldest, "o", in: panes, .streams, "Leave the oldest turns out when the context is full, or keep them",
      synonyms: ["context", "forget"]),
    .own(
      id, .newDialogue, "alt-n", in: panes.union([.prompt]), .streams, "A new dialogue", synonyms: ["clear", "reset"]),
  ]

  /// The commands that can be written in place of a message.
  static let commands = ChatCommand.all

  mutating func perform(_ action: Action, _ shell: inout Shell) -> [Effect]? {
    switch action {
    case .send: return send(&shell)
    case .take: takeCandidate(&shell)
    case .continueAnswer: continueOrEdit(&shell)
    case .retryAnswer: retry(&shell)
    case .editTurn: edit(&shell)
    case .earlierAnswer: walkAnswers(by: -1, &shell)
    case .laterAnswer: walkAnswers(by: 1, &shell)
    case .answerColors: showsColors.toggle()
    case .seen:
      showsSeen.toggle()
      if !focusOrder.contains(focus) { focus = .turns }
    case .reasoning:
      opensReasoning.toggle()
      cursor = nil
    case .addAnswer: return addAnswer(&shell)
    case .removeAnswer: return removeAnswer(&shell)
    case .chooseSide: chooseSide(&shell)
    case .dropOldest:
      dropsOldest.toggle()
      shell.notice =
        dropsOldest ? "the oldest turns are left out when the context is full" : "all turns are kept in the context"
    case .newDialogue: begin(&shell)
    case .undo, .redo: return focus == .prompt ? nil : walkBranches(back: action == .undo, &shell)
    case .copy where focus == .turns || focus == .seen:
      return copy(focus == .seen ? seenText(shell) : chosenBlock?.turn.text ?? "", &shell)
    default:
      guard let index = (0..<ChatSide.most).first(where: { .answer($0) == action }) else { return nil }
      if sides.indices.contains(index) {
        setFocus(.answer(index))
      } else {
        shell.notice = "there is no answer \(Self.letter(index))"
      }
    }
    return []
  }

  /// Runs a command that was written in place of a message.
  mutating func perform(_ command: ChatCommand, _ shell: inout Shell) -> [Effect] {
    switch command {
    case .system(let text):
      let place = openPlace(&shell)
      move(to: shell.tree.addMessage(ChatMessage(ChatMessage.system, text), after: place, model: model), &shell)
    case .retry: retry(&shell)
    case .goOn:
      chosen = nil
      continueOrEdit(&shell)
    case .undo:
      if let turn = page.blocks.last(where: { $0.turn.role == ChatMessage.user })?.turn, let previous = turn.previous {
        move(to: previous, &shell)
      } else {
        shell.notice = "there is no message to take back"
      }
    case .edit(let text):
      guard let turn = page.blocks.last(where: { $0.turn.role == ChatMessage.user })?.turn, let previous = turn.previous
      else {
        shell.notice = "there is no message to edit"
        break
      }
      waiting = ChatWait(role: ChatMessage.user, text: text, place: previous)
    case .new: begin(&shell)
    case .template:
      showsSeen = true
      focus = .seen
    case .score: return score(&shell)
    case .model(let name):
      let reference = ModelReference(parsing: name)
      if shell.opened[reference]?.information == nil { shell.opened[reference] = nil }
      return use(reference, &shell)
    case .help: shell.overlay = .help(top: 0)
    case .quit: return [.leave(code: 0)]
    case .save(let file): return save(file, &shell)
    }
    return []
  }

  /// Writes the messages of the dialogue to a file.
  private func save(_ file: String, _ shell: inout Shell) -> [Effect] {
    let messages = place(shell).map { shell.tree.messages(to: $0, reading: reading) } ?? []
    guard !messages.isEmpty else {
      shell.notice = "there is no message to save"
      return []
    }
    let words = NumberText.counted(messages.count, "message")
    return [.writeFile(messages.file, path: shell.expanded(file), notice: "wrote \(words) to \(file)")]
  }

  /// Why a command is none, in a sentence.
  static func words(_ problem: ChatCommand.Problem) -> String {
    switch problem {
    case .unknown(let name):
      "there is no command /\(name.prefix(20)): " + commands.map { "/" + $0.name }.joined(separator: " ")
    case .noArgument(let usage): "this command takes a text: \(usage)"
    case .needless(let usage): "this command takes no text: \(usage)"
    }
  }

  // MARK: Turns

  /// The index of the chosen turn; `nil` without turns.
  var chosenIndex: Int? { page.blocks.isEmpty ? nil : min(chosen ?? page.blocks.count - 1, page.blocks.count - 1) }

  /// The chosen turn.
  var chosenBlock: ChatBlock? { chosenIndex.map { page.blocks[$0] } }

  private mutating func begin(_ shell: inout Shell) {
    guard !isBusy else {
      shell.notice = stillAnswering(shell)
      return
    }
    leaveRound()
    let start = shell.tree.beginDialogue(model: model)
    if reader == nil { reader = shell.tree.addCursor(at: [start]) } else { move(to: start, &shell) }
    (hasToldContext, edited) = (false, nil)
    focus = .prompt
  }

  private mutating func continueOrEdit(_ shell: inout Shell) {
    guard let block = chosenBlock, !isBusy else {
      shell.notice = isBusy ? stillAnswering(shell) : "there is no answer to continue"
      return
    }
    guard block.turn.isAnswer else { return edit(&shell) }
    guard let trace = block.trace, isOwn(trace, &shell) else { return }
    leaveRound()
    // Continue without the end-of-turn token, and without the text after a stop string.
    let end = shell.tree.place(trace.promptCount + trace.tokens.count, on: block.turn.end) ?? block.turn.end
    if shell.tree.path(to: end).isEmpty { return }
    move(to: end, &shell)
    let seed = block.turn.nodes.last.flatMap { shell.tree.generationRequest(of: $0)?.seed }
    answer(at: end, promptCount: trace.promptCount, seed: seed, &shell)
  }

  /// Another answer to the same message.
  private mutating func retry(_ shell: inout Shell) {
    guard let index = chosenIndex, !isBusy else {
      shell.notice = isBusy ? stillAnswering(shell) : "there is nothing to answer yet"
      return
    }
    let turn = page.blocks[index].turn
    let message = turn.isAnswer ? page.blocks[..<index].last?.turn : turn
    guard let message, message.role == ChatMessage.user, let before = message.previous else {
      shell.notice = "there is nothing to answer yet"
      return
    }
    leaveRound()
    let place = turn.isAnswer ? turn.previous ?? message.end : turn.end
    guard form != nil, shell.tree.origin(of: place.node)?.model == model else {
      // Another model reads the message in its own way.
      waiting = ChatWait(role: message.role, text: message.text, place: before)
      return
    }
    if !turn.isAnswer { move(to: place, &shell) }
    answer(at: place, &shell)
  }

  /// Puts the chosen turn into the prompt. Sending it makes a branch.
  private mutating func edit(_ shell: inout Shell) {
    guard let block = chosenBlock, let previous = block.turn.previous, !isBusy else {
      shell.notice = isBusy ? stillAnswering(shell) : "there is no turn to edit"
      return
    }
    // Reasoning is edited as the model wrote it, because templates write it, or leave it out, in their own ways.
    let isRaw = block.reasoning > 0 && form?.isTranscript != true
    edited = EditedTurn(role: block.turn.role, previous: previous, isRaw: isRaw)
    let written = String(decoding: block.trace?.tokens.flatMap(\.token.bytes) ?? [], as: UTF8.self)
    prompt.editor.setText(isRaw ? written : block.turn.text)
    setFocus(.prompt)
    shell.notice =
      (shell.keys.key(for: .send, in: .prompt, tab: shell.tab)?.label() ?? "the palette")
      + " sends the edited turn as a branch; without a text the old one is kept"
  }

  /// Whether an answer is one of the model that is open here. Says what to do if not.
  func isOwn(_ trace: Trace, _ shell: inout Shell) -> Bool {
    guard trace.model != model else { return true }
    shell.notice = "this answer is one of \(trace.model.shortName): r answers again with \(model.shortName)"
    return false
  }

  /// Shows another answer to the same message, or another version of the message, with what followed it last.
  private mutating func walkAnswers(by step: Int, _ shell: inout Shell) {
    guard let index = chosenIndex, !isBusy else { return }
    let turn = page.blocks[index].turn
    let all = shell.tree.alternatives(to: turn)
    guard let here = all.firstIndex(where: { $0.node == turn.nodes[0] }), all.count > 1 else {
      shell.notice = "there is no other \(turn.isAnswer ? "answer: r makes one" : "version of this message")"
      return
    }
    leaveRound()
    let next = all[(here + step + all.count) % all.count]
    move(to: shell.tree.newestEnd(after: next), &shell)
    chosen = index
  }

  /// Undo: the dialogue as it was before the last message, answer or branch.
  private mutating func walkBranches(back: Bool, _ shell: inout Shell) -> [Effect] {
    let effects = stop(&shell) ?? []
    leaveRound()
    let moved = reader.map { back ? shell.tree.undo($0) : shell.tree.redo($0) } ?? false
    if !moved { shell.notice = "nothing to \(back ? "undo" : "redo") in this dialogue" }
    (chosen, cursor, scroll, seenScroll) = (nil, nil, nil, nil)
    return effects
  }

  // MARK: Score

  private mutating func score(_ shell: inout Shell) -> [Effect] {
    guard let place = place(shell), shell.tree.length(of: place) > 1,
      let context = shell.tree.context(at: place, model: model)
    else {
      shell.notice = "there is nothing to score yet"
      return []
    }
    return [.score(Ticket(.dialogueScore, version: shell.nextVersion()), ScoreRequest(context: context))]
  }

  func tell(_ result: Result<[ScoredToken], EngineError>, _ shell: inout Shell) {
    switch result {
    case .failure(let error): shell.fail(error)
    case .success(let tokens):
      let known = tokens.compactMap(\.logprob)
      guard !known.isEmpty else { return }
      let mean = -known.reduce(0, +) / Double(known.count)
      let perplexity = NumberText.fixed(Probability.power(2, Probability.bits(logprob: -mean)), decimals: 2)
      shell.notice = "the whole dialogue: \(NumberText.counted(known.count, "token")), perplexity \(perplexity)"
    }
  }

  // MARK: Moving

  mutating func move(_ action: Action, _ shell: inout Shell) {
    switch (focus, action) {
    case (.turns, .up): choose(by: -1)
    case (.turns, .down): choose(by: 1)
    case (.turns, .first): choose(by: -page.blocks.count)
    case (.turns, .last): (chosen, cursor, scroll) = (nil, nil, nil)
    case (.turns, .pageUp), (.turns, .pageDown):
      let rows = max(1, (shell.layout[.turns]?.inside.height ?? 2) - 1)
      let end = max(0, page.rows - rows - 1)
      let top = (scroll ?? end) + (action == .pageUp ? -rows : rows)
      scroll = top >= end ? nil : max(0, top)
    case (.seen, _): scrollSeen(action, shell)
    default: moveInPane(action, &shell)
    }
  }

  private mutating func choose(by step: Int) {
    guard let index = chosenIndex else { return }
    let next = min(max(index + step, 0), page.blocks.count - 1)
    (chosen, cursor, scroll) = (next == page.blocks.count - 1 ? nil : next, nil, nil)
  }

  private mutating func scrollSeen(_ action: Action, _ shell: Shell) {
    guard let pane = shell.layout[.seen] else { return }
    let rows = max(1, pane.inside.height - 1)
    let step: Int? =
      switch action {
      case .up: -1
      case .down: 1
      case .pageUp: -rows
      case .pageDown: rows
      case .first: -(1 << 30)
      case .last: 1 << 30
      default: nil
      }
    guard let step else { return }
    let view = SeenLines(seenText(shell), width: pane.inside.width - 2)
    seenScroll = min(max((seenScroll ?? view.top(height: pane.inside.height)) + step, 0), max(0, view.lines.count - 1))
  }

  mutating func click(_ pane: Layout.Pane, at point: Point, _ shell: inout Shell) {
    guard pane.focus == .turns else { return clickInPane(pane, at: point, shell) }
    let room = ChatPage.room(pane)
    let row = point.y - room.y + page.top(scroll: scroll, height: room.height)
    guard let index = page.block(atRow: row) else { return }
    (chosen, cursor) = (index == page.blocks.count - 1 ? nil : index, nil)
    let block = page.blocks[index]
    let place = Point(point.x - room.x - page.indent, row - page.starts[index] - block.textRow)
    if block.view != nil, place.y >= 0, place.y < block.text.flow.lineCount {
      walkedCursor =
        (0...max(0, place.x)).reversed().lazy.compactMap { block.text.flow.token(at: Point($0, place.y)) }
        .first
    }
  }
}
