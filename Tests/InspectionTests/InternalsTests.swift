import EngineAPI
import Models
import Sampling
import Tensors
import Terms
import Testing

@testable import Inspection

@Suite("What is inside a model equals what transformers computes")
struct InternalsTests {
  @Test("attention weights of every layer and head equal the reference's", arguments: Internals.all)
  func attention(_ name: String) throws {
    let internals = try Internals(name)
    let reading = try internals.read()
    var compared = 0
    for key in internals.keys where key.contains("attention.") || key.hasPrefix("cross.") {
      let parts = key.split(separator: ".")
      guard parts[0] != "without", let layer = parts.last.flatMap({ Int($0) }) else { continue }
      let stack: LayerStack = parts[0] == "encoder" ? .encoder : .decoder
      let kind: SublayerPlace.Kind = parts[0] == "cross" ? .cross : .attention
      let count = stack == .encoder ? internals.source?.count ?? internals.ids.count : internals.ids.count
      let keys = kind == .cross ? internals.source?.count ?? 0 : count
      let found = reading.log.attention(SublayerPlace(stack, layer, kind), count: count, keys: keys)
      try internals.expect(found.flatMap { $0.flatMap { $0.map(Double.init) } }, equal: key)
      compared += 1
    }
    #expect(compared >= reading.depth)
  }

  @Test("norms of the residual stream equal the reference's", arguments: Internals.all)
  func norms(_ name: String) throws {
    let internals = try Internals(name)
    let reading = try internals.read()
    for stack in reading.log.stacks {
      try internals.expect(reading.norms(of: stack).flatMap(\.self), equal: "\(stack.rawValue).norms")
    }
  }

  @Test("the lens of every layer equals the reference's logits", arguments: Internals.all)
  func lens(_ name: String) throws {
    let internals = try Internals(name)
    let reading = try internals.read()
    let last = internals.ids.count - 1
    for layer in 0..<reading.depth {
      let row = try #require(reading.log.residual(LayerPlace(reading.stack, layer), at: last))
      let logits = reading.model.base.logits(reading.model.base.finish(row))
      try internals.expect(logits.scalars.map(Double.init), equal: "lens.\(layer)")
    }
  }

  @Test("the lens of the last layer is the model's own distribution, bit for bit", arguments: Internals.all)
  func lastLens(_ name: String) throws {
    let internals = try Internals(name)
    let reading = try internals.read()
    let own: Tensor =
      switch internals.model {
      case .causal(let model):
        try model.forward([Segment(ids: internals.ids, state: model.makeState(), wanted: .all)]).tensor
      case .masked(let model): try model.forward([MaskedSequence(ids: internals.ids)]).tensor
      case .labeling(let model): try model.forward([MaskedSequence(ids: internals.ids)]).tensor
      case .seq2seq(let model):
        try model.forward([
          Segment(
            ids: internals.ids, state: model.makeState(try model.encode(internals.source ?? [])), wanted: .all)
        ]).tensor
      }
    #expect(own.scalars.map(\.bitPattern) == reading.hidden.scalars.map(\.bitPattern))
    for position in internals.ids.indices {
      let layers = LogitLens(reading).layers(at: position)
      #expect(layers.map(\.layer) == Array(0...reading.depth))
      let expected = internals.model.base.logits(own.rows(position..<position + 1)).row(0)
      let lens = try #require(layers.last?.distribution)
      let found = expected.indices.compactMap { lens.logprob(of: $0)?.bitPattern }
      let exact = Distribution(logits: expected)
      #expect(found == expected.indices.compactMap { exact.logprob(of: $0)?.bitPattern })
    }
  }

  @Test("a table of the lens has the predictions of each position, bit for bit", arguments: Internals.all)
  func lensTable(_ name: String) throws {
    let internals = try Internals(name)
    let reading = try internals.read()
    let positions = 1..<internals.ids.count
    for isAfterAttention in [false, true] {
      let table = LogitLens(reading).table(at: positions, isAfterAttention: isAfterAttention) {
        [$0.best, Int(bitPattern: UInt($0.logprob(of: $0.best)?.bitPattern ?? 0))]
      }
      let single = positions.map { position in
        LogitLens(reading).layers(at: position).map { layer in
          let found = isAfterAttention ? layer.afterAttention ?? layer.distribution : layer.distribution
          return [found.best, Int(bitPattern: UInt(found.logprob(of: found.best)?.bitPattern ?? 0))]
        }
      }
      #expect(table == (0...reading.depth).map { layer in single.map { $0[layer] } })
    }
  }

  @Test("what the parts add to a logit difference equals the reference", arguments: Internals.sums)
  func attribution(_ name: String) throws {
    let internals = try Internals(name)
    let last = internals.ids.count - 1
    let found = try LogitAttribution(internals.read(), of: 1, against: 2, at: last, rounds: false)
    try internals.expect(found.parts.map(\.logit), equal: "attribution")
    for position in internals.ids.indices {
      for other in [nil, 5] {
        let parts = try LogitAttribution(internals.read(), of: 3, against: other, at: position, rounds: false)
        #expect(abs(parts.parts.reduce(0) { $0 + $1.logit } - parts.logit) < 1e-4)
      }
    }
  }

  @Test(
    "attribution is refused where the stream is not the sum of its parts",
    arguments: Internals.all.filter { !Internals.sums.contains($0) })
  func refusal(_ name: String) throws {
    let reading = try Internals(name).read()
    let reason: LogitAttribution.Refusal = name == "modernbert" ? .transforms : .normalizesSums
    #expect(throws: reason) { try LogitAttribution(reading, of: 1, against: 2, at: 3, rounds: false) }
  }

  @Test("a token has settled where it stays the most probable one")
  func settled() throws {
    let layers = [[0, 1, 2], [0, 3, 1], [0, 1, 3], [0, 1, 2]].enumerated().map { layer, logits in
      LogitLens.Layer(
        layer: layer, distribution: Distribution(logits: logits.map(Float.init)), afterAttention: nil)
    }
    #expect(LogitLens.settled(layers, on: 2) == 2)
    #expect(LogitLens.settled(layers, on: 1) == nil)
    #expect(LogitLens.settled(Array(layers[2...]), on: 2) == 2)
  }
}
