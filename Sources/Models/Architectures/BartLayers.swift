// The layers that BART, mBART, M2M-100 and Marian share: those of Vaswani et al. (2017), Attention Is All You Need
// (arXiv:1706.03762).

import Layers
import Tensors

/// Multi-head self-attention.
struct BartSelfAttention: Sendable {
  /// `q_proj`, `k_proj` and `v_proj` side by side.
  let projections: Linear
  let out_proj: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, width: Int, heads: Int) {
    projections = weights.stacked(["q_proj", "k_proj", "v_proj"], inputs: width, outputs: width)
    out_proj = weights.linear("out_proj", inputs: width, outputs: width)
    shape = AttentionShape(queryHeads: heads, headWidth: width / heads)
  }

  /// `[rows, d_model]` → `[rows or wanted, d_model]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(projections(x))  // [rows, d_model] each
    return pass.leave(.attention(shape), pass.attend(q, k, v, shape), by: out_proj, residual: pass.narrow(residual))
  }
}

/// The decoder's cross-attention to the encoded source.
struct BartCrossAttention: Sendable {
  let q_proj: Linear
  /// `k_proj` and `v_proj` side by side. They depend on the source only, so they are computed once per source.
  let sourceProjections: Linear
  let out_proj: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, width: Int, heads: Int) {
    q_proj = weights.linear("q_proj", inputs: width, outputs: width)
    sourceProjections = weights.stacked(["k_proj", "v_proj"], inputs: width, outputs: width)
    out_proj = weights.linear("out_proj", inputs: width, outputs: width)
    shape = AttentionShape(queryHeads: heads, headWidth: width / heads)
  }

  /// The keys and values of an encoded source. `[source, d_model]` → `[source, d_model]` each
  func keysAndValues(_ source: Tensor) -> (keys: TensorColumns, values: TensorColumns) {
    let stacked = sourceProjections(source)
    return (
      TensorColumns(stacked, 0..<shape.keyWidth), TensorColumns(stacked, shape.keyWidth..<2 * shape.keyWidth)
    )
  }

  /// `[rows or wanted, d_model]` → `[rows or wanted, d_model]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    pass.leave(.cross(shape), pass.attendAcross(q_proj(x), shape), by: out_proj, residual: residual)
  }
}

/// The norm of a sublayer: of its input, or of its output with the residual added.
struct BartSublayerNorm: Sendable {
  let norm: LayerNorm
  let isFirst: Bool

  /// - Parameter sublayer: computes the sublayer of `x` and adds the residual.
  func callAsFunction(_ x: Tensor, _ sublayer: (_ x: Tensor, _ residual: Tensor) -> Tensor) -> Tensor {
    isFirst ? sublayer(norm(x), x) : norm(sublayer(x, x))
  }
}

/// One layer of either stack. Only decoder layers have cross-attention.
struct BartLayer: PlainLayer {
  let self_attn: BartSelfAttention
  let self_attn_layer_norm: BartSublayerNorm
  let encoder_attn: BartCrossAttention?
  let encoder_attn_layer_norm: BartSublayerNorm?
  let fc1: Linear
  let fc2: Linear
  let final_layer_norm: BartSublayerNorm
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: BartConfiguration, _ sizes: BartConfiguration.Stack, isDecoder: Bool) {
    let width = configuration.d_model
    func norm(_ name: String) -> BartSublayerNorm {
      BartSublayerNorm(
        norm: weights.layerNorm(name, width: width, epsilon: BartStack.epsilon), isFirst: configuration.kind.normsFirst)
    }
    self_attn = BartSelfAttention(weights("self_attn"), width: width, heads: sizes.heads)
    self_attn_layer_norm = norm("self_attn_layer_norm")
    encoder_attn = isDecoder ? BartCrossAttention(weights("encoder_attn"), width: width, heads: sizes.heads) : nil
    encoder_attn_layer_norm = isDecoder ? norm("encoder_attn_layer_norm") : nil
    fc1 = weights.linear("fc1", inputs: width, outputs: sizes.inner)
    fc2 = weights.linear("fc2", inputs: sizes.inner, outputs: width)
    final_layer_norm = norm("final_layer_norm")
    activation = configuration.activation_function
  }

  /// `[rows, d_model]` → `[rows or wanted, d_model]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    var x = self_attn_layer_norm(x) { self_attn($0, residual: $1, pass) }
    if let encoder_attn, let encoder_attn_layer_norm {
      x = encoder_attn_layer_norm(x) { encoder_attn($0, residual: $1, pass) }
    }
    return final_layer_norm(x) { pass.leave(.feedForward, fc1($0, activation: activation), by: fc2, residual: $1) }
  }
}

