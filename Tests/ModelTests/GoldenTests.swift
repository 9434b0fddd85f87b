import Foundation
import Layers
import Tensors
import Testing

@testable import Models

@Suite("Forward passes equal those of transformers, layer by layer")
struct GoldenTests {
  @Test("activations and logits of causal models equal the reference's", arguments: Golden.causal)
  func causal(_ name: String) throws {
    let golden = try Golden(name)
    let model = try golden.opened.causal()
    let log = ProbeLog()
    let ids = try golden.ids()
    let rows = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)], probe: log.probe)
    #expect(Set(log.activations.keys) == golden.activations)
    for (name, activation) in log.activations { try golden.expect(activation, equals: name) }
    try golden.expect(model.logits(rows.tensor), equals: "logits")
  }

  @Test("the logits after each token are those of the text up to it", arguments: Golden.long)
  func prefixes(_ name: String) throws {
    let golden = try Golden(name)
    let model = try golden.opened.causal()
    let ids = try golden.ids()
    let rows = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: .all)])
    try golden.expect(model.logits(rows.tensor), equals: "logits_of_prefixes")
  }

  @Test("activations and logits of masked models equal the reference's", arguments: Golden.masked)
  func masked(_ name: String) throws {
    let golden = try Golden(name)
    let model = try golden.opened.masked()
    let log = ProbeLog()
    let rows = try model.forward([MaskedSequence(ids: golden.ids())], probe: log.probe)
    #expect(Set(log.activations.keys) == golden.activations)
    for (name, activation) in log.activations { try golden.expect(activation, equals: name) }
    try golden.expect(model.logits(rows.tensor), equals: "logits")
  }

  @Test("activations and logits of encoder-decoder models equal the reference's", arguments: Golden.seq2seq)
  func seq2seq(_ name: String) throws {
    let golden = try Golden(name)
    let model = try golden.opened.seq2seq()
    let log = ProbeLog()
    let encoder = try model.encode(golden.ids(), probe: log.probe)
    #expect(encoder.count == (try golden.ids().count))
    let segment = Segment(ids: try golden.ids("decoder_ids"), state: model.makeState(encoder), wanted: .all)
    let rows = try model.forward([segment], probe: log.probe)
    #expect(Set(log.activations.keys) == golden.activations)
    for (name, activation) in log.activations { try golden.expect(activation, equals: name) }
    try golden.expect(model.logits(rows.tensor), equals: "logits")
  }

  @Test(
    "logits of causal models with a bf16 KV cache equal the reference's",
    arguments: ["gpt2", "gpt2-f16", "gpt-neo", "gpt-neox", "llama", "opt"])
  func causalWithRoundedCache(_ name: String) throws {
    let golden = try Golden(name, cache: .bf16)
    let model = try golden.opened.causal()
    let state = model.makeState()
    let rows = try model.forward([Segment(ids: golden.ids(), state: state, wanted: .all)])
    try golden.expect(model.logits(rows.tensor), equals: "logits_of_bf16_cache")
    let whole = try Golden(name).opened.causal().makeState()
    _ = try Golden(name).opened.causal().forward([Segment(ids: golden.ids(), state: whole, wanted: .none)])
    #expect(state.cacheBytes * 2 == whole.cacheBytes)
  }

  @Test(
    "logits of encoder-decoder models with bf16 caches for text and source equal the reference's",
    arguments: ["bart", "m2m-100", "marian", "mbart", "mt5", "t5", "t5-v1.1", "umt5"])
  func seq2seqWithRoundedCache(_ name: String) throws {
    let golden = try Golden(name, cache: .bf16)
    let model = try golden.opened.seq2seq()
    let encoder = try model.encode(golden.ids())
    let segment = Segment(ids: try golden.ids("decoder_ids"), state: model.makeState(encoder), wanted: .all)
    try golden.expect(model.logits(model.forward([segment]).tensor), equals: "logits_of_bf16_cache")
  }

  @Test("a probe changes no bit", arguments: ["gpt2", "llama"])
  func probe(_ name: String) throws {
    let golden = try Golden(name)
    let model = try golden.opened.causal()
    let ids = try golden.ids()
    for wanted in [WantedRows.last, .all, .range(3..<9), .positions([7, 2])] {
      let plain = try model.forward([Segment(ids: ids, state: model.makeState(), wanted: wanted)])
      let probed = try model.forward(
        [Segment(ids: ids, state: model.makeState(), wanted: wanted)], probe: ProbeLog().probe)
      #expect(plain.tensor.bits == probed.tensor.bits)
    }
  }

  @Test("relative positions have the buckets of transformers")
  func buckets() throws {
    let reference = try SafetensorsTable("t5-buckets")
    #expect(reference.names.count == 14)
    for name in reference.names {
      let parts = name.split(separator: ".").compactMap { Int($0) }
      let buckets = RelativePositionBuckets(bidirectional: parts[0] == 1, count: parts[1], maxDistance: parts[2])
      let expected = try reference.scalars(name)
      for (index, bucket) in expected.enumerated() {
        #expect(buckets.bucket(of: index - 400) == Int(bucket), "\(name) at \(index - 400)")
      }
    }
  }

  @Test("a relative bias computed in slices gives the same bits")
  func slices() throws {
    guard let model = try Golden("t5").opened.seq2seq() as? T5 else { throw WrongFamily() }
    let ids = (0..<37).map { $0 * 7 % model.facts.vocabularySize }
    let pass = try ForwardPass(
      [MaskedSequence(ids: ids), MaskedSequence(ids: [3, 1])], model.facts, probe: nil, recorder: nil)
    let x = Tensor([39, model.facts.width], (0..<39 * model.facts.width).map { sin(Float($0)) })
    let block = model.encoder.block[0]
    let whole = block(x, pass.prepare(model.encoder.positions), pass)
    for size in [1, 5, 16, 36] {
      let positions = pass.prepare(model.encoder.positions, queriesAtOnce: size)
      guard case .sourceBias(let bias) = positions else { throw WrongFamily() }
      #expect(bias.map(\.slices.count) == [(37 + size - 1) / size, (2 + size - 1) / size])
      #expect(block(x, positions, pass).bits == whole.bits)
    }
  }

  @Test("model facts match the files")
  func facts() throws {
    let gpt2 = try Golden("gpt2").opened.model.base.facts
    // 37·10 + 40·10 embeddings, two layers of 2·20 norms and (10+1)·30 + (10+1)·10 + (10+1)·40 + (40+1)·10, 20 for the
    // last norm
    #expect(gpt2.parameterCount == 370 + 400 + 2 * (40 + 330 + 110 + 440 + 410) + 20)
    #expect(gpt2.vocabularySize == 37)
    #expect(gpt2.contextLength == 40)
    #expect(gpt2.layerCount == 2)
    #expect(gpt2.width == 10)
    #expect(gpt2.weightBytes >= gpt2.parameterCount * 4)
    // Keys and values have half the heads of the queries.
    let llama = try Golden("llama").opened.model.base.facts
    #expect(llama.parameterCount == 2 * 43 * 24 + 2 * (2 * 24 + 24 * (24 + 12 + 12 + 24) + 3 * 24 * 31) + 24)
    let t5 = try Golden("t5-v1.1").opened.model.base.facts
    #expect(t5.contextLength == nil)
    #expect(t5.layerCount == 3)
  }
}
