import EngineAPI
import Foundation
import Inspection
import JSONText
import Models
import Sampling
import TestSupport
import Testing

/// `comparisons/expected.json`, written by `make_comparison_fixtures.py`.
struct ComparisonFixture: Decodable {
  struct Distance: Decodable {
    var kl_ab: Double?
    var kl_ba: Double?
    var js: Double
    var total_variation: Double
  }

  struct Position: Decodable {
    var index: Int
    var id: Int
    var kl_ab: Double
    var kl_ba: Double
    var js: Double
    var total_variation: Double
    var top_agrees: Bool
    var top10_overlap: Int
    var logprob: [Double]
    var rank: [Int]
    var entropy: [Double]
    var after_chain: Distance?
  }

  struct Text: Decodable {
    var text: String
    var target: String?
    var ids: [Int]
    var source: [Int]?
    var positions: [Position]
  }

  var comparisons: [String: [Text]]

  static func load() throws -> ComparisonFixture {
    try JSONDecoder().decode(Self.self, from: Data(Fixtures.bytes("comparisons/expected.json")))
  }

  /// Models A and B of a family.
  static func models(_ name: String) throws -> [AnyLanguageModel] {
    try ["program", "comparisons"].map { try ModelLoader.open(folder: Fixtures.path("\($0)/\(name)")).model }
  }
}

@Suite struct ComparerTests {
  /// The engine computes logits in single precision, the reference in double precision.
  private let tolerance = 1e-4

  /// The sides of a text, in the order of `models`.
  private func sides(
    _ models: [AnyLanguageModel], _ text: ComparisonFixture.Text, _ change: (inout Comparer.Side) -> Void = { _ in }
  ) -> [Comparer.Side] {
    models.map { model in
      // The masked model's mask token and the start token of the encoder-decoder model.
      var side = Comparer.Side(
        model: model, encoded: text.source ?? [], ids: text.ids, specialID: model.family == .masked ? 4 : 0)
      change(&side)
      return side
    }
  }

  private func compare(
    _ sides: [Comparer.Side], shared: [Int]? = nil, topCount: Int = 0
  ) throws -> [Compared<Int>] {
    let ids = sides[0].ids
    let isMasked = sides[0].model.family == .masked
    var comparer = try Comparer(
      sides, shared: shared, topCount: topCount, where: { !isMasked || ids[sides[0].leading + $0] > 4 })
    var all: [Compared<Int>] = []
    while true {
      let next = try comparer.next()
      if next.isEmpty { break }
      all += next
    }
    #expect(all.map(\.index) == comparer.positions && comparer.done == all.count)
    return all
  }

  @Test(arguments: ["causal", "masked", "encoder-decoder"])
  func figuresEqualThoseOfTheReference(family: String) throws {
    let texts = try #require(try ComparisonFixture.load().comparisons[family])
    let models = try ComparisonFixture.models(family)
    for text in texts {
      let found = try compare(sides(models, text))
      #expect(found.map(\.index) == text.positions.map(\.index) && found.count > 3)
      for (one, expected) in zip(found, text.positions) {
        let pair = try #require(one.pairs.first)
        #expect(one.token == expected.id && one.pairs.count == 1)
        #expect(abs(pair.divergence.forward - expected.kl_ab) < tolerance)
        #expect(abs(pair.divergence.backward - expected.kl_ba) < tolerance)
        #expect(abs(pair.divergence.jensenShannon - expected.js) < tolerance)
        #expect(abs(pair.divergence.totalVariation - expected.total_variation) < tolerance)
        #expect(pair.topAgrees == expected.top_agrees && pair.overlap == expected.top10_overlap)
        #expect(one.readings.map(\.rank) == expected.rank)
        for side in 0..<2 {
          #expect(abs(try #require(one.readings[side].logprob) - expected.logprob[side]) < tolerance)
          #expect(abs(try #require(one.readings[side].entropy) - expected.entropy[side]) < tolerance)
        }
      }
    }
  }