/// The encoder or the decoder.
struct BartStack: Sendable {
  let embed_tokens: Embedding
  /// The factor of the embeddings.
  let embeddingScale: Float
  let embed_positions: PositionEncoding
  let layernorm_embedding: LayerNorm?
  let layers: [BartLayer]
  let layer_norm: LayerNorm?

  /// Added to the variance of every norm; the configuration has no key for it.
  static let epsilon: Float = 1e-5
  /// Rows of a learned table of positions before that of position 0.
  private static let firstPosition = 2

  init(_ weights: WeightLoader, _ configuration: BartConfiguration, isDecoder: Bool, _ embedding: PackedMatrix) {
    let (kind, width) = (configuration.kind, configuration.d_model)
    let sizes = isDecoder ? configuration.decoder : configuration.encoder
    embed_tokens = Embedding(weight: embedding)
    embeddingScale = configuration.scale_embedding ? Float(Double(width).squareRoot()) : 1
    embed_positions = Self.positions(weights, configuration)
    layernorm_embedding =
      kind.normsEmbedding ? weights.layerNorm("layernorm_embedding", width: width, epsilon: Self.epsilon) : nil
    layers = (0..<sizes.layers).map { BartLayer(weights("layers", $0), configuration, sizes, isDecoder: isDecoder) }
    layer_norm = kind.normsOutput ? weights.layerNorm("layer_norm", width: width, epsilon: Self.epsilon) : nil
  }

  private static func positions(_ weights: WeightLoader, _ configuration: BartConfiguration) -> PositionEncoding {
    let (name, count, width) = (
      "embed_positions.weight", configuration.max_position_embeddings, configuration.d_model
    )
    switch configuration.kind.positions {
    case .learned: return .table(weights.positionTable(name, positions: count, first: firstPosition, width: width))
    case .sinusoids where weights.scope.contains(name):
      return .table(weights.table(name, rows: count, width: width))
    // The width is from an untrusted file and not checked against the weights yet, so allocate no table for it.
    case .sinusoids where weights.scope.onlyChecks, .sinusoidsAfterPadding where weights.scope.onlyChecks: return .none
    case .sinusoids: return .sinusoids(SinusoidalPositions(width: width))
    case .sinusoidsAfterPadding:
      return .sinusoids(SinusoidalPositions(width: width, padding: configuration.pad_token_id))
    }
  }

  /// Computes the stack's final hidden rows.
  func callAsFunction(_ pass: ForwardPass, of stack: LayerStack) -> HiddenRows {
    let embedded = pass.embed(embed_tokens)  // [rows, d_model]
    var x = pass.place(embeddingScale == 1 ? embedded : scale(embedded, embeddingScale), embed_positions)
    x = pass.dropped(layernorm_embedding?(x) ?? x, at: .embedding)
    let name = "\(stack.rawValue)_hidden_states"
    x = pass.layers(layers, x, of: stack, named: name)
    return pass.result(finish(x), depth: layers.count, named: name)
  }
}

extension BartStack {
  /// The final norm, where the family has one.
  func finish(_ x: Tensor) -> Tensor { layer_norm?(x) ?? x }
}

/// A model of BART's family with its language-model head.
struct BartModel: Seq2SeqModel {
  let encoder: BartStack
  let decoder: BartStack
  /// `[decoder_vocab_size, d_model]`; the decoder's embedding if the weights are tied.
  let lm_head: PackedMatrix
  /// `[decoder_vocab_size]`
  let final_logits_bias: Tensor?
  let facts: ModelFacts
  private let configuration: BartConfiguration

