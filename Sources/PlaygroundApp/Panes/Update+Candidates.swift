import EngineAPI
import Sampling
import TerminalUI

extension CandidateList {
  /// Puts a question to the list; returns the request that it now needs, if any. The version is used only then.
  ///
  /// Rows are asked for in whole pages around those on the screen. A question about the same place keeps the chosen row
  /// where it is, one about another place begins at the top.
  mutating func ask(_ wanted: DistributionRequest, version: () -> Int) -> (version: Int, request: DistributionRequest)?
  {
    var question = wanted
    question.window = 0..<0
    question.search = search.text
    question.ordersByChain = showsChain
    isLive = false
    if query != question {
      if query?.context != question.context || query?.position != question.position || query?.search != question.search
      {
        window.select(0)
      }
      query = question
      awaited = nil
      failure = nil
    }
    guard failure == nil else { return nil }
    let visible = window.top..<max(window.top + window.height, window.top + 1)
    let known = isCurrent ? visible.clamped(to: 0..<count) : visible
    if isCurrent, known.allSatisfy({ rows[$0] != nil }) { return nil }
    if let awaited, known.clamped(to: awaited.window) == known { return nil }
    let first = max(0, known.lowerBound / CandidateList.page * CandidateList.page)
    let last = (known.upperBound / CandidateList.page + 1) * CandidateList.page
    question.window = first..<last
    let version = version()
    awaited = AwaitedRows(version: version, window: question.window)
    return (version, question)
  }

  /// Takes an answer, if it is the awaited one.
  mutating func receive(_ result: Result<DistributionAnswer, EngineError>, version: Int) {
    guard awaited?.version == version else { return }
    awaited = nil
    if !isCurrent { rows = [:] }
    answered = query
    switch result {
    case .success(let answer):
      self.answer = answer
      for (index, candidate) in answer.candidates.enumerated() { rows[answer.offset + index] = candidate }
      if rows.count > 64 * CandidateList.page {
        rows = rows.filter { abs($0.key - window.top) < 16 * CandidateList.page }
      }
      window.update(count: answer.matches)
    case .failure(let error):
      failure = error
      answer = nil
      rows = [:]
      window.update(count: 0)
    }
  }

  /// Shows the candidates that came with a stream's newest token.
  mutating func follow(_ token: ScoredToken, vocabularySize: Int) {
    var cumulative = 0.0
    rows = [:]
    for (index, ranked) in token.top.enumerated() {
      cumulative += Probability.of(logprob: ranked.logprob)
      rows[index] = Candidate(ranked: ranked, cumulative: cumulative, chainProbability: 0)
    }
    // The mass of the tokens above one that is not among the best is not told.
    let drawn = token.rank.flatMap { rank in
      token.logprob.map {
        Candidate(
          ranked: RankedToken(token: token.token, logprob: $0, rank: rank), cumulative: .nan, chainProbability: 0)
      }
    }
    isLive = true
    failure = nil
    query = nil
    answered = nil
    awaited = nil
    answer = DistributionAnswer(
      vocabularySize: vocabularySize, entropy: token.entropy ?? 0, matches: token.top.count, offset: 0, candidates: [],
      stages: [], actual: drawn)
    window.update(count: token.top.count)
    window.select(0)
  }

  /// Shows why there can be no candidates, without asking.
  mutating func refuse(_ error: EngineError) {
    guard failure != error || query != nil else { return }
    clear()
    failure = error
  }

  /// Forgets everything that was asked and answered.
  mutating func clear() {
    query = nil
    answered = nil
    answer = nil
    awaited = nil
    failure = nil
    isLive = false
    rows = [:]
    window.update(count: 0)
  }
}

extension PlaygroundState {
  /// Asks `list` what is wanted; the effect to run, if any.
  mutating func ask(
    _ list: WritableKeyPath<PlaygroundState, CandidateList>, _ slot: Slot, _ wanted: DistributionRequest
  ) -> [Effect] {
    var next = lastVersion
    let asked = self[keyPath: list].ask(wanted) {
      next += 1
      return next
    }
    lastVersion = next
    return asked.map { [.distribution(Ticket(slot, version: $0.version), $0.request)] } ?? []
  }

  mutating func receive(distribution result: Result<DistributionAnswer, EngineError>, _ ticket: Ticket) {
    guard case .candidates(let task, let list) = ticket.slot else { return }
    switch task {
    case .generate: generate.candidates.receive(result, version: ticket.version)
    case .translate: translate.candidates.receive(result, version: ticket.version)
    case .fillMask:
      if fillMask.lists.indices.contains(list) { fillMask.lists[list].receive(result, version: ticket.version) }
    }
  }

  /// Takes the chosen candidate where the cursor is, and goes on from there.
  mutating func takeCandidate() -> [Effect] {
    guard let list, let candidate = list.chosen else { return [] }
    if list.isLive {
      notice = "the text is still being made: Esc stops it"
      return []
    }
    guard list.isCurrent else { return [] }
    switch task {
    case .generate:
      switch generate.source {
      case .stream(let index) where generate.streams[index].run != nil: return branch(stream: index, candidate)
      default: takeIntoPrompt(candidate)
      }
    case .fillMask: fill(gap: fillMask.shownGap, with: candidate.ranked.token)
    case .translate: return branchTranslation(candidate)
    }
    return []
  }

  /// The token is put at the place that the candidates are for; what stood there gives way.
  private mutating func takeIntoPrompt(_ candidate: Candidate) {
    guard let text = String(validating: candidate.ranked.token.bytes, as: UTF8.self) else {
      notice = "that token is a part of a character: it can't stand in a prompt alone"
      return
    }
    guard let question = tokenQuestion, prompt.answers(question) else { return }
    let position = generate.source == .prompt ? prompt.cursorPosition : prompt.endPosition
    let end = prompt.editor.text.utf8.count
    let range = prompt.tokens[position].flatMap { prompt.range(of: $0) } ?? end..<end
    prompt.editor.replace(range, with: text)
    let key = keys.key(for: .send, in: .prompt, task: .generate)?.label()
    notice = "taken into the prompt" + (key.map { ": \($0) there generates" } ?? "")
  }
}
