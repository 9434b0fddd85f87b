import EngineAPI
import Sampling
import TerminalUI

extension PlaygroundState {
  /// How many of the most probable tokens come with each new one: what the candidates show while a stream runs.
  static let liveCandidates = 32

  /// Sends the prompt to every stream.
  mutating func generateAll() -> [Effect] {
    rememberPrompt(then: { state in
      for index in state.generate.streams.indices { state.queue(stream: index) }
    })
  }

  /// Puts the prompt into the history and does the rest.
  mutating func rememberPrompt(then act: (inout PlaygroundState) -> Void) -> [Effect] {
    let text = prompt.editor.text
    let isNew = !text.isEmpty && prompt.history.entries.last != text
    prompt.history.add(text)
    act(&self)
    return isNew ? [.remember(task, prompt: text)] : []
  }

  /// Has a stream begin with the prompt as soon as it can.
  mutating func queue(stream index: Int) {
    let model = generate.streams[index].model
    if case .failed(let error) = opened[model] {
      overlay = .failure(error)
    } else {
      generate.streams[index].waiting = StreamWait(text: prompt.editor.text)
    }
  }

  /// The leading stream once more with the next seed.
  mutating func again() -> [Effect] {
    let index = generate.lead
    generate.streams[index].seed &+= 1
    queue(stream: index)
    return []
  }

  mutating func startWaitingStreams() -> [Effect] {
    generate.streams.indices.flatMap { startIfReady(stream: $0) }
  }

  private mutating func startIfReady(stream index: Int) -> [Effect] {
    let stream = generate.streams[index]
    guard let waiting = stream.waiting, information(stream.model) != nil else { return [] }
    if let ids = waiting.ids { return start(stream: index, ids: ids, of: waiting.text) }
    guard waiting.awaited == nil else { return [] }
    let question = TokenQuestion(text: waiting.text, model: stream.model)
    if generate.prompt.answers(question) { return start(stream: index, ids: generate.prompt.ids, of: waiting.text) }
    if generate.prompt.asked == question {
      if let error = generate.prompt.failure {
        generate.streams[index].waiting = nil
        overlay = .failure(error)
      }
      return []
    }
    let version = nextVersion()
    generate.streams[index].waiting?.awaited = version
    return [.tokenize(Ticket(.streamTokens(stream.id), version: version), text: waiting.text, model: stream.model)]
  }

  /// The prompt's tokens for a stream of another model came.
  mutating func receive(tokens result: Result<TokenizedText, EngineError>, stream id: Int, version: Int) {
    guard let index = generate.streams.firstIndex(where: { $0.id == id }),
      generate.streams[index].waiting?.awaited == version
    else { return }
    switch result {
    case .success(let tokens): generate.streams[index].waiting?.ids = tokens.ids
    case .failure(let error):
      generate.streams[index].waiting = nil
      overlay = .failure(error)
    }
  }

  /// Begins a completion, unless the prompt leaves no room for one: then nothing changes.
  mutating func start(stream index: Int, ids: [Int], of prompt: String) -> [Effect] {
    let stream = generate.streams[index]
    if let error = overflow(ids.count, of: stream.model) {
      generate.streams[index].waiting = nil
      overlay = .failure(error)
      return []
    }
    var request = GenerationRequest(
      context: ModelContext(model: stream.model, ids: ids), settings: stream.settings, maxTokens: stream.maxTokens,
      seed: stream.seed, topCount: PlaygroundState.liveCandidates)
    if let information = information(stream.model), !stream.settingsAreOwn {
      // What counts the prompt too: the lengths of the model's files.
      let limit = information.defaultNewTokens(after: max(ids.count, 1)) ?? stream.maxTokens
      guard limit > 0 else {
        generate.streams[index].waiting = nil
        overlay = .failure(information.nothingMayFollow(ids.count))
        return []
      }
      request.maxTokens = limit
      request.settings.minTokens = information.defaultSettings(after: max(ids.count, 1)).minTokens
      generate.streams[index].maxTokens = request.maxTokens
      generate.streams[index].settings.minTokens = request.settings.minTokens
    }
    return begin(request, trace: Trace(context: request.context), prompt: prompt, stream: index)
  }

  /// Runs a request in a stream in place of what it shows, which can be come back to. Where the request's seed has made
  /// its text before, the next one that has not takes its place.
  private mutating func begin(
    _ request: GenerationRequest, trace: Trace, prompt: String, stream index: Int
  ) -> [Effect] {
    var request = request
    if let information = information(request.context.model) {
      request.stopStrings = information.decoding.stopStrings
      request.maxSeconds = information.decoding.maxSeconds
    }
    releaseSeed(stream: index)
    let wish = request.seed
    request.seed = generate.seeds.unusedSeed(for: request)
    generate.seeds.use(request)
    if generate.streams[index].isSeedChosen, request.seed != wish {
      notice = "seed \(wish) has made this text before: \(request.seed) is next"
    }
    generate.streams[index].seed = request.seed
    generate.streams[index].isSeedChosen = false
    let version = show(trace, of: request, prompt: prompt, stream: index)
    return [.generate(Ticket(.stream(generate.streams[index].id), version: version), request)]
  }

