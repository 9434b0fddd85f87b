import Generation
import Models
import Sampling
import Testing

/// A case of `filling.json`, written by `make_generation_fixtures.py`.
private struct FillingCase: Decodable {
  struct Joint: Decodable {
    var ids: [Int]
    var logprob: Double
  }

  var ids: [Int]
  var topK: Int
  var targets: [Int]
  var candidates: [[[Double]]]
  var joint: [Joint]
}

@Suite struct FillingReferenceTests {
  @Test func candidatesEqualThoseOfTheFillMaskPipeline() throws {
    let model = try GenerationFixture.masked()
    for sample in try GenerationFixture.load([FillingCase].self, "filling.json") {
      let filler = MaskFiller(model, maskID: 3, targets: sample.targets)
      let answers = try filler.candidates(for: sample.ids, topK: sample.topK)
      #expect(answers.map(\.position) == filler.gaps(in: sample.ids))
      #expect(answers.count == sample.candidates.count)
      for (answer, expected) in zip(answers, sample.candidates) {
        #expect(answer.candidates.map(\.id) == expected.map { Int($0[0]) })
        for (candidate, pair) in zip(answer.candidates, expected) {
          #expect(abs(Natural.exp(candidate.logprob ?? .nan) - pair[1]) < 1e-5)
        }
      }
    }
  }

  @Test func jointFillingsFollowTheirDefinition() throws {
    let model = try GenerationFixture.masked()
    for sample in try GenerationFixture.load([FillingCase].self, "filling.json") {
      let filler = MaskFiller(model, maskID: 3, targets: sample.targets)
      var told: [Double] = []
      let fillings = try filler.jointFillings(for: sample.ids) { told.append($0) }
      #expect(fillings.map(\.ids) == sample.joint.map(\.ids), "\(sample.ids)")
      for (filling, expected) in zip(fillings, sample.joint) { #expect(abs(filling.logprob - expected.logprob) < 2e-4) }
      #expect(told.last == 1)
    }
  }

  @Test func jointFillingsOfOneMaskAreItsCandidates() throws {
    let filler = MaskFiller(try GenerationFixture.masked(), maskID: 3)
    let ids = [9, 3, 20, 21]
    let single = try filler.candidates(for: ids, topK: 20)[0].candidates
    let joint = try filler.jointFillings(for: ids)
    #expect(joint.map { $0.ids[0] } == single.map(\.id))
    #expect(joint.map(\.logprob) == single.map(\.logprob))
  }

  @Test func textsWithoutMasksAreErrors() throws {
    let filler = MaskFiller(try GenerationFixture.masked(), maskID: 3)
    #expect(throws: GenerationError.noMask(maskID: 3)) { try filler.candidates(for: [5, 6], topK: 3) }
    #expect(throws: GenerationError.noMask(maskID: 3)) { try filler.jointFillings(for: []) }
    #expect(throws: GenerationError.cancelled) { try filler.jointFillings(for: [3, 3], Cancellation { true }) }
  }

  @Test func targetsOutsideTheVocabularyAreIgnored() throws {
    let filler = MaskFiller(try GenerationFixture.masked(), maskID: 3, targets: [9, 9, -1, 4000, 10])
    #expect(Set(try filler.candidates(for: [3, 5], topK: 9)[0].candidates.map(\.id)) == [9, 10])
  }

  @Test func aTokenInTheTextCanBePredictedWithAndWithoutMaskingIt() throws {
    let model = try GenerationFixture.masked()
    let ids = [9, 14, 20, 21]
    let scored = try MaskedScorer(model, maskID: 3).score(ids)
    let hidden = Distribution(logits: try MaskedReader(model).logits(at: 1, of: ids, maskID: 3))
    #expect(hidden.logprob(of: 14) == scored[1].logprob)
    let seen = Distribution(logits: try MaskedReader(model).logits(at: 1, of: ids))
    #expect(seen.logprob(of: 14) != hidden.logprob(of: 14))
  }
}
