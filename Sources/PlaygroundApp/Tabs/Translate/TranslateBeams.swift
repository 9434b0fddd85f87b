import EngineAPI
import Sampling
import Sessions

/// Translates the lines of a text one by one, and continues a line from a chosen token.
extension TranslateState {
  /// The origin of a translation started now: the prompt, the languages and the model.
  var translationOrigin: BeamsState.Origin {
    BeamsState.Origin(text: prompt.editor.text, direction: direction, model: model)
  }

  /// Queues the translation of the prompt.
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
    beams.batch = BeamsState.Batch(translationOrigin)
    beams.status = .waiting
    beams.endSearch()
    return rememberPrompt()
  }

  /// Starts the search of the next queued line if its tokens are known.
  mutating func startWaitingBeams(_ shell: inout Shell) -> [Effect] {
    guard beams.status == .waiting, let sources = beams.batch?.sources else { return [] }
    while let count = beams.batch?.done.count, count < sources.count, sources[count].isEmpty {
      let start = beginLine("", TokenizedText(), &shell)
      beams.batch?.done.append(BeamsState.Line(start: start))
    }
    guard let batch = beams.batch else { return [] }
    guard batch.done.count < batch.sources.count else {
      finishBatch(&shell)
      return []
    }
    guard shell.information(batch.origin.model) != nil, let prefix = prefixes[batch.origin.direction] else {
      return []
    }
    if let tokens = batch.tokens { return searchLine(tokens, of: batch, &shell) }
    guard batch.awaited == nil else { return [] }
    let question = TokenQuestion(
      prefix: prefix, text: batch.sources[batch.done.count], model: batch.origin.model)
    if prompt.answers(question) { return searchLine(prompt.tokens, of: batch, &shell) }
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

  /// Receives the tokens of a line.
  mutating func receive(lineTokens result: Result<TokenizedText, EngineError>, _ ticket: Ticket, _ shell: inout Shell) {
    guard ticket.slot == .lineTokens, beams.batch?.awaited == ticket.version else { return }
    beams.batch?.awaited = nil
    switch result {
    case .success(let tokens): beams.batch?.tokens = tokens
    case .failure(let error): refuse(error, &shell)
    }
  }

  /// Handles a line that can't be translated: shows the error and keeps the previous translation.
  private mutating func refuse(_ error: EngineError, _ shell: inout Shell) {
    let isEmpty = beams.hypotheses.isEmpty
    beams.stop()
    beams.status = isEmpty ? .idle : .stopped
    shell.fail(error)
  }

  private mutating func searchLine(
    _ tokens: TokenizedText, of batch: BeamsState.Batch, _ shell: inout Shell
  ) -> [Effect] {
    if let error = shell.overflow(tokens.count, of: batch.origin.model, among: models) {
      refuse(error, &shell)
      return []
    }
    let start = beginLine(batch.sources[batch.done.count], tokens, &shell)
    return startSearch(from: shell.tree.trace(to: start), &shell)
  }

  /// The beginning of a line's translation, in the tree.
  private func beginLine(_ text: String, _ tokens: TokenizedText, _ shell: inout Shell) -> Place {
    let origin = beams.batch?.origin ?? translationOrigin
    let source = shell.tree.type(text, tokens.values, model: origin.model)
    let (from, to) = (origin.direction.source, origin.direction.target)
    let start = shell.tree.add(.translation(from: from, to: to, model: origin.model))
    return shell.tree.begin(by: start, source: source)
  }

  /// Begins a translation of the text with these tokens; the search goes on from them.
  mutating func begin(with tokens: [TokenValue], _ shell: inout Shell) -> [Effect] {
    guard !tokens.isEmpty, prompt.editor.text.lines.count == 1, !prompt.editor.isEmpty else {
      shell.notice = "a beginning is for a text of one line"
      return []
    }
    if let error = promptOverflow(shell) {
      shell.fail(error)
      return []
    }
    leave()
    let start = beginLine(prompt.editor.text, prompt.tokens, &shell)
    let text = String(decoding: tokens.flatMap(\.bytes), as: UTF8.self)
    let place = shell.tree.branch(
      at: start, tokens.map(ScoredToken.init(unpredicted:)), by: shell.tree.add(.typed(text: text, model: model)))
    let trace = shell.tree.trace(to: place)
    beams = BeamsState(lines: [BeamsState.Line(start: trace.place)], origin: translationOrigin)
    let id = reader ?? shell.tree.addCursor()
    reader = id
    shell.tree.move(id, to: [trace.place])
    setFocus(.translation)
    return startSearch(from: trace, &shell)
  }

  private mutating func startSearch(from trace: Trace, _ shell: inout Shell) -> [Effect] {
    let version = shell.nextVersion()
    let (request, obstacle) = searchRequest(shell.tree.context(of: trace), shell)
    if let obstacle {
      shell.notice = "num_beam_groups of the model's generation_config.json is not used: \(obstacle)"
    }
    beams.base = trace
    beams.searchOrigin = shell.tree.add(.beam(request))
    let waiting = beams.batch.map { $0.done[$0.shownCount...].compactMap(\.place) } ?? []
    let id = searcher ?? shell.tree.addCursor()
    searcher = id
    shell.tree.follow(id, to: waiting + [trace.place])
    beams.status = .running(version: version, tokens: 0)
    return [.beamSearch(Ticket(.beams, version: version), request)]
  }

  /// A beam search request that continues a context with the current settings and the model's defaults, and why the
  /// model's groups of beams cannot be used.
  func searchRequest(_ context: ModelContext, _ shell: Shell) -> (request: BeamRequest, obstacle: String?) {
    let beams = search.search ?? BeamSearchSettings()
    let text = TextRequest(
      context: context, settings: search.chain, maxTokens: search.maxTokens,
      topCount: SessionTree.keptTops)
    var request = BeamRequest(text, search: beams, returned: beams.beams)
    guard let decoding = shell.information(context.model)?.decoding else { return (request, nil) }
    request.stopStrings = decoding.length.stopStrings
    request.maxSeconds = decoding.length.maxTime
    if decoding.samples == true { request.seed = shell.settings.seed }
    guard beams.beams > 1 else { return (request, nil) }
    request.groups = decoding.beams.groups ?? 1
    request.diversityPenalty = request.groups > 1 ? decoding.beams.diversityPenalty ?? 0 : 0
    guard let problem = request.search.groupProblem(isSampled: decoding.samples == true) else {
      return (request, nil)
    }
    let obstacle =
      switch problem {
      case .indivisible: "\(beams.beams) beams don't divide into \(request.groups) groups"
      case .noPenalty: "there is no diversity_penalty"
      case .sampled: "with do_sample tokens are drawn"
      }
    request.search = beams
    return (request, obstacle)
  }

  mutating func receive(beams result: Result<BeamResult, EngineError>, _ ticket: Ticket, _ shell: inout Shell) {
    guard case .running(ticket.version, _) = beams.status, let base = beams.base, let origin = beams.searchOrigin
    else { return }
    switch result {
    case .success(let answer):
      let line = BeamsState.Line(
        start: Place(shell.tree.root(of: base.place), 0), hypotheses: hypotheses(answer, after: base, origin, &shell))
      guard beams.batch != nil else {
        beams.isGiven = false
        beams.replaceCurrent(by: line)
        beams.status = .finished
        beams.endSearch()
        if let reader { shell.tree.follow(reader, to: beams.places) }
        standInTranslation(after: base.tokens.count, shell)
        return
      }
      beams.batch?.done.append(line)
      beams.batch?.tokens = nil
      beams.batch?.awaited = nil
      showBatch(&shell)
      let left = beams.batch.map { $0.sources.count - $0.done.count } ?? 0
      if left == 0 { finishBatch(&shell) } else { beams.status = .waiting }
    case .failure(let error):
      beams.stop()
      if error.kind != .interrupted { shell.fail(error) }
    }
  }

  /// Adds the results of a search to the tree as children of its base, and returns them.
  private func hypotheses(
    _ answer: BeamResult, after base: Trace, _ origin: OriginID, _ shell: inout Shell
  ) -> [BeamsState.Hypothesis] {
    let scored = answer.completions.map { completion in
      // A typed beginning has no probabilities: the score is that of what follows it.
      let score = base.tokens.sumOfLogprobs == nil || base.tokens.isEmpty ? completion.score : nil
      return (completion, score: score ?? base.score(with: completion.tokens, lengthPenalty: search.lengthPenalty))
    }
    // The kept tokens count in the score too, which can change the order.
    let ordered = base.tokens.isEmpty ? scored : scored.sorted { $0.score > $1.score }
    return ordered.map { completion, score in
      let place = shell.tree.branch(at: base.place, completion.tokens, by: origin)
      let outcome = Outcome(completion.finishReason, timing: answer.timing, score: score.isNaN ? nil : score)
      shell.tree.finish(place.node, outcome)
      return BeamsState.Hypothesis(trace: shell.tree.trace(to: place), score: score, reason: completion.finishReason)
    }
  }

  /// Shows the lines that are done so far.
  private mutating func showBatch(_ shell: inout Shell) {
    guard let batch = beams.batch else { return }
    if batch.shownCount == 0 {
      leave()
      beams.show(batch.done)
      moveReader(&shell)
    } else {
      let new = batch.done[batch.shownCount...]
      beams.append(new)
      if let reader { for place in new.compactMap(\.place) { shell.tree.extend(reader, by: place) } }
    }
    beams.batch?.shownCount = batch.done.count
    beams.origin = batch.origin
    beams.isGiven = false
    beams.current = batch.done.firstIndex { !$0.hypotheses.isEmpty } ?? 0
    beams.cursor = nil
    beams.scroll = nil
  }

  private mutating func finishBatch(_ shell: inout Shell) {
    showBatch(&shell)
    beams.status = .finished
    beams.batch = nil
    beams.endSearch()
    standInTranslation(shell)
  }

  /// Moves the cursor to the least probable token of the current line (the first one in a tie), where alternatives are
  /// most interesting. The end of the text is not considered.
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

  /// Cuts the translation at the cursor, appends the candidate, and continues the search from there.
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
      trace = shell.tree.branch(line, at: place - start, taking: token)
      origin = old
      if old != translationOrigin { shell.notice = "the translation of the old text continues" }
    } else {
      guard answeredQuestion(shell) != nil else { return [] }
      beams.batch = nil
      let start = shell.tree.trace(to: beginLine(prompt.editor.text, prompt.tokens, &shell))
      trace = shell.tree.branch(start, at: 0, taking: token)
      origin = translationOrigin
    }
    leave()
    if beams.origin != origin || beams.lines.isEmpty {
      beams = BeamsState(lines: [BeamsState.Line(start: trace.place)], origin: origin)
    }
    beams.batch = nil
    // Until the search has a result, the cursor in the tree is after the chosen token.
    let left = beams.places
    let id = reader ?? shell.tree.addCursor()
    reader = id
    shell.tree.move(id, to: left.enumerated().map { $0 == beams.current ? trace.place : $1 })
    guard trace.end(endOfText: shell.endOfText(trace)) == trace.tokens.count else {
      let score = trace.score(lengthPenalty: search.lengthPenalty)
      shell.tree.finish(trace.place.node, Outcome(.endOfText, score: score.isNaN ? nil : score))
      let ended = BeamsState.Hypothesis(trace: trace, score: score, reason: .endOfText)
      beams.replaceCurrent(by: BeamsState.Line(hypotheses: [ended]))
      beams.status = .finished
      beams.isGiven = false
      beams.endSearch()
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

  /// The line that a token belongs to; after the last token, the last line that has tokens.
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
  /// The score of beam search: the sum of log-probabilities divided by a power of the number of tokens; NaN if a token
  /// has no log-probability.
  ///
  /// - Parameter more: tokens that follow.
  func score(with more: [ScoredToken] = [], lengthPenalty: Double) -> Double {
    guard var sum = tokens.sumOfLogprobs else { return .nan }
    for token in more {
      guard let logprob = token.logprob else { return .nan }
      sum += logprob
    }
    return sum / Probability.power(Double(max(1, tokens.count + more.count)), lengthPenalty)
  }
}
