import EngineAPI
import Sampling
import TerminalUI

/// Streams as panes: how many there are, where the cursor is in each, what it was before.
extension GenerateState {
  /// One more stream beside the leading one, with its model and settings and a seed of its own.
  mutating func addStream(_ shell: inout Shell) {
    guard streams.count < StreamState.most else {
      shell.notice = "four streams at most: - closes one"
      return
    }
    let leading = leading
    let seed = (streams.map(\.seed).max() ?? leading.seed) &+ 1
    streams.append(
      StreamState(
        id: nextStream, model: leading.model, settings: leading.settings,
        settingsAreOwn: leading.settingsAreOwn, maxTokens: leading.maxTokens, seed: seed))
    nextStream += 1
    setFocus(.stream(streams.count - 1))
  }

  /// Closes the leading stream; the last one stays.
  mutating func removeStream(_ shell: inout Shell) -> [Effect] {
    guard streams.count > 1 else {
      shell.notice = "the last stream stays"
      return []
    }
    releaseSeed(stream: lead)
    let removed = streams.remove(at: lead)
    lead = min(lead, streams.count - 1)
    if case .stream = source { source = .stream(lead) }
    if focus.context == .stream { focus = .stream(lead) }
    return removed.isRunning ? [.cancel(.stream(removed.id))] : []
  }

  /// Takes the model's own sampler settings, unless the person chose some.
  mutating func takeDefaults(stream index: Int, _ shell: Shell) {
    guard let information = shell.information(streams[index].model), !streams[index].settingsAreOwn else {
      return
    }
    streams[index].settings = information.defaultSettings
    streams[index].maxTokens = information.defaultMaxTokens ?? shell.settings.maxTokens
  }

  /// Back to the branch that was left last, or forward again.
  mutating func walkBranches(back: Bool, _ shell: inout Shell) -> [Effect] {
    let index = lead
    guard let run = streams[index].run else { return [] }
    let other =
      back
      ? streams[index].branches.back(from: run.settled)
      : streams[index].branches.forward(from: run.settled)
    guard let other else {
      shell.notice = back ? "nothing to undo in this stream" : "nothing to redo in this stream"
      return []
    }
    releaseSeed(stream: index)
    streams[index].run = other
    streams[index].model = other.trace.context.model
    streams[index].seed = other.request.seed
    streams[index].cursor = nil
    streams[index].scroll = nil
    return run.isRunning ? [.cancel(.stream(streams[index].id))] : []
  }
}

/// Streams as they run: their events, and what stops them.
extension GenerateState {
  mutating func receive(event: TokenEvent, _ ticket: Ticket, time: Double, _ shell: inout Shell) {
    guard let index = streams.firstIndex(where: { ticket.slot == .stream($0.id) }),
      var run = streams[index].run, run.version == ticket.version, run.isRunning
    else { return }
    streams[index].run = nil
    switch event {
    case .prompt(let done, let total): run.status = .prompt(done: done, total: total)
    case .token(let token, text: _):
      run.status = .running
      // Only the newest token's candidates are ever shown: those of thousands of tokens would fill the memory.
      if let last = run.trace.tokens.indices.last { run.trace.tokens[last].top = [] }
      run.trace.tokens.append(token)
      run.text.grow(run.trace, endOfText: shell.endOfText(run.trace), isComplete: false)
      run.made += 1
      run.firstTime = run.firstTime ?? time
      run.lastTime = time
    case .finished(let reason, text: _, let timing):
      run.status = .finished(reason)
      run.timing = timing
      if run.made == 0 { seeds.release(run.request) }
      if case .failed(let error) = reason { shell.fail(error) }
    }
    streams[index].run = run
  }

  /// Stops every stream; what was made stays. `nil` where nothing ran.
  mutating func stop() -> [Effect]? {
    var effects: [Effect] = []
    var stopped = false
    for index in streams.indices {
      if streams[index].waiting != nil { stopped = true }
      streams[index].waiting = nil
      guard streams[index].isRunning else { continue }
      releaseSeed(stream: index)
      streams[index].run?.status = .finished(.interrupted)
      effects.append(.cancel(.stream(streams[index].id)))
    }
    return effects.isEmpty && !stopped ? nil : effects
  }
}

extension StreamRun {
  /// Brings the wrapped text in line with the trace and the width of its pane.
  mutating func wrap(width: Int, endOfText: [Int]) {
    text.update(trace, width: width, endOfText: endOfText, isComplete: !isRunning)
  }

  /// The run as it stays when it is left: nothing of it runs.
  var settled: StreamRun {
    var run = self
    if run.isRunning { run.status = .finished(.interrupted) }
    // It is wrapped again where it is shown again.
    run.text = TokenText()
    return run
  }
}
