import EngineAPI
import Sampling

extension PlaygroundState {
  /// Takes what the model's files say about beams and languages.
  mutating func takeTranslationDefaults(_ information: ModelInformation) {
    let languages = information.languages
    if languages.count > 1,
      !languages.contains(translate.direction.source) || !languages.contains(translate.direction.target)
    {
      translate.direction = TranslationDirection(from: languages[0], to: languages[1])
    }
    guard !translate.search.isOwn else { return }
    translate.search.count = information.defaultBeams ?? settings.beams
    translate.search.maxTokens = max(information.defaultNewTokens(after: 1) ?? settings.maxTokens, 1)
    translate.search.lengthPenalty = information.defaultLengthPenalty ?? 1
    translate.search.earlyStopping = information.defaultEarlyStopping ?? .heuristic
    translate.search.sampling = information.defaultSettings(after: 1).processors
  }

  /// Asks for the prefix of the direction, once.
  mutating func askPrefix() -> [Effect] {
    let direction = translate.direction
    guard information(translate.model) != nil, translate.askedPrefixes.insert(direction).inserted else { return [] }
    return [.translationPrefix(direction, model: translate.model)]
  }

  mutating func receive(
    prefix result: Result<String, EngineError>, _ direction: TranslationDirection, _ model: ModelReference
  ) {
    guard model == translate.model else { return }
    switch result {
    case .success(let prefix): translate.prefixes[direction] = prefix
    case .failure(let error):
      // A model that was not made for languages still answers to plain text.
      translate.prefixes[direction] = ""
      notice = "no task prefix: \(error.description)"
    }
  }

  /// Every direction between the model's languages.
  var directions: [TranslationDirection] {
    let known = information(translate.model)?.languages ?? []
    let languages = known.count > 1 ? known : [translate.direction.source, translate.direction.target]
    return languages.flatMap { source in
      languages.filter { $0 != source }.map { TranslationDirection(from: source, to: $0) }
    }
  }

  /// Has the prompt translated as soon as that can begin.
  mutating func translateAll() -> [Effect] {
    if case .failed(let error) = opened[translate.model] {
      overlay = .failure(error)
      return []
    }
    guard !translate.prompt.editor.isEmpty else {
      notice = "nothing to translate yet"
      return []
    }
    return rememberPrompt { state in
      let beams = state.translate.beams
      if !beams.hypotheses.isEmpty, !beams.isBusy { state.translate.branches.leave(beams) }
      state.translate.beams.status = .waiting
      state.translate.beams.kept = nil
    }
  }

  mutating func startWaitingBeams() -> [Effect] {
    guard translate.beams.status == .waiting, let question = tokenQuestion, translate.prompt.answers(question) else {
      if translate.beams.status == .waiting, let error = translate.prompt.failure {
        translate.beams.status = .stopped
        overlay = .failure(error)
      }
      return []
    }
    let trace = Trace(
      context: ModelContext(model: translate.model, encoderIDs: translate.prompt.ids, ids: []))
    return search(from: trace)
  }

  private mutating func search(from trace: Trace) -> [Effect] {
    let version = nextVersion()
    let settings = translate.search
    translate.beams.kept = trace.tokens.isEmpty ? nil : trace
    translate.beams.status = .running(version: version, tokens: 0)
    return [
      .beamSearch(
        Ticket(.beams, version: version),
        BeamRequest(
          context: trace.context(upTo: trace.tokens.count), beams: settings.count, returned: settings.count,
          maxTokens: settings.maxTokens, lengthPenalty: settings.lengthPenalty, earlyStopping: settings.earlyStopping,
          settings: settings.sampling))
    ]
  }

  mutating func receive(beams result: Result<BeamResult, EngineError>, _ ticket: Ticket) {
    guard case .running(ticket.version, _) = translate.beams.status else { return }
    switch result {
    case .success(let answer):
      let beginning =
        translate.beams.kept
        ?? Trace(context: ModelContext(model: translate.model, encoderIDs: translate.prompt.ids, ids: []))
      let penalty = translate.search.lengthPenalty
      translate.beams.hypotheses = answer.completions.map { completion in
        var trace = beginning
        trace.tokens += completion.tokens
        let score = beginning.tokens.isEmpty ? completion.score : nil
        return BeamsState.Hypothesis(
          trace: trace, score: score ?? trace.score(lengthPenalty: penalty), reason: completion.finishReason)
      }
      // What was kept counts in the score too, and can change the order.
      if !beginning.tokens.isEmpty { translate.beams.hypotheses.sort { $0.score > $1.score } }
      translate.beams.chosen = 0
      translate.beams.cursor = nil
      translate.beams.scroll = nil
      translate.beams.timing = answer.timing
      translate.beams.status = .finished
      translate.beams.kept = nil
    case .failure(let error):
      translate.beams.status = .stopped
      if error.kind != .interrupted { overlay = .failure(error) }
    }
  }

