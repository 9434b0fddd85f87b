import EngineAPI
import Engines
import Sampling
import Synchronization
import TestSupport
import Testing

/// Comparisons and continuations by the local engine.
@Suite struct ComparingTests {
  private let engine = LocalEngine(catalog: .paths)
  private let causal = ModelReference(Fixtures.path("program/causal"))

  /// The parts of a comparison, as they come.
  private final class Parts: Sendable {
    private let all = Mutex<[ComparisonPart]>([])
    var list: [ComparisonPart] { all.withLock { $0 } }
    func add(_ part: ComparisonPart) { all.withLock { $0.append(part) } }
  }

  private func compare(_ request: ComparisonRequest) async throws -> (parts: [ComparisonPart], costs: [SideCost]) {
    let parts = Parts()
    let costs = try await engine.compare(request) { parts.add($0) }
    return (parts.list, costs)
  }

  @Test func positionsComeInPartsWithTheNumbersOfScore() async throws {
    let ids = (0..<60).map { ($0 * 37) % 300 + 5 }
    let format = ModelReference(causal.name, format: .q8)
    let sides = [causal, format].map { ComparedSide(context: ModelContext(model: $0, ids: ids)) }
    let (parts, costs) = try await compare(ComparisonRequest(sides: sides, topCount: 3))
    #expect(parts.last?.fraction == 1)
    let positions = parts.flatMap(\.positions)
    #expect(positions.map(\.index) == Array(1..<60))
    for (side, model) in [causal, format].enumerated() {
      let scored = try await engine.score(
        ScoreRequest(context: ModelContext(model: model, ids: ids), topCount: 3), progress: { _ in })
      #expect(positions.map { $0.readings[side] } == Array(scored.dropFirst()))
    }
    for position in positions {
      #expect(position.pairs.count == 1 && position.candidates.count >= 3)
      let listed = Set(position.candidates.map(\.token.id))
      for (side, reading) in position.readings.enumerated() {
        #expect(listed.isSuperset(of: reading.top.map(\.token.id)))
        for ranked in reading.top {
          let candidate = try #require(position.candidates.first { $0.token == ranked.token })
          #expect(candidate.logprobs[side] == ranked.logprob)
        }
      }
    }
    #expect(costs.map(\.tokens) == [59, 59] && costs.allSatisfy { $0.seconds > 0 })
  }

  @Test func sidesWithOneTextShareItsReading() async throws {
    let context = ModelContext(model: causal, ids: [5, 9, 80, 33])
    let (parts, costs) = try await compare(
      ComparisonRequest(sides: [
        ComparedSide(context: context), ComparedSide(context: context, settings: .greedy),
      ]))
    #expect(parts.flatMap(\.positions).allSatisfy { $0.pairs[0].divergence == .zero && $0.pairs[0].afterChain != nil })
    #expect(costs[0] == costs[1])
  }

  @Test func sidesThatCannotBeComparedAreErrors() async throws {
    let masked = ModelReference(Fixtures.path("program/masked"))
    let ids = [5, 9, 80]
    let text = { (model: ModelReference, ids: [Int], leading: Int) in
      ComparedSide(context: ModelContext(model: model, ids: ids), leading: leading)
    }
    let cases: [(ComparedSide, EngineError.Kind, String)] = [
      (text(masked, ids, 0), .usage, "sides of different families"),
      (text(causal, [5, 9, 81], 0), .usage, "sides with different texts"),
      (text(causal, ids, 4), .usage, "sides with different texts"),
      (text(causal, ids + [400], 0), .input, "no such token in the model"),
    ]
    for (side, kind, what) in cases {
      do {
        _ = try await compare(ComparisonRequest(sides: [text(causal, ids, 0), side]))
        Issue.record("no error: \(what)")
      } catch let error as EngineError {
        #expect(error.kind == kind && error.what == what, "\(error)")
        #expect(error.place != nil && error.expected != nil && error.found != nil)
      }
    }
    let long = text(causal, Array(repeating: 7, count: 65), 0)
    await #expect(throws: EngineError.self) { _ = try await compare(ComparisonRequest(sides: [long, long])) }
  }

  @Test func aCanceledComparisonEndsWithAnInterruption() async throws {
    let sides = Array(
      repeating: ComparedSide(context: ModelContext(model: causal, ids: Array(repeating: 7, count: 60))), count: 2)
    _ = try await engine.load(causal)
    let engine = engine
    let work = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await engine.compare(ComparisonRequest(sides: sides)) { _ in }
    }
    do {
      _ = try await work.value
      Issue.record("the work was not interrupted")
    } catch let error as EngineError {
      #expect(error.kind == .interrupted)
    }
  }

  @Test func continuationsHaveTheBitsOfTheWholeTexts() async throws {
    for (folder, encoded) in [("causal", nil), ("encoder-decoder", [7, 12, 3, 1])] {
      let model = ModelReference(Fixtures.path("program/\(folder)"))
      let continuations = [[9, 60, 33], [4], [60, 60, 60, 60, 12], []]
      let context = ModelContext(model: model, encoderIDs: encoded, ids: [5, 9])
      let found = try await engine.score(ContinuationRequest(context: context, continuations: continuations))
      for (tokens, ids) in zip(found, continuations) {
        var whole = context
        whole.ids += ids
        let scored = try await engine.score(ScoreRequest(context: whole), progress: { _ in })
        #expect(tokens == Array(scored.suffix(ids.count)), "\(folder) \(ids)")
      }
    }
  }

  @Test func continuationsOfNoTextFollowTheBeginningOfText() async throws {
    let found = try await engine.score(
      ContinuationRequest(context: ModelContext(model: causal, ids: []), continuations: [[9, 80]]))
    let scored = try await engine.score(
      ScoreRequest(context: ModelContext(model: causal, ids: [0, 9, 80])), progress: { _ in })
    #expect(found == [Array(scored.suffix(2))])
    await #expect(throws: EngineError.self) {
      try await engine.score(
        ContinuationRequest(context: ModelContext(model: causal, ids: [5]), continuations: [[1000]]))
    }
    await #expect(throws: EngineError.self) {
      try await engine.score(
        ContinuationRequest(
          context: ModelContext(model: causal, ids: [5]), continuations: [Array(repeating: 6, count: 70)]))
    }
  }
}