  /// The seed of a run that is left before its first token has made no text: another one may take it.
  mutating func releaseSeed(stream index: Int) {
    guard let run = generate.streams[index].run, run.isRunning, run.made == 0 else { return }
    generate.seeds.release(run.request)
  }

  /// Puts a run in the place of what a stream shows; the version of its request.
  private mutating func show(
    _ trace: Trace, of request: GenerationRequest, prompt: String, stream index: Int
  ) -> Int {
    let version = nextVersion()
    if let run = generate.streams[index].run, !run.trace.tokens.isEmpty {
      generate.streams[index].branches.leave(run.settled)
    }
    let total = request.context.ids.count
    generate.streams[index].waiting = nil
    generate.streams[index].cursor = nil
    generate.streams[index].scroll = nil
    generate.streams[index].run = StreamRun(
      version: version, trace: trace, request: request, prompt: prompt, status: .prompt(done: 0, total: total))
    return version
  }

  /// Keeps the tokens before the cursor's, puts the candidate there, and goes on.
  mutating func branch(stream index: Int, _ candidate: Candidate) -> [Effect] {
    let stream = generate.streams[index]
    guard let run = stream.run, let place = stream.place(endOfText: endOfText(run.trace)) else { return [] }
    let trace = run.trace.branched(
      at: place, taking: ScoredToken(candidate, entropy: generate.candidates.answer?.entropy))
    return goOn(stream: index, run, trace)
  }

  /// Goes on behind the last token of a stream that is over.
  mutating func goOn() -> [Effect] {
    let index = generate.lead
    guard let run = generate.streams[index].run else { return generateAll() }
    guard !run.isRunning else { return [] }
    if run.trace.end(endOfText: endOfText(run.trace)) < run.trace.tokens.count {
      notice = "the text has ended: choose another token in its place, or r for another text"
      return []
    }
    let count = run.trace.context.ids.count + run.trace.tokens.count
    if let limit = information(run.trace.context.model)?.contextLength, count >= limit {
      notice = "the context is full: \(NumberText.grouped(count)) of \(NumberText.grouped(limit)) tokens"
      return []
    }
    return goOn(stream: index, run, run.trace)
  }

  /// Continues a trace. Its draws come from a sequence of their own, so that they don't repeat those of the beginning.
  private mutating func goOn(stream index: Int, _ run: StreamRun, _ trace: Trace) -> [Effect] {
    notice = continuationNotice(stream: index)
    let stream = generate.streams[index]
    let end = trace.tokens.count
    var request = GenerationRequest(
      context: trace.context(upTo: end), promptCount: trace.context.ids.count, settings: stream.settings,
      maxTokens: stream.maxTokens, seed: stream.seed, sequence: end, topCount: PlaygroundState.liveCandidates)
    request.context.model = trace.context.model
    let endsText = trace.end(endOfText: endOfText(trace)) < end
    let limit = information(trace.context.model)?.contextLength ?? .max
    guard endsText || request.context.ids.count >= limit else {
      return begin(request, trace: trace, prompt: run.prompt, stream: index)
    }
    // The chosen token ends the text, or takes the last place of the context: there is nothing to make.
    let slot = Slot.stream(stream.id)
    let wasRunning = stream.isRunning
    releaseSeed(stream: index)
    _ = show(trace, of: request, prompt: run.prompt, stream: index)
    generate.streams[index].run?.status = .finished(endsText ? .endOfText : .length)
    return wasRunning ? [.cancel(slot)] : []
  }

  /// The ids that end a text of a trace's model.
  func endOfText(_ trace: Trace) -> [Int] { information(trace.context.model)?.endOfTextIDs ?? [] }

  /// What the candidates of the Generate tab are to show.
  mutating func askGenerateCandidates() -> [Effect] {
    if case .stream(let index) = generate.source, let run = generate.streams[index].run {
      let stream = generate.streams[index]
      if run.isRunning, stream.cursor == nil {
        if let token = run.trace.tokens.last {
          let size = information(run.trace.context.model)?.vocabularySize ?? token.top.count
          generate.candidates.follow(token, vocabularySize: size)
        }
        return []
      }
      let place = stream.place(endOfText: endOfText(run.trace)) ?? 0
      let count = run.trace.context.ids.count
      return ask(
        \.generate.candidates, .candidates(.generate, list: 0),
        DistributionRequest(
          context: run.trace.context(upTo: run.trace.tokens.count), position: count + place, promptCount: count,
          settings: stream.settings))
    }
    guard let question = tokenQuestion else {
      generate.candidates.clear()
      return []
    }
    guard generate.prompt.answers(question) else { return [] }
    if let error = tooLong {
      generate.candidates.refuse(error)
      return []
    }
    let prompt = generate.prompt
    let position = generate.source == .prompt ? prompt.cursorPosition : prompt.endPosition
    return ask(
      \.generate.candidates, .candidates(.generate, list: 0),
      DistributionRequest(
        context: ModelContext(model: question.model, ids: prompt.ids), position: position,
        settings: generate.leading.settings))
  }
}

extension ScoredToken {
  /// A candidate as a token of a text.
  init(_ candidate: Candidate, entropy: Double?) {
    self.init(
      token: candidate.ranked.token, logprob: candidate.ranked.logprob, rank: candidate.ranked.rank, entropy: entropy)
  }
}
