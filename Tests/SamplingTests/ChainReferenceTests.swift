import Testing

@testable import Sampling

/// The sampler chain against the processors and warpers of transformers.
@Suite struct ChainReferenceTests {
  /// transformers computes probabilities in single precision.
  let tolerance = 1e-5

  @Test func everyStageKeepsTheIDsOfTheReference() throws {
    let fixture = try ChainFixture.load()
    #expect(fixture.cases.count > 400)
    for (number, sample) in fixture.cases.enumerated() {
      let row = try #require(fixture.rows[sample.row])
      var chain = SamplerChain(sample.samplingSettings)
      let trace = chain.trace(from: row, history: sample.history, topCount: 3)
      #expect(trace.stages.map(\.stage.rawValue) == sample.order)
      var kept = row.count { $0 > -.infinity }
      for (stage, expected) in zip(trace.stages, sample.stages) {
        let comment: Comment = "case \(number), \(sample.row), \(expected.name), \(sample.settings)"
        guard let expectedKept = expected.kept, let entropy = expected.entropy, let top = expected.top else {
          #expect(!stage.isActive && stage.kept == kept && stage.removed == 0, comment)
          continue
        }
        #expect(stage.isActive, comment)
        #expect(stage.kept == expectedKept, comment)
        #expect(stage.removed == kept - expectedKept, comment)
        #expect(abs(stage.entropy - entropy) < 2e-4, comment)
        for (id, wanted) in zip(stage.top, top) {
          #expect(abs(id.probability - wanted[1]) < tolerance, comment)
          if isClear(wanted[1], in: top) { #expect(id.id == Int(wanted[0]), comment) }
        }
        kept = expectedKept
      }
    }
  }

  @Test func finalProbabilitiesEqualTheReference() throws {
    let fixture = try ChainFixture.load()
    for (number, sample) in fixture.cases.enumerated() {
      let row = try #require(fixture.rows[sample.row])
      var chain = SamplerChain(sample.samplingSettings)
      let final = chain.trace(from: row, history: sample.history).final
      for pair in sample.final {
        let id = Int(pair[0])
        #expect(final.contains(id), "case \(number) id \(id)")
        #expect(abs(final.probability(of: id) - pair[1]) < tolerance, "case \(number) id \(id)")
      }
    }
  }

  @Test func theTraceNamesTheStageThatRemovedAnID() throws {
    let fixture = try ChainFixture.load()
    for sample in fixture.cases {
      let row = try #require(fixture.rows[sample.row])
      var chain = SamplerChain(sample.samplingSettings)
      let trace = chain.trace(from: row, history: sample.history)
      for stage in trace.stages where stage.removed > 0 {
        #expect(row.indices.count { trace.removedBy($0) == stage.stage } == stage.removed)
      }
      for id in row.indices {
        #expect((trace.removedBy(id) == nil) == (trace.final.contains(id) || row[id] == -.infinity))
      }
    }
  }

  /// Whether no other listed probability is so close that rounding in single precision could change the order.
  private func isClear(_ probability: Double, in top: [[Double]]) -> Bool {
    top.count { abs($0[1] - probability) < 1e-6 } == 1
  }
}
