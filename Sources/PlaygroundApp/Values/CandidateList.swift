import EngineAPI
import Sampling
import TerminalUI

/// A list of candidates for one position, scrollable through the whole vocabulary: the rows received so far and the
/// current query.
struct CandidateList: Sendable, Equatable {
  /// The number of rows per request.
  static let page = 64

  /// The current query, without its window; `nil` if there is nothing to request yet.
  var query: DistributionRequest?
  /// The query that `rows` answer.
  var answered: DistributionRequest?
  /// The latest answer's facts.
  var answer: DistributionAnswer?
  /// Rows by their offset in the list.
  var rows: [Int: Candidate] = [:]
  /// The request on its way, and the window it asks for.
  var awaited: AwaitedRows?
  /// Why there is no answer.
  var failure: EngineError?
  /// The rows on the screen and the chosen one.
  var window = ListWindow()
  /// Whether the list is of the distribution after the chain.
  var showsChain = false
  /// Whether the list has a column for each step of the chain: the sampler waterfall.
  var showsSteps = false
  /// The first visible step of the waterfall; `nil` for the last ones that fit.
  var firstStep: Int?
  /// The search text.
  var search = LineInput()
  /// The tokenization of the search text.
  var pieces: SearchPieces?
  /// Whether the keys go to the search field.
  var isSearching = false

  /// Whether the rows came with the newest token of a running stream. No requests are sent then.
  var isLive = false

  /// Whether the numbers of the rows are those after the chain: the rows of a running stream are the model's own.
  var isOfChain: Bool { showsChain && !isLive }

  /// Whether the waterfall is shown: it was chosen, and the steps are known.
  var isWaterfall: Bool { showsSteps && !isLive && failure == nil && answer?.steps.isEmpty == false }

  /// How many rows the list has, as far as is known.
  var count: Int { answer?.matches ?? 0 }
  /// Whether the rows answer the current query.
  var isCurrent: Bool { query == answered }
  /// The chosen candidate, if its row has come.
  var chosen: Candidate? { rows[window.selected] }
}

/// A request for rows that is on its way.
struct AwaitedRows: Sendable, Equatable {
  /// Its version.
  var version: Int
  /// The rows it asks for.
  var window: Range<Int>
}

/// The tokenization of the search text, to explain why it is not a single token.
struct SearchPieces: Sendable, Equatable {
  /// The tokenized text.
  var text: String
  /// The model whose tokenizer splits it.
  var model: ModelReference
  /// The version of the request.
  var version: Int
  /// The tokens, once they have come.
  var tokens: [TokenValue] = []

  /// `dragon is not one token: ·dra gon`; nil if it is a single token or its tokens are unknown.
  func words(search: String, glyphs: Glyphs) -> String? {
    guard tokens.count > 1 else { return nil }
    let pieces = tokens.map { visible(bytes: $0.bytes, glyphs: glyphs) }.joined(separator: " ")
    return "\(visible(search, glyphs: glyphs, keepsSpaces: true)) is not one token: \(pieces)"
  }
}

extension CandidateList {
  /// Sets the query of the list. Returns the request for missing rows, if any; `version` is called only in this case.
  ///
  /// Requests whole pages around the visible rows. A query for the same position keeps the selected row; a query for
  /// another position starts at the top.
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
  mutating func follow(_ token: ScoredToken, vocabularySize: Int?) {
    var cumulative: Double? = 0
    rows = [:]
    for (index, ranked) in token.top.enumerated() {
      cumulative = cumulative.flatMap { sum in ranked.logprob.map { sum + Probability.of(logprob: $0) } }
      rows[index] = Candidate(ranked: ranked, cumulative: cumulative, chainProbability: nil)
    }
    // The cumulative mass of a token outside the top candidates is unknown.
    let drawn = Candidate(ranked: token.ranked, cumulative: nil, chainProbability: nil)
    isLive = true
    failure = nil
    query = nil
    answered = nil
    awaited = nil
    answer = DistributionAnswer(
      coverage: token.coverage, vocabularySize: vocabularySize, entropy: token.entropy, matches: token.top.count,
      offset: 0, candidates: [], stages: nil, actual: drawn)
    window.update(count: token.top.count)
    window.select(0)
  }

  /// Shows an error in place of the candidates, without a request.
  mutating func refuse(_ error: EngineError) {
    guard failure != error || query != nil else { return }
    clear()
    failure = error
  }

  /// Clears the query and its answer.
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