  @Test func divergencesAfterTheChainEqualThoseOfTheReference() throws {
    let text = try #require(try ComparisonFixture.load().comparisons["causal"]?.first)
    var all = sides(try ComparisonFixture.models("causal"), text)
    var settings = SamplingSettings()
    (settings.temperature, settings.topP) = (0.7, 0.9)
    all[1].settings = settings
    for (one, position) in zip(try compare(all), text.positions) {
      let found = try #require(one.pairs[0].afterChain)
      let expected = try #require(position.after_chain)
      // The chain removes tokens that side A allows.
      #expect(found.forward == .infinity && expected.kl_ab == nil)
      #expect(abs(found.backward - (try #require(expected.kl_ba))) < tolerance)
      #expect(abs(found.jensenShannon - expected.js) < tolerance)
      #expect(abs(found.totalVariation - expected.total_variation) < tolerance)
    }
  }

  @Test(arguments: ["causal", "masked", "encoder-decoder"])
  func aModelAgainstItselfGivesExactlyZero(family: String) throws {
    let text = try #require(try ComparisonFixture.load().comparisons[family]?.first)
    let model = try ComparisonFixture.models(family)[0]
    for shared in [[0, 1], [0, 0]] {
      for one in try compare(sides([model, model], text), shared: shared) {
        #expect(one.pairs == [PairReading(divergence: .zero, topAgrees: true, overlap: 10)])
        #expect(one.readings[0] == one.readings[1])
      }
    }
  }

  @Test func exchangingTheSidesExchangesTheDirectionsExactly() throws {
    let text = try #require(try ComparisonFixture.load().comparisons["causal"]?.first)
    let models = try ComparisonFixture.models("causal")
    let there = try compare(sides(models, text))
    let back = try compare(sides(models.reversed(), text))
    for (one, other) in zip(there, back) {
      let (a, b) = (one.pairs[0].divergence, other.pairs[0].divergence)
      #expect(a.forward == b.backward && a.backward == b.forward && a.jensenShannon == b.jensenShannon)
      #expect(one.readings == other.readings.reversed())
    }
  }

  @Test func pairsOfManySidesEqualThePairsAlone() throws {
    let text = try #require(try ComparisonFixture.load().comparisons["causal"]?.first)
    let models = try ComparisonFixture.models("causal")
    let three = try compare(sides([models[0], models[1], models[0]], text), shared: [0, 1, 0], topCount: 2)
    let two = try compare(sides(models, text), topCount: 2)
    let pairs = SidePair.all(3)
    #expect(pairs == [SidePair(0, 1), SidePair(0, 2), SidePair(1, 2)])
    for (one, other) in zip(three, two) {
      #expect(one.pairs[0] == other.pairs[0])
      #expect(one.pairs[1].divergence == .zero)
      #expect(one.pairs[2].divergence.backward == other.pairs[0].divergence.forward)
      #expect(one.readings[..<2] == other.readings[...] && one.readings[0].top.count == 2)
    }
  }

  @Test func leadingIdsAreReadButNotCompared() throws {
    let text = try #require(try ComparisonFixture.load().comparisons["causal"]?.first)
    let models = try ComparisonFixture.models("causal")
    let whole = try compare(sides(models, text))
    let rest = try compare(sides(models, text) { $0.leading = 5 })
    #expect(rest.map(\.index) == Array(0..<text.ids.count - 5))
    #expect(rest.map(\.pairs) == whole.dropFirst(4).map(\.pairs))
    // A side may have a prompt of its own.
    var apart = sides([models[0], models[0]], text) { $0.leading = 5 }
    apart[1].ids = Array(text.ids[5...])
    apart[1].leading = 0
    let positions = try compare(apart)
    #expect(positions.map(\.index) == Array(1..<text.ids.count - 5))
    #expect(positions.contains { $0.pairs[0].divergence.forward > 0.01 })
  }

  @Test func atTemperatureZeroTheChainKeepsOneToken() throws {
    let text = try #require(try ComparisonFixture.load().comparisons["causal"]?.first)
    let model = try ComparisonFixture.models("causal")[0]
    var all = sides([model, model], text) { $0.settings = .greedy }
    #expect(try compare(all).allSatisfy { $0.pairs[0].afterChain == .zero })
    all[0].settings = nil
    for one in try compare(all) {
      let after = try #require(one.pairs[0].afterChain)
      #expect(after.forward == .infinity && after.backward > 0 && after.backward.isFinite)
    }
  }
}