  /// Keeps the translation before the cursor, puts the candidate there, and searches on.
  mutating func branchTranslation(_ candidate: Candidate) -> [Effect] {
    let entropy = translate.candidates.answer?.entropy
    let trace: Trace
    if let shown = shownHypothesis {
      let place = translate.beams.cursor ?? shown.trace.end(endOfText: endOfText(shown.trace))
      trace = shown.trace.branched(at: place, taking: ScoredToken(candidate, entropy: entropy))
    } else {
      guard let question = tokenQuestion, translate.prompt.answers(question) else { return [] }
      let context = ModelContext(model: translate.model, encoderIDs: translate.prompt.ids, ids: [])
      trace = Trace(context: context).branched(at: 0, taking: ScoredToken(candidate, entropy: entropy))
    }
    if !translate.beams.hypotheses.isEmpty { translate.branches.leave(translate.beams.settled) }
    guard trace.end(endOfText: endOfText(trace)) == trace.tokens.count else {
      let score = trace.score(lengthPenalty: translate.search.lengthPenalty)
      translate.beams = BeamsState(
        hypotheses: [BeamsState.Hypothesis(trace: trace, score: score, reason: .endOfText)], status: .finished)
      return []
    }
    return search(from: trace)
  }

  /// Back to the translations before the last branch, or forward again.
  mutating func walkTranslations(back: Bool) -> [Effect] {
    let current = translate.beams.settled
    let other = back ? translate.branches.back(from: current) : translate.branches.forward(from: current)
    guard let other else {
      notice = back ? "nothing to undo in the translation" : "nothing to redo in the translation"
      return []
    }
    let wasRunning = translate.beams.isBusy
    translate.beams = other.settled
    if let model = other.hypothesis?.trace.context.model { setTranslationModel(model) }
    return wasRunning ? [.cancel(.beams)] : []
  }

  /// Another model for the tab: its prefixes and candidates are asked for anew.
  mutating func setTranslationModel(_ model: ModelReference) {
    guard model != translate.model else { return }
    translate.model = model
    translate.prefixes = [:]
    translate.askedPrefixes = []
    translate.candidates.clear()
    if let information = information(model) { takeTranslationDefaults(information) }
  }

  /// The chosen translation, unless the prompt has the focus and is another text by now.
  var shownHypothesis: BeamsState.Hypothesis? {
    guard let shown = translate.beams.hypothesis else { return nil }
    if translate.focus == .prompt, shown.trace.context.encoderIDs != translate.prompt.ids { return nil }
    return shown
  }

  /// What the candidates of the Translate tab are to show.
  mutating func askTranslationCandidates() -> [Effect] {
    let context: ModelContext
    var position = 0
    if let shown = shownHypothesis {
      context = shown.trace.context(upTo: shown.trace.tokens.count)
      position = translate.beams.cursor ?? shown.trace.end(endOfText: endOfText(shown.trace))
    } else {
      guard let question = tokenQuestion, translate.prompt.answers(question) else { return [] }
      guard !translate.prompt.editor.isEmpty else {
        translate.candidates.clear()
        return []
      }
      if let error = tooLong {
        translate.candidates.refuse(error)
        return []
      }
      context = ModelContext(model: translate.model, encoderIDs: translate.prompt.ids, ids: [])
    }
    return ask(
      \.translate.candidates, .candidates(.translate, list: 0),
      DistributionRequest(
        context: context, position: position, promptCount: 0, settings: translate.search.sampling))
  }
}

extension Trace {
  /// The score of beam search: the sum of log-probabilities over a power of the count of tokens.
  func score(lengthPenalty: Double) -> Double {
    let sum = tokens.reduce(0) { $0 + ($1.logprob ?? 0) }
    return sum / Probability.power(Double(max(1, tokens.count)), lengthPenalty)
  }
}

extension BeamsState {
  /// The beams as they stay when they are left: nothing of them runs.
  var settled: BeamsState {
    var beams = self
    if beams.isBusy { beams.status = .stopped }
    return beams
  }
}
