import EngineAPI
import Sampling
import Sessions
import TerminalUI

/// A question to several models or settings: their prompts and their answers.
extension ChatState {
  /// Sends a message to all sides. If answers to the message before are still side by side, the dialogue continues with
  /// the one that had the focus last.
  mutating func beginRound(_ text: String, _ shell: inout Shell) -> [Effect] {
    if let sided = keepRound(&shell) { shell.notice = "the dialogue continues with answer \(Self.letter(sided))" }
    round = ChatRound(text: text, place: openPlace(&shell))
    for index in sides.indices { sides[index].clear() }
    edited = nil
    prompt.editor.setText("")
    (chosen, cursor, scroll, run) = (nil, nil, nil, nil)
    return []
  }

  /// Requests the prompts that are missing, and sends the requests of answers.
  mutating func settleSides(_ shell: inout Shell) -> [Effect] {
    guard let round else { return [] }
    var effects: [Effect] = []
    for index in sides.indices where !sides[index].isStopped {
      let side = sides[index]
      if case .failed = shell.opened[side.model] { sides[index].isStopped = true }
      if side.message == nil, side.awaited == nil, let information = shell.information(side.model),
        // Sides with one model read the same prompt.
        !sides[..<index].contains(where: { $0.model == side.model && !$0.isStopped })
      {
        let messages =
          shell.tree.messages(to: round.place, reading: reading) + [ChatMessage(ChatMessage.user, round.text)]
        var request = ChatTextRequest(model: side.model, messages: messages, continuesLast: false, localSeconds: 0)
        if dropsOldest, let limit = information.contextLength {
          request.mostTokens = ChatContext.mostPromptTokens(limit: limit, answer: maxTokens)
        }
        let version = shell.nextVersion()
        sides[index].awaited = version
        effects.append(.chatPrompt(Ticket(.sidePrompt(index), version: version), request))
      }
      if let run = side.run, run.isRunning, run.version == 0, let request = shell.tree.generationRequest(of: run.node) {
        let version = shell.nextVersion()
        sides[index].run?.version = version
        effects.append(.generate(Ticket(.sideAnswer(index), version: version), request))
      }
    }
    if !sides.contains(where: { $0.run != nil }) { endRound(&shell) }
    return effects
  }

  /// Takes a prompt, for all sides with its model.
  mutating func receive(
    side index: Int, _ result: Result<ChatPrompt, EngineError>, _ ticket: Ticket, _ shell: inout Shell
  ) {
    guard let round, sides.indices.contains(index), sides[index].awaited == ticket.version else { return }
    let model = sides[index].model
    let users = sides.indices.filter { sides[$0].model == model && sides[$0].message == nil }
    var failure: EngineError?
    switch result {
    case .failure(let error): failure = error
    case .success(let prompt):
      if let limit = shell.information(model)?.contextLength, prompt.tokens.count >= limit {
        failure = .fullContext(model, at: "the dialogue", limit: limit, found: prompt.tokens.count)
      }
    }
    guard case .success(let prompt) = result, failure == nil else {
      for user in users { sides[user].isStopped = true }
      if let failure { shell.fail(failure) }
      return endRound(&shell)
    }
    if let notice = prompt.omissionNotice { shell.notice = notice }
    let message = shell.tree.addMessage(
      ChatMessage(ChatMessage.user, round.text), prompt: prompt.tokens.map(\.token), after: round.place, model: model)
    if !round.isShown {
      move(to: message, &shell)
      self.round?.isShown = true
      if self.model == model { form = prompt.form }
    }
    for user in users {
      (sides[user].message, sides[user].form) = (message, prompt.form)
      answer(side: user, at: message, &shell)
    }
  }

  /// Starts the answer of a side after a place. Its request is sent with the next effects.
  mutating func answer(
    side index: Int, at place: Place, promptCount: Int? = nil, sequence: Int = 0, _ shell: inout Shell
  ) {
    let side = sides[index]
    guard let information = shell.information(side.model),
      let context = shell.tree.context(at: place, model: side.model)
    else { return }
    var request = request(context, side.settings, side.form, information, sequence: sequence)
    request.promptCount = promptCount ?? context.ids.count
    guard let (start, _) = shell.tree.branches(at: place, request, count: 1).first else { return }
    sides[index].run = ChatRun(version: 0, node: start.node, prompt: 0)
    (sides[index].trace, sides[index].text, sides[index].cursor) = (nil, TokenText(), nil)
    showAnswer(index, shell)
  }

  /// Reads the answer of a side from the tree.
  private mutating func showAnswer(_ index: Int, _ shell: Shell) {
    guard let run = sides[index].run, let message = sides[index].message else { return }
    let count = shell.tree.length(of: message)
    var trace = shell.tree.trace(to: shell.tree.end(of: run.node), promptCount: count)
    // What ended the answer is no part of it.
    if !run.isRunning, let last = trace.tokens.last, ends(side: index, shell).contains(last.token.id),
      let end = shell.tree.place(count + trace.tokens.count - 1, on: trace.place), trace.tokens.count > 1
    {
      let model = trace.model
      trace = shell.tree.trace(to: end, promptCount: count)
      trace.model = model
    }
    sides[index].trace = trace
  }

  mutating func receive(
    side index: Int, _ event: TokenEvent, _ ticket: Ticket, _ time: Double, _ shell: inout Shell
  ) {
    guard sides.indices.contains(index), var run = sides[index].run, run.version == ticket.version, run.isRunning
    else { return }
    switch event {
    case .prompt(let done, let total): run.prompt = total > 0 ? Double(done) / Double(total) : nil
    case .token(let token, text: _):
      sides[index].trace?.tokens = TokenPath()
      _ = run.append(token, at: time, to: &shell.tree)
    case .finished(let reason, text: _, let timing):
      run.isRunning = false
      shell.tree.finish(run.node, Outcome(reason, timing: timing))
      if case .failed(let error) = reason { shell.fail(error) }
    }
    sides[index].run = run
    showAnswer(index, shell)
    if !run.isRunning { endRound(&shell) }
  }

  /// Says what to do once all answers are made.
  private mutating func endRound(_ shell: inout Shell) {
    guard round != nil, !sidesAreBusy else { return }
    guard sides.contains(where: { $0.run != nil }) else {
      // No side can answer: the message goes back into the prompt.
      if prompt.editor.isEmpty { prompt.editor.setText(round?.text ?? "") }
      round = nil
      return
    }
    let key = shell.keys.key(for: .chooseSide, in: .answer, tab: Self.id).map { $0.label() } ?? "a key"
    if shell.overlay == nil { shell.notice = "\(key) on an answer goes on with it; the others stay branches" }
  }

  /// Stops the answers, which stay as far as they are.
  mutating func stopSides(_ shell: inout Shell) -> [Effect] {
    guard sidesAreBusy else { return [] }
    var effects: [Effect] = []
    for index in sides.indices {
      if var run = sides[index].run, run.isRunning {
        run.isRunning = false
        shell.tree.finish(run.node, Outcome(.interrupted))
        sides[index].run = run
        effects.append(.cancel(.sideAnswer(index)))
      } else if sides[index].run == nil {
        if sides[index].awaited != nil { effects.append(.cancel(.sidePrompt(index))) }
        sides[index].isStopped = true
      }
    }
    endRound(&shell)
    return effects
  }
}
