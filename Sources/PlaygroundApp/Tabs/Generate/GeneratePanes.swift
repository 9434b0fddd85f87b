import EngineAPI
import Sampling
import Sessions
import TerminalUI

/// Adding and closing streams, their default settings, and undo and redo.
extension GenerateState {
  /// Adds a stream with the leading one's model and settings, and a new seed.
  mutating func addStream(_ shell: inout Shell) {
    guard streams.count < StreamState.most else {
      shell.notice =
        "\(StreamState.words(StreamState.most)) at most" + shell.keyHint(.removeStream, in: .stream, "closes one")
      return
    }
    let leading = leading
    var sampler = leading.sampler
    sampler.seed = (streams.map(\.seed).max() ?? leading.seed) &+ 1
    sampler.isSeedChosen = false
    streams.append(
      StreamState(
        id: nextStream, model: leading.model, sampler: sampler, settingsAreOwn: leading.settingsAreOwn))
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
    let wasRunning = leading.isRunning
    settle(stream: lead, &shell)
    let removed = streams.remove(at: lead)
    if let reader = removed.reader { shell.tree.removeCursor(reader) }
    lead = min(lead, streams.count - 1)
    if case .stream = source { source = .stream(lead) }
    if focus.context == .stream { focus = .stream(lead) }
    return wasRunning ? [.cancel(.stream(removed.id))] : []
  }

  /// Takes the model's default sampler settings unless the user has chosen others.
  mutating func takeDefaults(stream index: Int, _ shell: Shell) {
    guard let information = shell.information(streams[index].model), !streams[index].settingsAreOwn else {
      return
    }
    streams[index].settings = information.decoding.settings
    streams[index].maxTokens = information.decoding.length.maxNewTokens ?? shell.settings.maxTokens
  }

  /// Undo: returns to the previous text of the stream. Redo: returns to the undone one.
  mutating func walkBranches(back: Bool, _ shell: inout Shell) -> [Effect] {
    let index = lead
    guard let run = streams[index].run, let reader = streams[index].reader else { return [] }
    guard back ? shell.tree.cursors[reader]?.past.isEmpty == false : shell.tree.cursors[reader]?.undone.isEmpty == false
    else {
      shell.notice = back ? "nothing to undo in this stream" : "nothing to redo in this stream"
      return []
    }
    releaseSeed(stream: index)
    settle(stream: index, &shell)
    if back { shell.tree.undo(reader) } else { shell.tree.redo(reader) }
    showPlace(stream: index, shell)
    return run.isRunning ? [.cancel(.stream(streams[index].id))] : []
  }

  /// Shows the text that ends at the stream's cursor in the tree.
  mutating func showPlace(stream index: Int, _ shell: Shell) {
    let place = streams[index].reader.flatMap { shell.tree.cursors[$0]?.place }
    let run = place.flatMap { StreamRun(at: $0, in: shell.tree) }
    streams[index].run = run
    if let run {
      streams[index].model = run.trace.model
      streams[index].seed = run.request.seed
      streams[index].isSeedChosen = false
    }
    streams[index].cursor = nil
    streams[index].scroll = nil
    streams[index].stepsWaiting = 0
  }
}

/// The events of running streams, and stopping them.
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
      // The tree keeps fewer candidates: all of them would take much memory.
      run.newest = token
      // Release the trace's reference to the tree's storage, so that appending does not copy a chunk.
      run.trace.tokens = TokenPath()
      let place = shell.tree.append(token.kept, to: run.trace.place.node)
      if let reader = streams[index].reader { shell.tree.follow(reader, to: [place]) }
      run.trace = shell.tree.trace(to: place, promptCount: run.trace.promptCount)
      run.text.grow(run.trace, endOfText: shell.endOfText(run.trace), isComplete: false)
      run.plot.update(run.trace.tokens)
      run.made += 1
      run.firstTime = run.firstTime ?? time
      run.lastTime = time
    case .finished(let reason, text: _, let timing):
      run.status = .finished(reason)
      run.timing = timing
      shell.tree.finish(run.trace.place.node, Outcome(reason, timing: timing))
      if run.made == 0, !run.isStep { seeds.release(run.request) }
      if case .failed(let error) = reason { shell.fail(error) }
    }
    streams[index].run = run
  }

  /// Stops every stream and keeps its text; returns `nil` if none was running.
  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    var effects: [Effect] = []
    var stopped = false
    for index in streams.indices {
      streams[index].stepsWaiting = 0
      if streams[index].waiting != nil { stopped = true }
      streams[index].waiting = nil
      guard streams[index].isRunning else { continue }
      releaseSeed(stream: index)
      settle(stream: index, &shell)
      effects.append(.cancel(.stream(streams[index].id)))
    }
    return effects.isEmpty && !stopped ? nil : effects
  }

  /// Marks a stopped or abandoned stream as interrupted, and records this in the tree.
  mutating func settle(stream index: Int, _ shell: inout Shell) {
    guard let run = streams[index].run, run.isRunning else { return }
    streams[index].run?.status = .finished(.interrupted)
    shell.tree.finish(run.trace.place.node, Outcome(.interrupted))
  }
}

extension StreamRun {
  /// Updates the wrapped text for the trace and the width of its pane.
  mutating func wrap(width: Int, endOfText: [Int]) {
    text.update(trace, width: width, endOfText: endOfText, isComplete: !isRunning)
    plot.update(trace.tokens)
  }
}
