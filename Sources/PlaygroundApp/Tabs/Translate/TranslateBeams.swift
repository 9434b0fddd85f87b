import EngineAPI
import Sampling

/// Translating: the lines of a text one by one, and a line again from a token on.
extension TranslateState {
  /// What the prompt, if it were translated now, would be the origin of.
  var translationOrigin: BeamsState.Origin {
    BeamsState.Origin(text: prompt.editor.text, direction: direction, model: model)
  }

  /// Has the prompt translated as soon as that can begin.
  mutating func translateAll(_ shell: inout Shell) -> [Effect] {
    if case .failed(let error) = shell.opened[model] {
      shell.fail(error)
      return []
    }
    guard !prompt.editor.isEmpty else {
      shell.notice = "nothing to translate yet"
      return []
    }
    if prompt.editor.text.lines.count == 1, let error = promptOverflow(shell) {
      shell.fail(error)
      return []
    }
    if !beams.hypotheses.isEmpty, !beams.isBusy { branches.leave(beams) }
    beams.batch = BeamsState.Batch(translationOrigin)
    beams.status = .waiting
    beams.base = nil
    return rememberPrompt()
  }

  /// Searches the next line as soon as its tokens are known.
  mutating func startWaitingBeams(_ shell: inout Shell) -> [Effect] {
    guard beams.status == .waiting, let sources = beams.batch?.sources else { return [] }
    while let count = beams.batch?.done.count, count < sources.count, sources[count].isEmpty {
      beams.batch?.done.append(BeamsState.Line())
    }
    guard let batch = beams.batch else { return [] }
    guard batch.done.count < batch.sources.count else {
      finishBatch(shell)
      return []
    }
    guard shell.information(batch.origin.model) != nil, let prefix = prefixes[batch.origin.direction] else {
      return []
    }
    if let ids = batch.ids { return searchLine(ids, of: batch, &shell) }
    guard batch.awaited == nil else { return [] }
    let question = TokenQuestion(
      prefix: prefix, text: batch.sources[batch.done.count], model: batch.origin.model)
    if prompt.answers(question) { return searchLine(prompt.ids, of: batch, &shell) }
    if prompt.asked == question {
      if let error = prompt.failure { refuse(error, &shell) }
      return []
    }
    let version = shell.nextVersion()
    beams.batch?.awaited = version
    return [
      .tokenize(Ticket(.lineTokens, version: version), text: prefix + question.text, model: question.model)
    ]
  }

  /// The tokens of a line came.
  mutating func receive(lineTokens result: Result<TokenizedText, EngineError>, _ ticket: Ticket, _ shell: inout Shell) {
    guard ticket.slot == .lineTokens, beams.batch?.awaited == ticket.version else { return }
    beams.batch?.awaited = nil
    switch result {
    case .success(let tokens): beams.batch?.ids = tokens.ids
    case .failure(let error): refuse(error, &shell)
    }
  }

  /// The next line can't be searched: what was there stays.
  private mutating func refuse(_ error: EngineError, _ shell: inout Shell) {
    let isEmpty = beams.hypotheses.isEmpty
    beams.stop()
    beams.status = isEmpty ? .idle : .stopped
    shell.fail(error)
  }

  private mutating func searchLine(_ ids: [Int], of batch: BeamsState.Batch, _ shell: inout Shell) -> [Effect] {
    if let error = shell.overflow(ids.count, of: batch.origin.model, among: models) {
      refuse(error, &shell)
      return []
    }
    return startSearch(from: Trace(context: ModelContext(model: batch.origin.model, encoderIDs: ids, ids: [])), &shell)
  }

  private mutating func startSearch(from trace: Trace, _ shell: inout Shell) -> [Effect] {
    let version = shell.nextVersion()
    beams.base = trace
    beams.status = .running(version: version, tokens: 0)
    return [.beamSearch(Ticket(.beams, version: version), beamRequest(trace, &shell))]
  }

