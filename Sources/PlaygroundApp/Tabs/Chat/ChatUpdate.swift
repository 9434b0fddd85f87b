import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension Slot {
  /// The prompt of the next answer.
  public static let chatPrompt = Slot(.chat, "prompt")
  /// The answer.
  public static let answer = Slot(.chat, "answer")
  /// How answers of a dialogue from a session end and are read.
  public static let chatForm = Slot(.chat, "form")
  /// The score of the dialogue.
  public static let dialogueScore = Slot(.chat, "score")
}

/// Messages, their prompts and their answers.
extension ChatState {
  /// The end of the dialogue in the tree.
  func place(_ shell: Shell) -> Place? { reader.flatMap { shell.tree.cursors[$0]?.place } }

  /// How answers are read.
  var reading: AnswerReading { form?.reading ?? AnswerReading() }

  /// The end of the dialogue. Begins one if there is none.
  mutating func openPlace(_ shell: inout Shell) -> Place {
    if let place = place(shell) { return place }
    let start = shell.tree.beginDialogue(model: model)
    if let reader { shell.tree.follow(reader, to: [start]) } else { reader = shell.tree.addCursor(at: [start]) }
    return start
  }

  /// Moves the dialogue's cursor to another place of the tree, as an undo step.
  mutating func move(to place: Place, _ shell: inout Shell) {
    if let reader { shell.tree.move(reader, to: [place]) }
    (chosen, cursor, scroll, seenScroll) = (nil, nil, nil, nil)
  }

  /// The notice that answers must end first, with the key that stops them.
  func stillAnswering(_ shell: Shell) -> String {
    let (subject, object) = sides.isEmpty ? ("the answer is", "it") : ("the answers are", "them")
    return "\(subject) still being made" + shell.keyHint(.stop, in: .prompt, "stops \(object)")
  }

  // MARK: Sending

  /// Sends what is written: a message, an edited turn, or a command.
  mutating func send(_ shell: inout Shell) -> [Effect] {
    guard !isBusy else {
      shell.notice = stillAnswering(shell)
      return []
    }
    if case .failed(let error) = shell.opened[model] {
      shell.fail(error)
      return []
    }
    let line = prompt.editor.text
    guard line.contains(where: { !$0.isWhitespace }) else {
      if edited != nil { shell.notice = "the turn is kept as it was" }
      edited = nil
      return []
    }
    let effects = rememberPrompt()
    if edited == nil {
      do throws(ChatCommand.Problem) {
        if let command = try ChatCommand.parse(line, among: Self.commands) {
          prompt.editor.setText("")
          return effects + perform(command, &shell)
        }
      } catch {
        shell.notice = Self.words(error)
        return effects
      }
    }
    if edited == nil, !sides.isEmpty { return effects + beginRound(ChatCommand.message(line), &shell) }
    let place = edited?.previous ?? openPlace(&shell)
    let text = edited == nil ? ChatCommand.message(line) : line
    waiting = ChatWait(
      role: edited?.role ?? ChatMessage.user, text: text, place: place, isRaw: edited?.isRaw ?? false)
    leaveRound()
    edited = nil
    prompt.editor.setText("")
    (chosen, cursor, scroll) = (nil, nil, nil)
    return effects
  }

  /// Puts a message that could not be sent back into the prompt.
  mutating func restoreWaiting() {
    guard let wait = waiting else { return }
    waiting = nil
    if prompt.editor.isEmpty { prompt.editor.setText(wait.text) }
  }

  /// Requests the form of a dialogue from a session once the model is open. Its messages up to the last one of the user
  /// are rendered for that; the tree has their tokens already.
  mutating func askForm(_ shell: inout Shell) -> [Effect] {
    guard wantsForm, shell.information(model) != nil, let place = place(shell) else { return [] }
    wantsForm = false
    var messages = shell.tree.messages(to: place)
    while let last = messages.last, last.role == ChatMessage.assistant { messages.removeLast() }
    guard !messages.isEmpty else { return [] }
    let version = shell.nextVersion()
    formVersion = version
    let request = ChatTextRequest(model: model, messages: messages, continuesLast: false, localSeconds: 0)
    return [.chatPrompt(Ticket(.chatForm, version: version), request)]
  }

  /// Takes the form. A template that refuses the dialogue gives none: it says so when the next message is sent.
  mutating func receive(form result: Result<ChatPrompt, EngineError>, _ ticket: Ticket) {
    guard ticket.version == formVersion, form == nil, case .success(let prompt) = result else { return }
    form = prompt.form
  }

