// Warner et al. (2024): Smarter, Better, Faster, Longer: A Modern Bidirectional Encoder for Fast, Memory Efficient, and
// Long Context Finetuning and Inference (arXiv:2412.13663).

import Layers
import Tensors

/// Self-attention with rotary positions, over the whole sequence or over a window on both sides.
struct ModernBERTAttention: Sendable {
  /// Queries, keys and values side by side.
  let Wqkv: Linear
  let Wo: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: ModernBERTConfiguration, isLocal: Bool) {
    let (width, bias) = (configuration.hidden_size, configuration.attention_bias)
    Wqkv = weights.linear("Wqkv", inputs: width, outputs: 3 * width, bias: bias)
    Wo = weights.linear("Wo", inputs: width, outputs: width, bias: bias)
    shape = AttentionShape(
      queryHeads: configuration.num_attention_heads, headWidth: configuration.headWidth,
      window: isLocal ? configuration.reach + 1 : nil)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`; adds the residual
  func callAsFunction(
    _ x: Tensor, residual: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass
  ) -> Tensor {
    let (q, k, v) = shape.split(Wqkv(x))  // [rows, hidden_size] each
    return pass.leave(
      .attention(shape), pass.attend(q, k, v, shape, positions), by: Wo, residual: pass.narrow(residual))
  }
}

/// The gated feed-forward layer: Wo(activation(a) × b), where Wi(x) is a and b side by side.
struct ModernBERTMLP: Sendable {
  let Wi: Linear
  let Wo: Linear
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: ModernBERTConfiguration) {
    let (width, inner, bias) = (configuration.hidden_size, configuration.intermediate_size, configuration.mlp_bias)
    Wi = weights.linear("Wi", inputs: width, outputs: 2 * inner, bias: bias)
    Wo = weights.linear("Wo", inputs: inner, outputs: width, bias: bias)
    activation = configuration.hidden_activation
  }

  /// `[rows, hidden_size]` → `[rows, hidden_size]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let both = Wi(x)  // [rows, 2 × intermediate_size]
    let inner = both.width / 2
    let gated = multiply(activate(both.columns(0..<inner), activation), both.columns(inner..<2 * inner))
    return pass.leave(.feedForward, gated, by: Wo, residual: residual)
  }
}

/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)). The first layer's attention has no norm, because
/// the embeddings are normalized.
struct ModernBERTLayer: StackLayer {
  let attn_norm: LayerNorm?
  let attn: ModernBERTAttention
  let mlp_norm: LayerNorm
  let mlp: ModernBERTMLP
  let isLocal: Bool

  init(_ weights: WeightLoader, _ configuration: ModernBERTConfiguration, index: Int) {
    isLocal = configuration.isLocal[index]
    attn_norm = index == 0 ? nil : configuration.norm(weights, "attn_norm")
    attn = ModernBERTAttention(weights("attn"), configuration, isLocal: isLocal)
    mlp_norm = configuration.norm(weights, "mlp_norm")
    mlp = ModernBERTMLP(weights("mlp"), configuration)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ positions: ForwardPass.Positions, _ pass: ForwardPass) -> Tensor {
    let x = attn(attn_norm.map { $0(x) } ?? x, residual: x, positions, pass)
    return mlp(mlp_norm(x), residual: x, pass)
  }
}

extension ModernBERTLayer {
  func output(
    of x: Tensor, _ positions: (global: ForwardPass.Positions, local: ForwardPass.Positions), _ pass: ForwardPass
  ) -> Tensor {
    self(x, isLocal ? positions.local : positions.global, pass)
  }
}

/// ModernBERT without a head. Layers that attend to all positions alternate with layers that attend to a window; the
/// two kinds have rotary frequencies of their own.
struct ModernBERT: Encoder {
  let words: WordEmbedding
  let embeddingNorm: LayerNorm
  let layers: [ModernBERTLayer]
  let final_norm: LayerNorm
  let global: PositionEncoding
  let local: PositionEncoding
  let configuration: ModernBERTConfiguration

