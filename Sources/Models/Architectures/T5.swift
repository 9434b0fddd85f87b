// Raffel, Shazeer, Roberts, Lee, Narang, Matena, Zhou, Li, Liu (2020): Exploring the Limits of Transfer Learning with a
// Unified Text-to-Text Transformer (arXiv:1910.10683); the gated feed-forward of version 1.1 is that of Shazeer (2020):
// GLU Variants Improve Transformer (arXiv:2002.05202).

import Layers
import Tensors

/// Self-attention: its projections side by side, without biases and without scaling the scores.
struct T5SelfAttention: Sendable {
  /// `q`, `k` and `v` side by side.
  let projections: Linear
  let o: Linear
  let layer_norm: RMSNorm
  let heads: HeadLayout

  init(_ weights: WeightLoader, _ configuration: T5Configuration) {
    let below = weights("SelfAttention")
    projections = below.stacked(
      ["q", "k", "v"], inputs: configuration.d_model, outputs: configuration.innerWidth, bias: false)
    o = below.linear("o", inputs: configuration.innerWidth, outputs: configuration.d_model, bias: false)
    layer_norm = weights.rmsNorm("layer_norm", width: configuration.d_model, epsilon: configuration.layer_norm_epsilon)
    heads = HeadLayout(heads: configuration.num_heads, headWidth: configuration.d_kv, scale: 1)
  }
}

/// The decoder's attention to the source.
struct T5CrossAttention: Sendable {
  let q: Linear
  /// `k` and `v` side by side: of the source alone, so computed once for it.
  let sourceProjections: Linear
  let o: Linear
  let layer_norm: RMSNorm
  let heads: HeadLayout

  init(_ weights: WeightLoader, _ configuration: T5Configuration) {
    let (width, inner) = (configuration.d_model, configuration.innerWidth)
    let below = weights("EncDecAttention")
    q = below.linear("q", inputs: width, outputs: inner, bias: false)
    sourceProjections = below.stacked(["k", "v"], inputs: width, outputs: inner, bias: false)
    o = below.linear("o", inputs: inner, outputs: width, bias: false)
    layer_norm = weights.rmsNorm("layer_norm", width: width, epsilon: configuration.layer_norm_epsilon)
    heads = HeadLayout(heads: configuration.num_heads, headWidth: configuration.d_kv, scale: 1)
  }

  /// Keys and values of a source. `[source, d_model]` → `[source, heads × d_kv]` each
  func keysAndValues(_ source: Tensor) -> (keys: TensorColumns, values: TensorColumns) {
    let inner = heads.heads * heads.headWidth
    let stacked = sourceProjections(source)
    return (TensorColumns(stacked, 0..<inner), TensorColumns(stacked, inner..<2 * inner))
  }
}

/// Feed-forward: up, activation, down; in version 1.1 what goes down is multiplied by a second projection, the gate's
/// counterpart.
struct T5FeedForward: Sendable {
  /// `wi`, or `wi_0` where there is a gate.
  let wi: Linear
  let wi_1: Linear?
  let wo: Linear
  let layer_norm: RMSNorm
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: T5Configuration) {
    let (width, inner) = (configuration.d_model, configuration.d_ff)
    let below = weights("DenseReluDense")
    let isGated = configuration.is_gated_act
    wi = below.linear(isGated ? "wi_0" : "wi", inputs: width, outputs: inner, bias: false)
    wi_1 = isGated ? below.linear("wi_1", inputs: width, outputs: inner, bias: false) : nil
    wo = below.linear("wo", inputs: inner, outputs: width, bias: false)
    layer_norm = weights.rmsNorm("layer_norm", width: width, epsilon: configuration.layer_norm_epsilon)
    activation = configuration.dense_act_fn
  }

  /// `[rows, d_model]` → `[rows, d_model]`
  func callAsFunction(_ x: Tensor) -> Tensor {
    let normed = layer_norm(x)
    let up = wi(normed, activation: activation)  // [rows, d_ff]
    return wo(wi_1.map { multiply(up, $0(normed)) } ?? up, residual: x)
  }
}

/// One layer of either stack; only the decoder's look at the source.
struct T5Block: Sendable {
  let selfAttention: T5SelfAttention
  let crossAttention: T5CrossAttention?
  let feedForward: T5FeedForward

  init(_ weights: WeightLoader, _ configuration: T5Configuration, isDecoder: Bool) {
    selfAttention = T5SelfAttention(weights("layer.0"), configuration)
    crossAttention = isDecoder ? T5CrossAttention(weights("layer.1"), configuration) : nil
    feedForward = T5FeedForward(weights(isDecoder ? "layer.2" : "layer.1"), configuration)
  }

  /// The encoder's way. `[rows, d_model]` → `[rows, d_model]`
  func encode(_ x: Tensor, bias: SourceBias) -> Tensor {
    let stacked = selfAttention.projections(selfAttention.layer_norm(x))  // [rows, 3 × heads × d_kv]
    let seen = selfAttention.heads.attendWithin(stacked, bias: bias)  // [rows, heads × d_kv]
    return feedForward(selfAttention.o(seen, residual: x))
  }

  /// The decoder's way. `[rows, d_model]` → `[rows or wanted, d_model]`
  func decode(
    _ x: Tensor, _ segments: [Segment], _ batch: RaggedBatch, layer: Int, bias: [Tensor], narrow: (Tensor) -> Tensor
  ) -> Tensor {
    let stacked = selfAttention.projections(selfAttention.layer_norm(x))  // [rows, 3 × heads × d_kv]
    let past = selfAttention.heads.attendCausally(stacked, segments, batch, layer: layer, bias: bias)
    var x = selfAttention.o(past, residual: x)
    if let cross = crossAttention {
      let source = cross.heads.attendAcross(cross.q(cross.layer_norm(x)), segments, batch, layer: layer)
      x = cross.o(narrow(source), residual: narrow(x))
    }
    return feedForward(x)
  }
}

