import EngineAPI
import Sampling

/// Streams as they run: their events, and what stops them.
extension PlaygroundState {
  mutating func receive(event: TokenEvent, _ ticket: Ticket, time: Double) {
    guard case .stream(let id) = ticket.slot,
      let index = generate.streams.firstIndex(where: { $0.id == id }),
      var run = generate.streams[index].run, run.version == ticket.version, run.isRunning
    else { return }
    generate.streams[index].run = nil
    switch event {
    case .prompt(let done, let total): run.status = .prompt(done: done, total: total)
    case .token(let token, text: _):
      run.status = .running
      // Only the newest token's candidates are ever shown: those of thousands of tokens would fill the memory.
      if let last = run.trace.tokens.indices.last { run.trace.tokens[last].top = [] }
      run.trace.tokens.append(token)
      run.made += 1
      run.firstTime = run.firstTime ?? time
      run.lastTime = time
    case .finished(let reason, text: _, let timing):
      run.status = .finished(reason)
      run.timing = timing
      if run.made == 0 { generate.seeds.release(run.request) }
      if case .failed(let error) = reason { overlay = .failure(error) }
    }
    generate.streams[index].run = run
  }

  /// Stops what runs in all tabs; what was made stays. `nil` where nothing ran.
  mutating func stopAll() -> [Effect]? {
    let stopped = PlaygroundTask.allCases.compactMap { stopWork(in: $0) }
    return stopped.isEmpty ? nil : stopped.flatMap(\.self)
  }

  /// Stops every stream or search of a tab; what was made stays. `nil` where nothing ran.
  mutating func stopWork(in task: PlaygroundTask) -> [Effect]? {
    var effects: [Effect] = []
    var stopped = false
    switch task {
    case .generate:
      for index in generate.streams.indices {
        if generate.streams[index].waiting != nil { stopped = true }
        generate.streams[index].waiting = nil
        guard generate.streams[index].isRunning else { continue }
        releaseSeed(stream: index)
        generate.streams[index].run?.status = .finished(.interrupted)
        effects.append(.cancel(.stream(generate.streams[index].id)))
      }
    case .translate:
      guard translate.beams.isBusy else { return nil }
      if case .running = translate.beams.status { effects.append(.cancel(.beams)) }
      if translate.beams.batch?.awaited != nil { effects.append(.cancel(.lineTokens)) }
      translate.beams.stop()
      stopped = true
    case .fillMask:
      guard fillMask.fillings.awaited != nil else { return nil }
      fillMask.fillings.awaited = nil
      fillMask.fillings.failure = EngineError(.interrupted, "stopped")
      effects.append(.cancel(.fillings))
    }
    return effects.isEmpty && !stopped ? nil : effects
  }
}

extension StreamRun {
  /// The run as it stays when it is left: nothing of it runs.
  var settled: StreamRun {
    var run = self
    if run.isRunning { run.status = .finished(.interrupted) }
    return run
  }
}