  /// A search behind a trace, as the settings and the model's files ask for it.
  private func beamRequest(_ trace: Trace, _ shell: inout Shell) -> BeamRequest {
    let search = search
    var request = BeamRequest(
      context: trace.context(upTo: trace.tokens.count), beams: search.count, returned: search.count,
      maxTokens: search.maxTokens, lengthPenalty: search.lengthPenalty, earlyStopping: search.earlyStopping,
      settings: search.sampling)
    guard let decoding = shell.information(trace.context.model)?.decoding else { return request }
    request.stopStrings = decoding.stopStrings
    request.maxSeconds = decoding.maxSeconds
    if decoding.samples == true { request.seed = shell.settings.seed }
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
        shell.notice = "num_beam_groups of the model's generation_config.json is not used: \(obstacle)"
      } else {
        request.groups = groups
        request.diversityPenalty = penalty
      }
    }
    return request
  }

  mutating func receive(beams result: Result<BeamResult, EngineError>, _ ticket: Ticket, _ shell: inout Shell) {
    guard case .running(ticket.version, _) = beams.status, let base = beams.base else { return }
    switch result {
    case .success(let answer):
      beams.timing = answer.timing
      let line = BeamsState.Line(hypotheses: hypotheses(answer, after: base))
      guard beams.batch != nil else {
        beams.isGiven = false
        beams.replaceCurrent(by: line)
        beams.status = .finished
        beams.base = nil
        standInTranslation(after: base.tokens.count, shell)
        return
      }
      beams.batch?.done.append(line)
      beams.batch?.ids = nil
      beams.batch?.awaited = nil
      showBatch()
      let left = beams.batch.map { $0.sources.count - $0.done.count } ?? 0
      if left == 0 { finishBatch(shell) } else { beams.status = .waiting }
    case .failure(let error):
      beams.stop()
      if error.kind != .interrupted { shell.fail(error) }
    }
  }

  private func hypotheses(_ answer: BeamResult, after base: Trace) -> [BeamsState.Hypothesis] {
    let penalty = search.lengthPenalty
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
    guard let batch = beams.batch else { return }
    if batch.shownCount == 0 {
      beams.show(batch.done)
    } else {
      beams.append(batch.done[batch.shownCount...])
    }
    beams.batch?.shownCount = batch.done.count
    beams.origin = batch.origin
    beams.isGiven = false
    beams.current = batch.done.firstIndex { !$0.hypotheses.isEmpty } ?? 0
    beams.cursor = nil
    beams.scroll = nil
  }

  private mutating func finishBatch(_ shell: Shell) {
    showBatch()
    beams.status = .finished
    beams.batch = nil
    beams.base = nil
    standInTranslation(shell)
  }

  /// Puts the cursor where there is something to be seen: on the token of the current line that the model was least
  /// sure of, of several the first. The end of a text is none: its candidates say nothing about the translation.
  mutating func standInTranslation(after kept: Int = 0, _ shell: Shell) {
    beams.cursor = nil
    beams.scroll = nil
    guard let trace = beams.hypothesis?.trace else { return }
    let range = beams.range(ofLine: beams.current)
    let ending = shell.endOfText(trace)
    let words = range.dropFirst(kept).filter { !ending.contains(trace.tokens[$0].token.id) }
    let logprob = { (index: Int) in trace.tokens[index].logprob ?? 0 }
    beams.cursor = words.min { (logprob($0), $0) < (logprob($1), $1) } ?? range.first
  }

  /// Keeps the translation before the cursor, puts the candidate there, and searches on.
  mutating func branch(_ candidate: Candidate, _ shell: inout Shell) -> [Effect] {
    let token = ScoredToken(candidate, of: candidates.answer)
    let trace: Trace
    let origin: BeamsState.Origin
    if let shown = shownHypothesis, let old = beams.origin {
      let place = beams.cursor ?? shown.trace.end(endOfText: shell.endOfText(shown.trace))
      beams.current = beams.line(at: place)
      guard beams.hypotheses.indices.contains(beams.chosen) else { return [] }
      let start = beams.range(ofLine: beams.current).lowerBound
      let line = beams.hypotheses[beams.chosen].trace
      trace = line.branched(at: place - start, taking: token)
      origin = old
      if old != translationOrigin { shell.notice = "the old text's translation goes on" }
    } else {
      guard answeredQuestion(shell) != nil else { return [] }
      let context = ModelContext(model: model, encoderIDs: prompt.ids, ids: [])
      trace = Trace(context: context).branched(at: 0, taking: token)
      origin = translationOrigin
    }
    if !beams.hypotheses.isEmpty { branches.leave(beams.settled) }
    if beams.origin != origin || beams.lines.isEmpty {
      beams = BeamsState(lines: [BeamsState.Line()], origin: origin)
    }
    beams.batch = nil
    guard trace.end(endOfText: shell.endOfText(trace)) == trace.tokens.count else {
      let score = trace.score(lengthPenalty: search.lengthPenalty)
      let ended = BeamsState.Hypothesis(trace: trace, score: score, reason: .endOfText)
      beams.replaceCurrent(by: BeamsState.Line(hypotheses: [ended]))
      beams.status = .finished
      beams.isGiven = false
      beams.base = nil
      beams.cursor = nil
      return []
    }
    return startSearch(from: trace, &shell)
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