  private static let headName = "lm_head.weight"

  init(_ weights: WeightLoader, _ configuration: BartConfiguration) {
    let (width, target) = (configuration.d_model, configuration.decoder_vocab_size)
    // A file with one name of a shared embedding may store the others too, as copies or as separate weights. Without
    // ties each name has its own weights, but files may leave out copies of the encoder's.
    let (own, isTied) = ("encoder.embed_tokens.weight", configuration.tie_word_embeddings)
    let head = isTied ? [Self.headName] : []
    let decoderNames = ["decoder.embed_tokens.weight"] + head
    let names = (isTied ? ["shared.weight", own] : [own, "shared.weight"]) + decoderNames
    let (source, decoded): (PackedMatrix, PackedMatrix)
    if configuration.share_encoder_decoder_embeddings {
      let shared = weights.matrix(names, outputs: target, inputs: width)
      source = weights.matrix(own, orShared: shared, of: names, outputs: target, inputs: width)
      decoded = weights.matrix(decoderNames[0], orShared: shared, of: names, outputs: target, inputs: width)
      lm_head =
        isTied
        ? weights.matrix(Self.headName, orShared: shared, of: names, outputs: target, inputs: width)
        : weights.outside.matrix([Self.headName], outputs: target, inputs: width)
    } else {
      source = weights.matrix([own], outputs: configuration.vocab_size, inputs: width)
      decoded = weights.matrix(decoderNames, outputs: target, inputs: width)
      lm_head =
        isTied
        ? weights.matrix(Self.headName, orShared: decoded, of: decoderNames, outputs: target, inputs: width)
        : weights.outside.matrix([Self.headName], outputs: target, inputs: width)
    }
    encoder = BartStack(weights("encoder"), configuration, isDecoder: false, source)
    decoder = BartStack(weights("decoder"), configuration, isDecoder: true, decoded)
    let bias = "final_logits_bias"
    final_logits_bias =
      configuration.kind.biasesLogits && weights.outside.scope.contains(bias)
      ? weights.outside.table(bias, rows: 1, width: target) : nil
    facts = ModelFacts(
      vocabularySize: target, sourceVocabularySize: configuration.vocab_size,
      contextLength: configuration.max_position_embeddings, width: width, layerCount: configuration.decoder_layers,
      weights)
    self.configuration = configuration
  }

  func encode(_ ids: [Int], probe: Probe?, recorder: Recorder?) throws(ModelError) -> EncoderState {
    let pass = try ForwardPass([MaskedSequence(ids: ids)], facts, probe: probe, recorder: recorder)
    let source = encoder(pass, of: .encoder).tensor
    return EncoderState(
      source: source, into: emptyCache(), decoder.layers.map(\.encoder_attn), recorder: recorder
    ) { $0.keysAndValues($1) }
  }

  private func emptyCache() -> KeyValueCache {
    KeyValueCache(
      layers: configuration.decoder_layers, heads: configuration.decoder_attention_heads,
      headWidth: configuration.d_model / configuration.decoder_attention_heads, format: facts.cacheFormat)
  }

  func makeState(_ encoder: EncoderState) -> SequenceState { SequenceState(cache: emptyCache(), encoder: encoder) }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    precondition(segments.allSatisfy { $0.state.encoder != nil }, "a decoder segment without a source")
    return decoder(
      try ForwardPass(segments, facts, probe: probe, recorder: recorder), of: .decoder)
  }

  func finish(_ x: Tensor) -> Tensor { decoder.finish(x) }

  var readout: Readout {
    guard configuration.kind.normsFirst else { return .normalizesSums }
    return .linear(LinearReadout(decoder.layer_norm.map { .layer($0) } ?? .none, lm_head, bias: logitsBias))
  }

  /// `[decoder_vocab_size]`
  private var logitsBias: Tensor? { final_logits_bias.map { $0.reshaped([$0.count]) } }

  func logits(_ hidden: Tensor) -> Tensor {
    linear(hidden, lm_head, bias: logitsBias)
  }
}