/// The encoder or the decoder: its first layer holds the bias by position, which all layers use.
struct T5Stack: Sendable {
  let embed_tokens: Embedding
  let block: [T5Block]
  let positions: RelativePositionBias
  let final_layer_norm: RMSNorm

  init(_ weights: WeightLoader, _ configuration: T5Configuration, isDecoder: Bool, shared: PackedMatrix) {
    let stack = weights(isDecoder ? "decoder" : "encoder")
    let depth = isDecoder ? configuration.num_decoder_layers : configuration.num_layers
    let buckets = configuration.relative_attention_num_buckets
    embed_tokens = Embedding(
      weight: weights.matrix(
        (isDecoder ? "decoder" : "encoder") + ".embed_tokens.weight", orShared: shared, of: T5.sharedNames,
        outputs: configuration.vocab_size, inputs: configuration.d_model))
    block = (0..<depth).map { T5Block(stack("block", $0), configuration, isDecoder: isDecoder) }
    let bias = stack("block.0.layer.0.SelfAttention.relative_attention_bias")
    positions = RelativePositionBias(
      weight: bias.table("weight", rows: buckets, width: configuration.num_heads), heads: configuration.num_heads,
      buckets: RelativePositionBuckets(
        bidirectional: !isDecoder, count: buckets, maxDistance: configuration.relative_attention_max_distance))
    final_layer_norm = stack.rmsNorm(
      "final_layer_norm", width: configuration.d_model, epsilon: configuration.layer_norm_epsilon)
  }
}

/// T5 with its language-model head.
struct T5: Seq2SeqModel {
  let encoder: T5Stack
  let decoder: T5Stack
  /// `[vocab_size, d_model]`; the shared embedding itself where the file has no other.
  let lm_head: PackedMatrix
  let facts: ModelFacts
  private let configuration: T5Configuration

  /// The names that the shared embedding may have; where a file has the first, the others may be copies of it or
  /// weights of their own.
  static let sharedNames = [
    "shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight",
  ]

  init(_ weights: WeightLoader, _ configuration: T5Configuration) {
    let (vocabulary, width) = (configuration.vocab_size, configuration.d_model)
    let shared = weights.matrix(Self.sharedNames, outputs: vocabulary, inputs: width)
    encoder = T5Stack(weights, configuration, isDecoder: false, shared: shared)
    decoder = T5Stack(weights, configuration, isDecoder: true, shared: shared)
    lm_head = weights.matrix(
      "lm_head.weight", orShared: shared, of: Self.sharedNames, outputs: vocabulary, inputs: width)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: nil, width: width, layerCount: configuration.num_decoder_layers,
      weights)
    self.configuration = configuration
  }

  func encode(_ ids: [Int], probe: Probe?) throws(ModelError) -> EncoderState {
    try RaggedBatch.check(ids, start: 0, vocabulary: facts.vocabularySize, context: nil)
    let bias = SourceBias(encoder.positions, count: ids.count)
    var x = encoder.embed_tokens(ids)  // [source, d_model]
    for (layer, block) in encoder.block.enumerated() {
      probe?.observe("encoder_hidden_states.\(layer)", x)
      x = block.encode(x, bias: bias)
    }
    x = encoder.final_layer_norm(x)
    probe?.observe("encoder_hidden_states.\(encoder.block.count)", x)
    return EncoderState(cache: crossCache(x))
  }

  /// The source's keys and values for every layer of the decoder.
  private func crossCache(_ source: Tensor) -> KeyValueCache {
    var cache = emptyCache()
    for (layer, block) in decoder.block.enumerated() {
      guard let (keys, values) = block.crossAttention?.keysAndValues(source) else { continue }
      cache.append(layer: layer, keys: keys, values: values)
    }
    return cache
  }

  private func emptyCache() -> KeyValueCache {
    KeyValueCache(
      layers: decoder.block.count, heads: configuration.num_heads, headWidth: configuration.d_kv,
      format: facts.cacheFormat)
  }

  func makeState(_ encoder: EncoderState) -> SequenceState { SequenceState(cache: emptyCache(), encoder: encoder) }

  func forward(_ segments: [Segment], probe: Probe?) throws(ModelError) -> HiddenRows {
    precondition(segments.allSatisfy { $0.state.encoder != nil }, "a decoder segment without a source")
    let batch = try RaggedBatch(segments, facts)
    let bias = segments.map { segment in
      let end = segment.state.count + segment.ids.count
      return decoder.positions(queries: segment.state.count..<end, keyCount: end)  // [heads, rows, keys]
    }
    var x = decoder.embed_tokens(batch.ids)  // [rows, d_model]
    for (layer, block) in decoder.block.enumerated() {
      probe?.observe("decoder_hidden_states.\(layer)", x)
      // After the last layer's keys and values only the rows that are asked for matter, unless somebody looks at all.
      let isLast = layer == decoder.block.count - 1 && probe == nil
      x = block.decode(x, segments, batch, layer: layer, bias: bias) { isLast ? batch.narrow($0) : $0 }
    }
    guard let probe else { return batch.result(decoder.final_layer_norm(x)) }
    let rows = decoder.final_layer_norm(x)  // [rows, d_model]
    probe.observe("decoder_hidden_states.\(decoder.block.count)", rows)
    return batch.result(batch.narrow(rows))
  }

  func logits(_ hidden: Tensor) -> Tensor {
    guard configuration.scale_decoder_outputs else { return linear(hidden, lm_head) }
    return linear(scale(hidden, Float(1 / Double(configuration.d_model).squareRoot())), lm_head)
  }
}
