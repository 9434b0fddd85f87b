import EngineAPI
import Sampling

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
