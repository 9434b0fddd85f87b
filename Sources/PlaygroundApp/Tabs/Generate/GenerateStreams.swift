import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension GenerateState {
  /// Sends the prompt to every stream.
  mutating func generateAll(_ shell: inout Shell) -> [Effect] {
    let effects = rememberPrompt()
    for index in streams.indices { queue(stream: index, &shell) }
    return effects
  }

  /// Queues a stream: it starts as soon as its model is open and the prompt is tokenized.
  mutating func queue(stream index: Int, _ shell: inout Shell) {
    let model = streams[index].model
    if case .failed(let error) = shell.opened[model] {
      shell.fail(error)
    } else {
      streams[index].waiting = StreamWait(text: prompt.editor.text)
    }
  }

  mutating func startWaitingStreams(_ shell: inout Shell) -> [Effect] {
    var effects: [Effect] = []
    for index in streams.indices {
      effects += startIfReady(stream: index, &shell)
      effects += takeWaitingStep(stream: index, &shell)
    }
    return effects
  }

  private mutating func startIfReady(stream index: Int, _ shell: inout Shell) -> [Effect] {
    let stream = streams[index]
    guard let waiting = stream.waiting, shell.information(stream.model) != nil else { return [] }
    if let tokens = waiting.tokens { return start(stream: index, tokens, of: waiting.text, &shell) }
    guard waiting.awaited == nil else { return [] }
    let question = TokenQuestion(text: waiting.text, model: stream.model)
    if prompt.answers(question) { return start(stream: index, prompt.tokens, of: waiting.text, &shell) }
    if prompt.asked == question {
      if let error = prompt.failure {
        streams[index].waiting = nil
        shell.fail(error)
      }
      return []
    }
    let version = shell.nextVersion()
    streams[index].waiting?.awaited = version
    return [.tokenize(Ticket(.streamTokens(stream.id), version: version), text: waiting.text, model: stream.model)]
  }

  /// Receives the prompt's tokens for a stream whose model is not the leading one's.
  mutating func receive(tokens result: Result<TokenizedText, EngineError>, _ ticket: Ticket, _ shell: inout Shell) {
    guard let index = streams.firstIndex(where: { ticket.slot == .streamTokens($0.id) }),
      streams[index].waiting?.awaited == ticket.version
    else { return }
    switch result {
    case .success(let tokens): streams[index].waiting?.tokens = tokens
    case .failure(let error):
      streams[index].waiting = nil
      shell.fail(error)
    }
  }

  /// Starts a completion. Does nothing if the prompt leaves no room for one.
  mutating func start(
    stream index: Int, _ tokens: TokenizedText, of prompt: String, _ shell: inout Shell
  ) -> [Effect] {
    let stream = streams[index]
    let ids = tokens.ids
    if let error = shell.overflow(ids.count, of: stream.model, among: models) {
      streams[index].waiting = nil
      shell.fail(error)
      return []
    }
    var request = GenerationRequest(
      context: ModelContext(model: stream.model, ids: ids), settings: stream.settings, maxTokens: stream.maxTokens,
      seed: stream.seed, topCount: Limits.liveCandidates)
    if let information = shell.information(stream.model), !stream.settingsAreOwn {
      // The model's default length may include the prompt.
      let limit = information.decoding.newTokens(after: max(ids.count, 1)) ?? stream.maxTokens
      guard limit > 0 else {
        streams[index].waiting = nil
        shell.fail(information.nothingMayFollow(ids.count))
        return []
      }
      request.maxTokens = limit
      request.settings.minTokens = information.decoding.settings(after: max(ids.count, 1)).minTokens
      streams[index].maxTokens = request.maxTokens
      streams[index].settings.minTokens = request.settings.minTokens
    }
    if stream.waiting?.isStep == true { request.maxTokens = 1 }
    let place = shell.tree.type(prompt, tokens.values, model: stream.model)
    let trace = shell.tree.trace(to: place, promptCount: ids.count)
    return begin(request, trace: trace, prompt: prompt, stream: index, &shell)
  }

  /// Runs a request in a stream and replaces the text shown; undo restores that text. If the seed has already been used
  /// for this request, takes the next unused one, unless the user chose the seed.
  private mutating func begin(
    _ request: GenerationRequest, trace: Trace, prompt: String, stream index: Int, _ shell: inout Shell
  ) -> [Effect] {
    var request = request
    if let information = shell.information(request.context.model) {
      request.stopStrings = information.decoding.length.stopStrings
      request.maxSeconds = information.decoding.length.maxTime
    }
    releaseSeed(stream: index)
    if !streams[index].isSeedChosen {
      request.seed = seeds.unusedSeed(for: request)
    } else if seeds.hasUsed(request) {
      shell.notice = "seed \(request.seed) has made this text before: the same text comes again"
    }
    seeds.use(request)
    streams[index].seed = request.seed
    streams[index].isSeedChosen = false
    let version = show(trace, of: request, prompt: prompt, stream: index, &shell)
    return [.generate(Ticket(.stream(streams[index].id), version: version), request)]
  }

  /// Marks the seed of a run as unused if the run is abandoned before its first token.
  mutating func releaseSeed(stream index: Int) {
    guard let run = streams[index].run, run.isRunning, run.made == 0, !run.isStep else { return }
    seeds.release(run.request)
  }

  /// Shows a new run in a stream and adds a node after its trace to the tree. Returns the version of the request.
  mutating func show(
    _ trace: Trace, of request: GenerationRequest, prompt: String, stream index: Int, _ shell: inout Shell
  ) -> Int {
    let version = shell.nextVersion()
    settle(stream: index, &shell)
    let place = shell.tree.branch(at: trace.place, by: shell.tree.add(.sampled(request)))
    let reader = streams[index].reader ?? shell.tree.addCursor()
    streams[index].reader = reader
    // Do not add an undo step for an empty text, unless the user removed tokens to get there.
    let isNew = shell.tree.cursors[reader]?.undone.isEmpty ?? true
    if isNew, streams[index].run?.trace.tokens.isEmpty ?? true {
      shell.tree.follow(reader, to: [place])
    } else {
      shell.tree.move(reader, to: [place])
    }
    let total = request.context.ids.count
    streams[index].waiting = nil
    streams[index].cursor = nil
    streams[index].scroll = nil
    if !(request.maxTokens == 1) { streams[index].stepsWaiting = 0 }
    streams[index].run = StreamRun(
      version: version, trace: shell.tree.trace(to: place, promptCount: trace.promptCount), request: request,
      prompt: prompt, status: .prompt(done: 0, total: total))
    return version
  }

  /// Cuts the text at the cursor, appends the candidate, and continues.
  mutating func branch(stream index: Int, _ candidate: Candidate, _ shell: inout Shell) -> [Effect] {
    let stream = streams[index]
    guard let run = stream.run, let place = stream.place(endOfText: shell.endOfText(run.trace)) else { return [] }
    guard !fillsContext(run.trace.promptCount + place, of: run.trace.model, &shell) else { return [] }
    let trace = shell.tree.branch(run.trace, at: place, taking: ScoredToken(candidate, of: candidates.answer))
    return goOn(stream: index, run, trace, &shell)
  }

  /// Continues a finished stream after its last token.
  mutating func goOn(_ shell: inout Shell) -> [Effect] {
    let index = lead
    guard let run = streams[index].run else {
      // An empty stream starts alone; the texts of the other streams stay.
      let effects = rememberPrompt()
      queue(stream: index, &shell)
      return effects
    }
    guard !run.isRunning else { return [] }
    if run.trace.end(endOfText: shell.endOfText(run.trace)) < run.trace.tokens.count {
      shell.notice = endedNotice(shell)
      return []
    }
    let count = run.trace.promptCount + run.trace.tokens.count
    guard !fillsContext(count, of: run.trace.model, &shell) else { return [] }
    return goOn(stream: index, run, run.trace, &shell)
  }

  /// Whether a text of `count` tokens, prompt included, leaves no room in the model's context. Shows a notice if so.
  func fillsContext(_ count: Int, of model: ModelReference, _ shell: inout Shell) -> Bool {
    guard let limit = shell.information(model)?.contextLength, count >= limit else { return false }
    shell.notice = "the context is full: \(NumberText.grouped(count)) of \(NumberText.grouped(limit)) tokens"
    return true
  }

  /// Continues a trace with a new sequence number, so that its random numbers differ from those of the start.
  private mutating func goOn(stream index: Int, _ run: StreamRun, _ trace: Trace, _ shell: inout Shell) -> [Effect] {
    shell.notice = continuationNotice(stream: index)
    let stream = streams[index]
    let end = trace.tokens.count
    let request = GenerationRequest(
      context: shell.tree.context(of: trace), promptCount: trace.promptCount, settings: stream.settings,
      maxTokens: stream.maxTokens, seed: stream.seed, sequence: end, topCount: Limits.liveCandidates)
    let endsText = trace.end(endOfText: shell.endOfText(trace)) < end
    let limit = shell.information(trace.model)?.contextLength ?? .max
    guard endsText || request.context.ids.count >= limit else {
      return begin(request, trace: trace, prompt: run.prompt, stream: index, &shell)
    }
    // If the chosen token ends the text or fills the context, there is nothing to generate.
    let slot = Slot.stream(stream.id)
    let wasRunning = stream.isRunning
    releaseSeed(stream: index)
    _ = show(trace, of: request, prompt: run.prompt, stream: index, &shell)
    let reason = endsText ? FinishReason.endOfText : .length
    streams[index].run?.status = .finished(reason)
    if let place = streams[index].run?.trace.place { shell.tree.finish(place.node, Outcome(reason)) }
    return wasRunning ? [.cancel(slot)] : []
  }
}

extension Slot {
  /// A stream.
  public static func stream(_ id: Int) -> Slot { Slot(.generate, "stream", id) }
  /// The tokens of the prompt for a stream whose model is not the leading one's.
  static func streamTokens(_ id: Int) -> Slot { Slot(.generate, "streamTokens", id) }
}