  var vocabularySize: Int { configuration.vocab_size }
  var contextLength: Int { configuration.max_position_embeddings }
  var width: Int { configuration.hidden_size }
  var depth: Int { layers.count }
  var typeCount: Int { 0 }

  init(_ weights: WeightLoader, _ configuration: ModernBERTConfiguration) {
    words = WordEmbedding(
      weights, "embeddings.tok_embeddings.weight", decoder: "decoder.weight",
      isTied: configuration.tie_word_embeddings, count: configuration.vocab_size, width: configuration.hidden_size)
    embeddingNorm = configuration.norm(weights("embeddings"), "norm")
    layers = (0..<configuration.num_hidden_layers).map {
      ModernBERTLayer(weights("layers", $0), configuration, index: $0)
    }
    final_norm = configuration.norm(weights, "final_norm")
    let headWidth = configuration.headWidth
    global = .rotary(RotaryEmbedding(headWidth: headWidth, base: configuration.globalBase))
    local = .rotary(RotaryEmbedding(headWidth: headWidth, base: configuration.localBase))
    self.configuration = configuration
  }

  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    let (global, local) = (pass.prepare(global), pass.prepare(local))
    let embedded = pass.dropped(embeddingNorm(pass.embed(words.embedding)), at: .embedding)
    let x = pass.layers(layers, embedded, with: (global, local))
    return finish(x)
  }

  func finish(_ x: Tensor) -> Tensor { final_norm(x) }

  var normalizesSums: Bool { false }

  /// The transform before the decoder and before a classifier.
  func transform(_ weights: WeightLoader) -> (dense: Linear, activation: Activation, norm: LayerNorm) {
    let head = weights.outside("head")
    return (
      head.linear("dense", inputs: width, outputs: width, bias: configuration.classifier_bias),
      configuration.classifier_activation, configuration.norm(head, "norm")
    )
  }

  /// The head of the masked language model.
  func predictions(_ weights: WeightLoader) -> MaskedHead {
    let (dense, activation, norm) = transform(weights)
    return MaskedHead(
      dense: dense, activation: activation, norm: norm,
      decoder: words.decoder(
        weights, bias: configuration.decoder_bias ? ("decoder.bias", "decoder.bias") : nil, count: vocabularySize,
        width: width))
  }

  /// The head that classifies texts or tokens. It has the same transform as the head of the masked language model.
  func classification(_ weights: WeightLoader, _ labels: LabelSet) -> LabelHead {
    let (dense, activation, norm) = transform(weights)
    return LabelHead(
      dense: dense, activation: activation, norm: norm,
      scores: weights.outside.linear("classifier", inputs: width, outputs: labels.names.count),
      pooling: labels.subject == .texts ? configuration.classifier_pooling : .tokens)
  }
}

extension ModernBERT {
  /// How a ModernBERT checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "modernbert", .masked, prefixes: ["model.", ""],
    keys: ConfigurationKeys(
      honored: ModernBERTConfiguration.keys,
      withoutEffect: [
        "initializer_range", "initializer_cutoff_factor", "cls_token_id", "sep_token_id", "deterministic_flash_attn",
        "reference_compile",
        // Which logits are computed while training.
        "sparse_prediction", "sparse_pred_ignore_index",
      ],
      dropout: DropoutKeys(
        .init("embedding_dropout", 0, .embedding), .init("attention_dropout", 0, .attention, .attentionOutput),
        .init("mlp_dropout", 0, .activation), .init("classifier_dropout", 0, .textHead, .tokenHead))),
    tokens: TokenDefaults(bos: 50_281, pad: 50_283), configuration: ModernBERTConfiguration.init,
    contextLength: { $0.max_position_embeddings },
    classifier: { weights, configuration, labels in
      let body = ModernBERT(weights, configuration)
      return LabelingEncoder(body, body.classification(weights, labels), labels, weights)
    }
  ) { weights, configuration in
    let body = ModernBERT(weights, configuration)
    return .masked(MaskedEncoder(body, body.predictions(weights), weights))
  }
}
