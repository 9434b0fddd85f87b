// Raffel, Shazeer, Roberts, Lee, Narang, Matena, Zhou, Li, Liu (2020): Exploring the Limits of Transfer Learning with a
// Unified Text-to-Text Transformer (arXiv:1910.10683); the gated feed-forward layer of version 1.1: Shazeer (2020), GLU
// Variants Improve Transformer (arXiv:2002.05202).

import Layers
import Tensors

/// Self-attention without biases and without a scale on the scores.
struct T5SelfAttention: Sendable {
  /// `q`, `k` and `v` side by side.
  let projections: Linear
  let o: Linear
  let layer_norm: RMSNorm
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: T5Configuration) {
    let below = weights("SelfAttention")
    projections = below.stacked(
      ["q", "k", "v"], inputs: configuration.d_model, outputs: configuration.innerWidth, bias: false)
    o = below.linear("o", inputs: configuration.innerWidth, outputs: configuration.d_model, bias: false)
    layer_norm = weights.rmsNorm("layer_norm", width: configuration.d_model, epsilon: configuration.layer_norm_epsilon)
    shape = AttentionShape(queryHeads: configuration.num_heads, headWidth: configuration.d_kv, scale: 1)
  }

  /// `[rows, d_model]` → `[rows or wanted, d_model]`
  func callAsFunction(_ x: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(projections(layer_norm(x)))  // [rows, heads × d_kv] each
    return pass.leave(.attention(shape), pass.attend(q, k, v, shape, positions), by: o, residual: pass.narrow(x))
  }
}

/// The decoder's cross-attention to the encoded source.
struct T5CrossAttention: Sendable {
  let q: Linear
  /// `k` and `v` side by side. They depend on the source only, so they are computed once per source.
  let sourceProjections: Linear
  let o: Linear
  let layer_norm: RMSNorm
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: T5Configuration) {
    let (width, inner) = (configuration.d_model, configuration.innerWidth)
    let below = weights("EncDecAttention")
    q = below.linear("q", inputs: width, outputs: inner, bias: false)
    sourceProjections = below.stacked(["k", "v"], inputs: width, outputs: inner, bias: false)
    o = below.linear("o", inputs: inner, outputs: width, bias: false)
    layer_norm = weights.rmsNorm("layer_norm", width: width, epsilon: configuration.layer_norm_epsilon)
    shape = AttentionShape(queryHeads: configuration.num_heads, headWidth: configuration.d_kv, scale: 1)
  }

  /// The keys and values of an encoded source. `[source, d_model]` → `[source, heads × d_kv]` each
  func keysAndValues(_ source: Tensor) -> (keys: TensorColumns, values: TensorColumns) {
    let stacked = sourceProjections(source)
    return (
      TensorColumns(stacked, 0..<shape.keyWidth), TensorColumns(stacked, shape.keyWidth..<2 * shape.keyWidth)
    )
  }

  /// `[rows or wanted, d_model]` → `[rows or wanted, d_model]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    pass.leave(.cross(shape), pass.attendAcross(q(layer_norm(x)), shape), by: o, residual: x)
  }
}

/// The feed-forward layer: up, activation, down. Version 1.1 multiplies the activation by a second projection (`wi_1`)
/// before `wo`.
struct T5FeedForward: Sendable {
  /// `wi`, or `wi_0` in the gated layer of version 1.1.
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
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let normed = layer_norm(x)
    let up = wi(normed, activation: activation)  // [rows, d_ff]
    return pass.leave(.feedForward, wi_1.map { multiply(up, $0(normed)) } ?? up, by: wo, residual: x)
  }
}

/// One layer of either stack. Only decoder layers have cross-attention.
struct T5Block: StackLayer {
  let selfAttention: T5SelfAttention
  let crossAttention: T5CrossAttention?
  let feedForward: T5FeedForward
  /// The positions of this layer alone, where each layer has its own (umT5).
  let positions: PositionEncoding?

  init(_ weights: WeightLoader, _ configuration: T5Configuration, isDecoder: Bool) {
    positions =
      configuration.kind.hasBiasInEachLayer
      ? T5Stack.positions(weights("layer.0.SelfAttention"), configuration, isDecoder: isDecoder) : nil
    selfAttention = T5SelfAttention(weights("layer.0"), configuration)
    crossAttention = isDecoder ? T5CrossAttention(weights("layer.1"), configuration) : nil
    feedForward = T5FeedForward(weights(isDecoder ? "layer.2" : "layer.1"), configuration)
  }

