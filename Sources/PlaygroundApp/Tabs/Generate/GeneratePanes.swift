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
