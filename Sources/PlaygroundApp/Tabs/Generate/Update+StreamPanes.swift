import EngineAPI
import Sampling
import TerminalUI

/// Streams as panes: how many there are, where the cursor is in each, what it was before.
extension PlaygroundState {
  /// One more stream beside the leading one, with its model and settings and a seed of its own.
  mutating func addStream() {
    guard generate.streams.count < StreamState.most else {
      notice = "four streams at most: - closes one"
      return
    }
    let leading = generate.leading
    let seed = (generate.streams.map(\.seed).max() ?? leading.seed) &+ 1
    generate.streams.append(
      StreamState(
        id: generate.nextStream, model: leading.model, settings: leading.settings,
        settingsAreOwn: leading.settingsAreOwn, maxTokens: leading.maxTokens, seed: seed))
    generate.nextStream += 1
    focus = .stream(generate.streams.count - 1)
  }

  /// Closes the leading stream; the last one stays.
  mutating func removeStream() -> [Effect] {
    guard generate.streams.count > 1 else {
      notice = "the last stream stays"
      return []
    }
    releaseSeed(stream: generate.lead)
    let removed = generate.streams.remove(at: generate.lead)
    generate.lead = min(generate.lead, generate.streams.count - 1)
    if case .stream = generate.source { generate.source = .stream(generate.lead) }
    if case .stream = generate.focus { generate.focus = .stream(generate.lead) }
    return removed.isRunning ? [.cancel(.stream(removed.id))] : []
  }

  /// Takes the model's own sampler settings, unless the person chose some.
  mutating func takeDefaults(stream index: Int) {
    guard let information = information(generate.streams[index].model), !generate.streams[index].settingsAreOwn else {
      return
    }
    generate.streams[index].settings = information.defaultSettings
    generate.streams[index].maxTokens = information.defaultMaxTokens ?? settings.maxTokens
  }

  /// Back to the branch that was left last, or forward again.
  mutating func walkBranches(back: Bool) -> [Effect] {
    let index = generate.lead
    guard let run = generate.streams[index].run else { return [] }
    let other =
      back
      ? generate.streams[index].branches.back(from: run.settled)
      : generate.streams[index].branches.forward(from: run.settled)
    guard let other else {
      notice = back ? "nothing to undo in this stream" : "nothing to redo in this stream"
      return []
    }
    releaseSeed(stream: index)
    generate.streams[index].run = other
    generate.streams[index].model = other.trace.context.model
    generate.streams[index].seed = other.request.seed
    generate.streams[index].cursor = nil
    generate.streams[index].scroll = nil
    return run.isRunning ? [.cancel(.stream(generate.streams[index].id))] : []
  }

  /// Scrolls a stream's pane as little as needed to show its cursor.
  mutating func keepVisible(stream index: Int, _ pane: Layout.Pane) {
    guard generate.streams.indices.contains(index), let run = generate.streams[index].run,
      let cursor = generate.streams[index].cursor
    else { return }
    generate.streams[index].scroll = TokenFlow.top(
      showing: cursor, of: run.trace, from: generate.streams[index].scroll, in: pane, endOfText: endOfText(run.trace))
  }

  /// Scrolls the translation as little as needed to show its cursor.
  mutating func keepTranslationVisible(_ pane: Layout.Pane) {
    guard let trace = translate.beams.hypothesis?.trace, let cursor = translate.beams.cursor else { return }
    translate.beams.scroll = TokenFlow.top(
      showing: cursor, of: trace, from: translate.beams.scroll, in: pane, endOfText: endOfText(trace))
  }

  /// The trace whose tokens the focus (or the candidates) walk along.
  var walkedTrace: Trace? {
    switch (task, focus) {
    case (.generate, .stream), (.generate, .candidates):
      guard case .stream(let index) = generate.source else { return nil }
      return generate.streams[index].run?.trace
    case (.translate, .translation), (.translate, .candidates), (.translate, .beams):
      return translate.beams.hypothesis?.trace
    default: return nil
    }
  }

  /// The cursor in `walkedTrace`.
  var walkedCursor: Int? {
    get { task == .generate ? generate.leading.cursor : translate.beams.cursor }
    set {
      if task == .generate {
        generate.streams[generate.lead].cursor = newValue
        if newValue == nil { generate.streams[generate.lead].scroll = nil }
      } else {
        translate.beams.moveCursor(to: newValue)
      }
    }
  }

  /// Moves the cursor by tokens; beyond the last one it is at the end, where the next token comes.
  mutating func walk(by step: Int) {
    guard let trace = walkedTrace, !trace.tokens.isEmpty else { return }
    let target = (walkedCursor ?? trace.tokens.count) + step
    walkedCursor = target >= trace.tokens.count ? nil : max(0, target)
  }

  /// Moves the cursor to the first token or behind the last one.
  mutating func walk(toEnd: Bool) {
    guard let trace = walkedTrace, !trace.tokens.isEmpty else { return }
    walkedCursor = toEnd ? nil : 0
  }

  /// Moves the cursor by lines as they are seen.
  mutating func walk(lines: Int) {
    guard let trace = walkedTrace, let pane = Layout(self)[focus] else { return }
    let target = TokenFlow.token(
      lines: lines, from: walkedCursor, in: trace, pane: pane, endOfText: endOfText(trace))
    if let target { walkedCursor = target >= trace.tokens.count ? nil : target }
  }

  /// Moves the cursor to the next (or previous) peak of surprise in the text.
  mutating func walkToPeak(forward: Bool) {
    guard let trace = walkedTrace else { return }
    let peaks = SurprisePeaks.of(trace.tokens)
    let cursor = walkedCursor
    let hit = forward ? peaks.first { $0 > (cursor ?? -1) } : peaks.last { $0 < (cursor ?? trace.tokens.count) }
    if let hit {
      walkedCursor = hit
    } else {
      notice = "no \(forward ? "further" : "earlier") peak of surprise in this text"
    }
  }
}
