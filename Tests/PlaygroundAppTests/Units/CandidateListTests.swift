import EngineAPI
import Sampling
import Testing

@testable import PlaygroundApp

@Suite struct CandidateListTests {
  private let question = DistributionRequest(
    context: ModelContext(model: ModelReference("m"), ids: [1, 2]), position: 2)

  private func answer(_ window: Range<Int>, matches: Int = 8192) -> Result<DistributionAnswer, EngineError> {
    let window = window.clamped(to: 0..<matches)
    let candidates = window.map { row in
      Candidate(
        ranked: RankedToken(token: TokenValue(id: row, bytes: []), logprob: -Double(row), rank: row + 1), cumulative: 0,
        chainProbability: 0)
    }
    return .success(
      DistributionAnswer(
        vocabularySize: 8192, entropy: 5, matches: matches, offset: window.lowerBound, candidates: candidates,
        stages: []))
  }

  private func list(height: Int = 10) -> CandidateList {
    var list = CandidateList()
    list.window.update(height: height)
    return list
  }

  @Test func aQuestionIsAskedOnce() throws {
    var list = list()
    let asked = try #require(list.ask(question) { 1 })
    #expect(asked.request.window == 0..<64)
    #expect(list.ask(question) { 2 } == nil)
    list.receive(answer(0..<64), version: 1)
    #expect(list.count == 8192 && list.isCurrent)
    #expect(list.ask(question) { 3 } == nil)
  }

  @Test func scrollingAsksForTheNextPage() throws {
    var list = list()
    _ = list.ask(question) { 1 }
    list.receive(answer(0..<128), version: 1)
    list.window.select(125)
    #expect(list.ask(question) { 2 } == nil)
    list.window.select(130)
    let asked = try #require(list.ask(question) { 2 })
    #expect(asked.request.window == 64..<192)
    // While these rows are awaited, moving among them requests nothing.
    list.window.select(150)
    #expect(list.ask(question) { 3 } == nil)
    list.receive(answer(64..<192), version: 2)
    #expect(list.chosen?.ranked.rank == 151)
    list.window.select(8191)
    #expect(list.ask(question) { 4 }?.request.window == 8128..<8256)
  }

  @Test func staleAnswersAreIgnored() {
    var list = list()
    _ = list.ask(question) { 1 }
    var other = question
    other.position = 1
    _ = list.ask(other) { 2 }
    list.receive(answer(0..<128), version: 1)
    #expect(list.answer == nil)
    list.receive(answer(0..<128), version: 2)
    #expect(list.isCurrent)
  }

  @Test func otherSettingsKeepTheChosenRowAndTheRowsUntilTheyCome() throws {
    var list = list()
    _ = list.ask(question) { 1 }
    list.receive(answer(0..<128), version: 1)
    list.window.select(5)
    var warmer = question
    warmer.settings.temperature = 2
    #expect(list.ask(warmer, version: { 2 }) != nil)
    #expect(list.window.selected == 5 && list.rows.count == 128 && !list.isCurrent)
    var place = warmer
    place.position = 1
    #expect(list.ask(place, version: { 3 }) != nil)
    #expect(list.window.selected == 0)
  }

  @Test func failuresAreToldAndNotAskedAgain() {
    var list = list()
    _ = list.ask(question) { 1 }
    list.receive(.failure(EngineError(.input, "no")), version: 1)
    #expect(list.failure?.what == "no" && list.rows.isEmpty)
    #expect(list.ask(question) { 2 } == nil)
    var other = question
    other.position = 1
    #expect(list.ask(other, version: { 3 }) != nil)
    #expect(list.failure == nil)
  }

  @Test func memoryStaysSmallWhenTheWholeVocabularyIsScrolled() {
    var list = list()
    var version = 0
    while list.window.selected < 8191 {
      if let asked = list.ask(question, version: { version + 1 }) {
        version += 1
        list.receive(answer(asked.request.window), version: version)
      }
      list.window.page(by: 1)
    }
    #expect(list.rows.count <= 66 * CandidateList.page)
    #expect(version < 200)
  }

  @Test func aSearchWithoutHitsIsEmptyAndQuiet() {
    var list = list()
    list.search.insert("zzz")
    _ = list.ask(question) { 1 }
    #expect(list.query?.search == "zzz")
    list.receive(answer(0..<0, matches: 0), version: 1)
    #expect(list.count == 0 && list.chosen == nil)
    #expect(list.ask(question) { 2 } == nil)
  }

  @Test func aRunningStreamShowsTheNewestTokensBest() {
    var list = list()
    let top = [0.5, 0.25].enumerated().map {
      RankedToken(token: TokenValue(id: $0, bytes: []), logprob: Probability.logarithm($1), rank: $0 + 1)
    }
    list.follow(
      ScoredToken(token: top[0].token, logprob: top[0].logprob, rank: 1, entropy: 1.5, top: top), vocabularySize: 100)
    #expect(list.isLive && list.count == 2 && list.answer?.entropy == 1.5)
    #expect(abs((list.rows[1]?.cumulative ?? 0) - 0.75) < 1e-9)
    #expect(list.ask(question, version: { 1 }) != nil)
    #expect(!list.isLive)
  }
}
