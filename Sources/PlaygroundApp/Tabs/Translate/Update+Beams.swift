import EngineAPI
import Sampling

/// Translating: the lines of a text one by one, and a line again from a token on.
extension PlaygroundState {
  /// What the prompt, if it were translated now, would be the origin of.
  var translationOrigin: BeamsState.Origin {
    BeamsState.Origin(text: translate.prompt.editor.text, direction: translate.direction, model: translate.model)
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
    if translate.prompt.editor.text.lines.count == 1, let error = promptOverflow {
      overlay = .failure(error)
      return []
    }
    return rememberPrompt { state in
      let beams = state.translate.beams
      if !beams.hypotheses.isEmpty, !beams.isBusy { state.translate.branches.leave(beams) }
      state.translate.beams.batch = BeamsState.Batch(state.translationOrigin)
      state.translate.beams.status = .waiting
      state.translate.beams.base = nil
    }
  }

  /// Searches the next line as soon as its tokens are known.
  mutating func startWaitingBeams() -> [Effect] {
    guard translate.beams.status == .waiting, let sources = translate.beams.batch?.sources else { return [] }
    while let count = translate.beams.batch?.done.count, count < sources.count, sources[count].isEmpty {
      translate.beams.batch?.done.append(BeamsState.Line())
    }
    guard let batch = translate.beams.batch else { return [] }
    guard batch.done.count < batch.sources.count else {
      finishBatch()
      return []
    }
    guard information(batch.origin.model) != nil, let prefix = translate.prefixes[batch.origin.direction] else {
      return []
    }
    if let ids = batch.ids { return searchLine(ids, of: batch) }
    guard batch.awaited == nil else { return [] }
    let question = TokenQuestion(
      prefix: prefix, text: batch.sources[batch.done.count], model: batch.origin.model)
    if translate.prompt.answers(question) { return searchLine(translate.prompt.ids, of: batch) }
    if translate.prompt.asked == question {
      if let error = translate.prompt.failure { refuse(error) }
      return []
    }
    let version = nextVersion()
    translate.beams.batch?.awaited = version
    return [
      .tokenize(Ticket(.lineTokens, version: version), text: prefix + question.text, model: question.model)
    ]
  }

  /// The tokens of a line came.
  mutating func receive(lineTokens result: Result<TokenizedText, EngineError>, version: Int) {
    guard translate.beams.batch?.awaited == version else { return }
    translate.beams.batch?.awaited = nil
    switch result {
    case .success(let tokens): translate.beams.batch?.ids = tokens.ids
    case .failure(let error): refuse(error)
    }
  }

  /// The next line can't be searched: what was there stays.
  private mutating func refuse(_ error: EngineError) {
    let isEmpty = translate.beams.hypotheses.isEmpty
    translate.beams.stop()
    translate.beams.status = isEmpty ? .idle : .stopped
    overlay = .failure(error)
  }

  private mutating func searchLine(_ ids: [Int], of batch: BeamsState.Batch) -> [Effect] {
    if let error = overflow(ids.count, of: batch.origin.model) {
      refuse(error)
      return []
    }
    return search(from: Trace(context: ModelContext(model: batch.origin.model, encoderIDs: ids, ids: [])))
  }

  private mutating func search(from trace: Trace) -> [Effect] {
    let version = nextVersion()
    translate.beams.base = trace
    translate.beams.status = .running(version: version, tokens: 0)
    return [.beamSearch(Ticket(.beams, version: version), beamRequest(trace))]
  }

  /// A search behind a trace, as the settings and the model's files ask for it.
  private mutating func beamRequest(_ trace: Trace) -> BeamRequest {
    let search = translate.search
    var request = BeamRequest(
      context: trace.context(upTo: trace.tokens.count), beams: search.count, returned: search.count,
      maxTokens: search.maxTokens, lengthPenalty: search.lengthPenalty, earlyStopping: search.earlyStopping,
      settings: search.sampling)
    guard let decoding = information(trace.context.model)?.decoding else { return request }
    request.stopStrings = decoding.stopStrings
    request.maxSeconds = decoding.maxSeconds
    if decoding.samples == true { request.seed = settings.seed }
    if search.count > 1, let groups = decoding.beamGroups, groups > 1 {
      let penalty = decoding.diversityPenalty ?? 0
      let obstacle: String? =
        if search.count % groups != 0 {
          "\(search.count) beams don't divide into \(groups) groups"
        } else if penalty <= 0 {
          "there is no diversity_penalty"
        } else if decoding.samples == true {
          "with do_sample tokens are drawn"
        } else {
          nil
        }
      if let obstacle {
        notice = "num_beam_groups of the model's generation_config.json is not used: \(obstacle)"
      } else {
        request.groups = groups
        request.diversityPenalty = penalty
      }
    }
    return request
  }

  mutating func receive(beams result: Result<BeamResult, EngineError>, _ ticket: Ticket) {
    guard case .running(ticket.version, _) = translate.beams.status, let base = translate.beams.base else { return }
    switch result {
    case .success(let answer):
      translate.beams.timing = answer.timing
      let line = BeamsState.Line(hypotheses: hypotheses(answer, after: base))
      guard translate.beams.batch != nil else {
        translate.beams.isGiven = false
        translate.beams.replaceCurrent(by: line)
        translate.beams.status = .finished
        translate.beams.base = nil
        standInTranslation(after: base.tokens.count)
        return
      }
      translate.beams.batch?.done.append(line)
      translate.beams.batch?.ids = nil
      translate.beams.batch?.awaited = nil
      showBatch()
      let left = translate.beams.batch.map { $0.sources.count - $0.done.count } ?? 0
      if left == 0 { finishBatch() } else { translate.beams.status = .waiting }
    case .failure(let error):
      translate.beams.stop()
      if error.kind != .interrupted { overlay = .failure(error) }
    }
  }