  /// Requests the prompt of the waiting message once the model is open.
  mutating func askPrompt(_ shell: inout Shell) -> [Effect] {
    guard let wait = waiting, wait.awaited == nil, let information = shell.information(model) else { return [] }
    let before = shell.tree.messages(to: wait.place, reading: reading)
    var request: ChatTextRequest
    if wait.isRaw {
      request = ChatTextRequest(model: model, messages: before, localSeconds: 0)
      request.answerStart = wait.text
    } else {
      request = ChatTextRequest(
        model: model, messages: before + [ChatMessage(wait.role, wait.text)],
        continuesLast: wait.role == ChatMessage.assistant, localSeconds: 0)
    }
    if dropsOldest, let limit = information.contextLength {
      request.mostTokens = ChatContext.mostPromptTokens(limit: limit, answer: maxTokens)
    }
    let version = shell.nextVersion()
    waiting?.awaited = version
    return [.chatPrompt(Ticket(.chatPrompt, version: version), request)]
  }

  mutating func receive(_ result: Result<ChatPrompt, EngineError>, _ ticket: Ticket, _ shell: inout Shell) {
    guard let wait = waiting, wait.awaited == ticket.version else { return }
    let prompt: ChatPrompt
    switch result {
    case .success(let made): prompt = made
    case .failure(let error):
      restoreWaiting()
      return shell.fail(error)
    }
    if let limit = shell.information(model)?.contextLength, prompt.tokens.count >= limit {
      restoreWaiting()
      return shell.fail(.fullContext(model, at: "the dialogue", limit: limit, found: prompt.tokens.count))
    }
    waiting = nil
    if let notice = prompt.omissionNotice { shell.notice = notice }
    let text = wait.isRaw ? prompt.answerStart(wait.text) : wait.text
    let place = shell.tree.addMessage(
      ChatMessage(wait.role, text), prompt: prompt.tokens.map(\.token), after: wait.place, model: model)
    move(to: place, &shell)
    form = prompt.form
    // An edited answer stays as it was written; the user may go on from it.
    if wait.role == ChatMessage.user { answer(at: place, &shell) }
  }

  // MARK: Answers

  /// Starts an answer after a place. Its request is sent with the next effects.
  ///
  /// - Parameters:
  ///   - promptCount: the number of tokens before the answer began; `nil` if it begins here.
  ///   - sequence: the number of the random stream.
  mutating func answer(
    at place: Place, promptCount: Int? = nil, seed: UInt64? = nil, sequence: Int = 0, _ shell: inout Shell
  ) {
    guard let information = shell.information(model),
      let context = shell.tree.context(at: place, model: model)
    else { return }
    if let limit = information.contextLength, context.ids.count >= limit {
      return shell.fail(.fullContext(model, at: "the dialogue", limit: limit, found: context.ids.count))
    }
    var request = self.request(context, settings, form, information, sequence: sequence)
    request.promptCount = promptCount ?? context.ids.count
    request.seed = seed ?? self.seed
    guard let (start, _) = shell.tree.branches(at: place, request, count: 1).first, let reader else { return }
    if shell.tree.cursors[reader]?.place == place {
      shell.tree.follow(reader, to: [start])
    } else {
      shell.tree.move(reader, to: [start])
    }
    run = ChatRun(version: 0, node: start.node, prompt: 0)
    (chosen, cursor, scroll, seenScroll) = (nil, nil, nil, nil)
  }

  /// The request for an answer.
  func request(
    _ context: ModelContext, _ settings: SamplingSettings, _ form: ChatPrompt?, _ information: ModelInformation,
    sequence: Int = 0
  ) -> GenerationRequest {
    var request = GenerationRequest(
      context: context, promptCount: nil, settings: settings, maxTokens: maxTokens, seed: seed, sequence: sequence,
      stopStrings: information.decoding.length.stopStrings + (form?.stopStrings ?? []), topCount: Limits.liveCandidates)
    request.maxSeconds = information.decoding.length.maxTime
    request.endIDs = form?.endIDs ?? []
    return request
  }

  /// The request of an answer that was begun.
  mutating func startAnswer(_ shell: inout Shell) -> [Effect] {
    guard let run, run.isRunning, run.version == 0, let request = shell.tree.generationRequest(of: run.node) else {
      return []
    }
    let version = shell.nextVersion()
    self.run?.version = version
    return [.generate(Ticket(.answer, version: version), request)]
  }

  mutating func receive(_ event: TokenEvent, _ ticket: Ticket, _ time: Double, _ shell: inout Shell) {
    guard ticket.slot == .answer, var run, run.version == ticket.version, run.isRunning else { return }
    switch event {
    case .prompt(let done, let total): run.prompt = total > 0 ? Double(done) / Double(total) : nil
    case .token(let token, text: _):
      // Release the page's reference to the tree's storage, so that appending does not copy a chunk.
      page.release(run.node)
      let place = run.append(token, at: time, to: &shell.tree)
      if let reader { shell.tree.follow(reader, to: [place]) }
    case .finished(let reason, text: _, let timing):
      self.run = run
      settleRun(reason, timing, &shell)
      if case .failed(let error) = reason { shell.fail(error) }
      return
    }
    self.run = run
  }