  /// `[rows, d_model]` → `[rows or wanted, d_model]`
  /// - Parameter shared: the prepared positions that all layers share.
  func callAsFunction(_ x: Tensor, _ shared: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor {
    let x = selfAttention(x, positions.map { pass.prepare($0) } ?? shared, pass)
    return feedForward(crossAttention.map { $0(x, pass) } ?? x, pass)
  }
}

extension T5Block {
  func output(of x: Tensor, _ shared: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor { self(x, shared, pass) }
}

/// The encoder or the decoder. The checkpoint stores the relative position bias in the first layer, and all layers use
/// it; in umT5 each layer has its own.
struct T5Stack: Sendable {
  let embed_tokens: Embedding
  let block: [T5Block]
  /// The positions that all layers share.
  let positions: PositionEncoding
  let final_layer_norm: RMSNorm

  init(_ weights: WeightLoader, _ configuration: T5Configuration, isDecoder: Bool, shared: PackedMatrix) {
    let stack = weights(isDecoder ? "decoder" : "encoder")
    let depth = isDecoder ? configuration.num_decoder_layers : configuration.num_layers
    embed_tokens = Embedding(
      weight: weights.matrix(
        (isDecoder ? "decoder" : "encoder") + ".embed_tokens.weight", orShared: shared, of: T5.sharedNames,
        outputs: configuration.vocab_size, inputs: configuration.d_model))
    block = (0..<depth).map { T5Block(stack("block", $0), configuration, isDecoder: isDecoder) }
    positions =
      configuration.kind.hasBiasInEachLayer
      ? .none : Self.positions(stack("block.0.layer.0.SelfAttention"), configuration, isDecoder: isDecoder)
    final_layer_norm = stack.rmsNorm(
      "final_layer_norm", width: configuration.d_model, epsilon: configuration.layer_norm_epsilon)
  }

  /// The relative position bias that an attention stores.
  static func positions(
    _ attention: WeightLoader, _ configuration: T5Configuration, isDecoder: Bool
  ) -> PositionEncoding {
    let (buckets, heads) = (configuration.relative_attention_num_buckets, configuration.num_heads)
    return .relativeBias(
      RelativePositionBias(
        weight: attention("relative_attention_bias").table("weight", rows: buckets, width: heads), heads: heads,
        buckets: RelativePositionBuckets(
          bidirectional: !isDecoder, count: buckets, maxDistance: configuration.relative_attention_max_distance)))
  }

  /// Computes the stack's final hidden rows, normalized.
  func callAsFunction(_ pass: ForwardPass, of stack: LayerStack) -> HiddenRows {
    let positions = pass.prepare(positions)
    let name = "\(stack.rawValue)_hidden_states"
    let x = pass.layers(
      block, pass.dropped(pass.embed(embed_tokens), at: .embedding), of: stack, named: name, with: positions)
    return pass.result(pass.dropped(final_layer_norm(x), at: .stackOutput), depth: block.count, named: name)
  }
}

/// T5 with its language-model head.
struct T5: Seq2SeqModel {
  let encoder: T5Stack
  let decoder: T5Stack
  /// `[vocab_size, d_model]`; the shared embedding if the file has no separate head.
  let lm_head: PackedMatrix
  let facts: ModelFacts
  private let configuration: T5Configuration

  /// The names that the shared embedding may have. A file with the first name may store the others too, as copies or as
  /// separate weights.
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

  func encode(_ ids: [Int], probe: Probe?, recorder: Recorder?) throws(ModelError) -> EncoderState {
    let pass = try ForwardPass([MaskedSequence(ids: ids)], facts, probe: probe, recorder: recorder)
    let source = encoder(pass, of: .encoder).tensor
    return EncoderState(
      source: source, into: emptyCache(), decoder.block.map(\.crossAttention), recorder: recorder
    ) { $0.keysAndValues($1) }
  }

  private func emptyCache() -> KeyValueCache {
    KeyValueCache(
      layers: decoder.block.count, heads: configuration.num_heads, headWidth: configuration.d_kv,
      format: facts.cacheFormat)
  }

  func makeState(_ encoder: EncoderState) -> SequenceState { SequenceState(cache: emptyCache(), encoder: encoder) }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    precondition(segments.allSatisfy { $0.state.encoder != nil }, "a decoder segment without a source")
    return decoder(
      try ForwardPass(segments, facts, probe: probe, recorder: recorder), of: .decoder)
  }

  /// The factor of the decoder's hidden rows.
  private var outputScale: Float {
    configuration.scale_decoder_outputs ? Float(1 / Double(configuration.d_model).squareRoot()) : 1
  }

  func finish(_ x: Tensor) -> Tensor { decoder.final_layer_norm(x) }

  var readout: Readout { .linear(LinearReadout(.rms(decoder.final_layer_norm), lm_head, factor: outputScale)) }

  func logits(_ hidden: Tensor) -> Tensor {
    linear(configuration.scale_decoder_outputs ? scale(hidden, outputScale) : hidden, lm_head)
  }
}