  private func hypotheses(_ answer: BeamResult, after base: Trace) -> [BeamsState.Hypothesis] {
    let penalty = translate.search.lengthPenalty
    let hypotheses = answer.completions.map { completion in
      var trace = base
      trace.tokens += completion.tokens
      let score = base.tokens.isEmpty ? completion.score : nil
      return BeamsState.Hypothesis(
        trace: trace, score: score ?? trace.score(lengthPenalty: penalty), reason: completion.finishReason)
    }
    // What was kept counts in the score too, and can change the order.
    return base.tokens.isEmpty ? hypotheses : hypotheses.sorted { $0.score > $1.score }
  }

  /// Shows the lines that are done so far.
  private mutating func showBatch() {
    guard let batch = translate.beams.batch else { return }
    if batch.shownCount == 0 {
      translate.beams.show(batch.done)
    } else {
      translate.beams.append(batch.done[batch.shownCount...])
    }
    translate.beams.batch?.shownCount = batch.done.count
    translate.beams.origin = batch.origin
    translate.beams.isGiven = false
    translate.beams.current = batch.done.firstIndex { !$0.hypotheses.isEmpty } ?? 0
    translate.beams.cursor = nil
    translate.beams.scroll = nil
  }

  private mutating func finishBatch() {
    showBatch()
    translate.beams.status = .finished
    translate.beams.batch = nil
    translate.beams.base = nil
    standInTranslation()
  }

  /// Puts the cursor where there is something to be seen: on the token of the current line that the model was least
  /// sure of, of several the first. The end of a text is none: its candidates say nothing about the translation.
  mutating func standInTranslation(after kept: Int = 0) {
    translate.beams.cursor = nil
    translate.beams.scroll = nil
    guard let trace = translate.beams.hypothesis?.trace else { return }
    let range = translate.beams.range(ofLine: translate.beams.current)
    let ending = endOfText(trace)
    let words = range.dropFirst(kept).filter { !ending.contains(trace.tokens[$0].token.id) }
    let logprob = { (index: Int) in trace.tokens[index].logprob ?? 0 }
    translate.beams.cursor = words.min { (logprob($0), $0) < (logprob($1), $1) } ?? range.first
  }

  /// Keeps the translation before the cursor, puts the candidate there, and searches on.
  mutating func branchTranslation(_ candidate: Candidate) -> [Effect] {
    let token = ScoredToken(candidate, entropy: translate.candidates.answer?.entropy)
    let trace: Trace
    let origin: BeamsState.Origin
    if let shown = shownHypothesis, let old = translate.beams.origin {
      let place = translate.beams.cursor ?? shown.trace.end(endOfText: endOfText(shown.trace))
      translate.beams.current = translate.beams.line(at: place)
      guard translate.beams.hypotheses.indices.contains(translate.beams.chosen) else { return [] }
      let start = translate.beams.range(ofLine: translate.beams.current).lowerBound
      let line = translate.beams.hypotheses[translate.beams.chosen].trace
      trace = line.branched(at: place - start, taking: token)
      origin = old
      if old != translationOrigin { notice = "the old text's translation goes on" }
    } else {
      guard let question = tokenQuestion, translate.prompt.answers(question) else { return [] }
      let context = ModelContext(model: translate.model, encoderIDs: translate.prompt.ids, ids: [])
      trace = Trace(context: context).branched(at: 0, taking: token)
      origin = translationOrigin
    }
    if !translate.beams.hypotheses.isEmpty { translate.branches.leave(translate.beams.settled) }
    if translate.beams.origin != origin || translate.beams.lines.isEmpty {
      translate.beams = BeamsState(lines: [BeamsState.Line()], origin: origin)
    }
    translate.beams.batch = nil
    guard trace.end(endOfText: endOfText(trace)) == trace.tokens.count else {
      let score = trace.score(lengthPenalty: translate.search.lengthPenalty)
      let ended = BeamsState.Hypothesis(trace: trace, score: score, reason: .endOfText)
      translate.beams.replaceCurrent(by: BeamsState.Line(hypotheses: [ended]))
      translate.beams.status = .finished
      translate.beams.isGiven = false
      translate.beams.base = nil
      translate.beams.cursor = nil
      return []
    }
    return search(from: trace)
  }
}

extension BeamsState {
  /// The tokens of a line, among those of all lines together.
  func range(ofLine number: Int) -> Range<Int> {
    let counts = lines.map { $0.shown?.trace.tokens.count ?? 0 }
    let start = counts.prefix(number).reduce(0, +)
    return start..<(start + (counts.indices.contains(number) ? counts[number] : 0))
  }

  /// The line that a token belongs to; behind the last one, the last line that has any.
  func line(at token: Int) -> Int {
    var end = 0
    var last = 0
    for (number, line) in lines.enumerated() {
      guard let count = line.shown?.trace.tokens.count, count > 0 else { continue }
      end += count
      last = number
      if end > token { break }
    }
    return last
  }

  /// Moves the cursor; the beams listed are those of its line.
  mutating func moveCursor(to token: Int?) {
    cursor = token
    if token == nil { scroll = nil }
    if lines.count > 1 { current = line(at: token ?? .max) }
  }
}

extension Trace {
  /// The score of beam search: the sum of log-probabilities over a power of the count of tokens; not a number
  /// where a token has none.
  func score(lengthPenalty: Double) -> Double {
    guard tokens.allSatisfy({ $0.logprob != nil }) else { return .nan }
    let sum = tokens.reduce(0) { $0 + ($1.logprob ?? 0) }
    return sum / Probability.power(Double(max(1, tokens.count)), lengthPenalty)
  }
}