  /// Records how the answer ended.
  mutating func settleRun(_ reason: FinishReason, _ timing: GenerationTiming?, _ shell: inout Shell) {
    guard let run, run.isRunning else { return }
    self.run?.isRunning = false
    shell.tree.finish(run.node, Outcome(reason, timing: timing))
    // Drop an answer without tokens: the cursor returns to its parent.
    if run.made == 0, let parent = shell.tree[run.node]?.parent, let reader { shell.tree.follow(reader, to: [parent]) }
    tellContext(&shell)
  }

  /// Says in time that the context will be full.
  private mutating func tellContext(_ shell: inout Shell) {
    guard !hasToldContext, let limit = shell.information(model)?.contextLength, let place = place(shell) else { return }
    let used = shell.tree.length(of: place)
    guard ChatContext.isNearlyFull(used, limit: limit) else { return }
    hasToldContext = true
    let key = shell.keys.key(for: .dropOldest, in: .turns, tab: Self.id).map { $0.label() }
    let numbers = "\(NumberText.grouped(used)) of \(NumberText.grouped(limit)) tokens are used"
    shell.notice =
      dropsOldest
      ? "\(numbers): the oldest turns will be left out"
      : "\(numbers)" + (key.map { ": \($0) in the dialogue leaves the oldest turns out when they are full" } ?? "")
  }

  // MARK: Candidates

  /// Requests the candidates for the cursor in the chosen answer.
  mutating func askCandidates(_ shell: inout Shell) -> [Effect] {
    if showsSide { return askSideCandidates(&shell) }
    if let run, run.isRunning, cursor == nil, chosen == nil {
      if let newest = run.newest {
        candidates.follow(newest, vocabularySize: shell.information(model)?.vocabularySize)
      }
      return []
    }
    guard let block = chosenBlock, let trace = block.trace, let view = block.view,
      shell.information(trace.model) != nil
    else {
      candidates.clear()
      return []
    }
    let position = view.promptCount + (cursor ?? view.tokens.count)
    return ask(
      list: 0,
      DistributionRequest(
        context: shell.tree.context(at: block.turn.end, model: trace.model)
          ?? ModelContext(model: trace.model, ids: []),
        position: position, promptCount: trace.promptCount, settings: settings), &shell)
  }

  /// Puts the selected candidate in the place of the token at the cursor, and goes on from there.
  mutating func takeCandidate(_ shell: inout Shell) {
    if showsSide { return takeSideCandidate(&shell) }
    guard let candidate = candidateToTake(&shell), let block = chosenBlock, let trace = block.trace,
      let view = block.view, isOwn(trace, &shell),
      let here = shell.tree.place(view.promptCount + (cursor ?? view.tokens.count), on: block.turn.end)
    else { return }
    let token = ScoredToken(candidate, of: candidates.answer)
    let place = shell.tree.branch(at: here, [token], by: shell.tree.add(.chosen(model: trace.model)))
    move(to: place, &shell)
    let ends = (shell.information(model)?.endOfTextIDs ?? []) + (form?.endIDs ?? [])
    if ends.contains(token.token.id) {
      shell.tree.finish(place.node, Outcome(.endOfText))
    } else {
      let count = shell.tree.length(of: place)
      answer(at: place, promptCount: trace.promptCount, sequence: count - trace.promptCount, &shell)
    }
  }
}

extension ChatPrompt {
  /// The text of an answer that the prompt ends with, without the special tokens that are not shown.
  fileprivate func answerStart(_ written: String) -> String {
    let start = text.utf8.count - written.utf8.count
    let shown = tokens.filter { $0.range.lowerBound >= start && !reading.hiddenIDs.contains($0.token.id) }
    return String(decoding: shown.flatMap(\.token.bytes), as: UTF8.self)
  }

  /// What ends answers and how they are read, without the prompt's own text.
  var form: ChatPrompt {
    var form = self
    (form.tokens, form.text) = ([], "")
    return form
  }
}

extension ChatRun {
  /// Adds a token to the tree. Returns the end of the answer.
  mutating func append(_ token: ScoredToken, at time: Double, to tree: inout SessionTree) -> Place {
    newest = token
    prompt = nil
    made += 1
    firstTime = firstTime ?? time
    lastTime = time
    return tree.append(token.kept, to: node)
  }
}

extension Shell {
  /// Whether a model is open or listed, so that it can probably be opened.
  func canUse(_ model: ModelReference) -> Bool {
    information(model) != nil || models.contains { $0.name == model.name && $0.canOpen }
  }
}
