import EngineAPI
import Sessions
import TerminalUI

/// Generating and removing single tokens. Both move the stream's cursor in the tree.
///
/// The random number of a token depends on the seed, the sequence number and the number of tokens after the prompt. A
/// token that is generated alone is therefore the same as in a longer request.
extension GenerateState {
  /// The maximum number of queued steps while a token is being generated.
  private static let mostWaitingSteps = 32

  /// Generates one token at a stream's cursor. The text after the cursor is cut.
  mutating func takeStep(stream index: Int, _ shell: inout Shell) -> [Effect] {
    let stream = streams[index]
    guard stream.waiting == nil else { return [] }
    guard let run = stream.run else {
      queue(stream: index, &shell)
      streams[index].waiting?.isStep = true
      return []
    }
    guard !run.isRunning else {
      guard run.isStep else {
        shell.notice = "the text is still being generated" + shell.keyHint(.stop, in: .stream, "stops it")
        return []
      }
      streams[index].stepsWaiting = min(stream.stepsWaiting + 1, GenerateState.mostWaitingSteps)
      return []
    }
    let count = run.trace.tokens.count
    guard stream.cursor != nil || run.trace.end(endOfText: shell.endOfText(run.trace)) == count else {
      shell.notice = endedNotice(shell)
      return []
    }
    guard let here = place(before: stream.cursor ?? count, of: run, in: shell.tree),
      let before = StreamRun(at: here, in: shell.tree), let reader = stream.reader
    else {
      shell.notice =
        "the token at the cursor was chosen" + shell.keyHint(.undo, in: .stream, "takes the choice back")
      return []
    }
    let request = stepRequest(from: before, of: stream, shell)
    if let known = next(after: here, drawnAs: request, in: shell.tree) {
      if shell.tree.cursors[reader]?.undone.last == [known] {
        shell.tree.redo(reader)
      } else {
        shell.tree.move(reader, to: [known])
      }
      showPlace(stream: index, shell)
      tellCut(from: count, to: before.trace.tokens.count + 1, &shell)
      return []
    }
    let length = request.context.ids.count
    guard !fillsContext(length, of: request.context.model, &shell) else { return [] }
    streams[index].seed = request.seed
    streams[index].isSeedChosen = false
    let version = show(before.trace, of: request, prompt: before.prompt, stream: index, &shell)
    tellCut(from: count, to: before.trace.tokens.count, &shell)
    return [.generate(Ticket(.stream(stream.id), version: version), request)]
  }

  /// Shows a notice that tokens at the end of a text were cut, with the key that restores them.
  private func tellCut(from count: Int, to left: Int, by action: Action = .undo, _ shell: inout Shell) {
    let cut = count - left
    guard cut > 0 else { return }
    shell.notice =
      (cut == 1 ? "a token was cut" : "\(NumberText.grouped(cut)) tokens were cut")
      + shell.keyHint(action, in: .stream, "brings \(cut == 1 ? "it" : "them") back")
  }

  /// The notice for a text that has ended, with the key that generates another one.
  func endedNotice(_ shell: Shell) -> String {
    let key = shell.keys.key(for: .again, in: .stream, tab: Self.id)?.label()
    return "the text has ended: choose another token instead of its end token"
      + (key.map { ", or press \($0) for another text" } ?? "")
  }

  /// Starts the next queued step.
  mutating func takeWaitingStep(stream index: Int, _ shell: inout Shell) -> [Effect] {
    guard streams[index].stepsWaiting > 0, let run = streams[index].run, !run.isRunning else { return [] }
    let left = streams[index].stepsWaiting - 1
    let effects = takeStep(stream: index, &shell)
    streams[index].stepsWaiting = effects.isEmpty ? 0 : left
    return effects
  }

  /// Removes the last token of the leading stream or, if the cursor is inside the text, the token at the cursor and all
  /// after it.
  mutating func takeBack(_ shell: inout Shell) -> [Effect] {
    let stream = leading
    guard let run = stream.run, let reader = stream.reader else {
      shell.notice = "no token to take back"
      return []
    }
    guard !run.isRunning else {
      if !run.isStep {
        shell.notice = "the text is still being generated" + shell.keyHint(.stop, in: .stream, "stops it")
      }
      return []
    }
    let index = (stream.cursor ?? run.trace.tokens.count) - (stream.cursor == nil ? 1 : 0)
    guard index >= 0, let here = place(before: index, of: run, in: shell.tree) else {
      shell.notice =
        index < 0
        ? "no token to take back"
        : "the first token was chosen" + shell.keyHint(.undo, in: .stream, "takes the choice back")
      return []
    }
    let last = shell.tree.cursors[reader]?.past.last
    if let last, last.count == 1, shell.tree.isSameText(last[0], here) {
      shell.tree.undo(reader)
    } else {
      shell.tree.retreat(reader, to: here)
    }
    showPlace(stream: lead, shell)
    if stream.cursor != nil {
      let isUndone = shell.tree.cursors[reader]?.undone.isEmpty == false
      tellCut(from: run.trace.tokens.count, to: index, by: isUndone ? .redo : .undo, &shell)
    }
    return []
  }

  /// The place before a token of a run, in the last node up to there that a request sampled; `nil` if there is none.
  private func place(before index: Int, of run: StreamRun, in tree: SessionTree) -> Place? {
    let length = run.trace.promptCount + index
    var place: Place? = run.trace.place
    while let here = place, let node = tree[here.node] {
      if node.start <= length, case .sampled = tree.origin(of: node.id) {
        return Place(node.id, min(length - node.start, here.count))
      }
      place = node.parent
    }
    return nil
  }

  /// A request for the token after a run, with the run's sequence number, its seed (unless the user chose another one),
  /// and the stream's current settings.
  private func stepRequest(from run: StreamRun, of stream: StreamState, _ shell: Shell) -> GenerationRequest {
    var request = run.request
    request.context = shell.tree.context(of: run.trace)
    request.promptCount = run.trace.promptCount
    request.settings = stream.settings
    request.maxTokens = 1
    if stream.isSeedChosen { request.seed = stream.seed }
    return request
  }

  /// The place after the next token, if the tree has it from an earlier request with the same settings and seed;
  /// otherwise `nil`.
  private func next(after place: Place, drawnAs request: GenerationRequest, in tree: SessionTree) -> Place? {
    let isSame = { (node: SessionTree.Node) in
      guard case .sampled(let made) = tree[node.origin] else { return false }
      return made.settings == request.settings && made.seed == request.seed && made.sequence == request.sequence
        && made.context.model == request.context.model
    }
    guard let node = tree[place.node] else { return nil }
    if place.count < node.tokens.count { return isSame(node) ? Place(node.id, place.count + 1) : nil }
    let child = node.children.lazy.compactMap { tree[$0] }.first {
      $0.parent == place && !$0.tokens.isEmpty && isSame($0)
    }
    return child.map { Place($0.id, 1) }
  }
}
