import Layers
import Tensors

// Radford, Wu, Child, Luan, Amodei, Sutskever (2019): Language Models are Unsupervised Multitask Learners. The block is
// the decoder block of Vaswani et al. (arXiv:1706.03762) with a layer norm before each sublayer.

/// Causal multi-head self-attention.
struct GPTAttention: Sendable {
  /// Queries, keys and values side by side.
  let projections: Linear
  let output: Linear
  let shape: AttentionShape

  /// `[rows, width]` → `[rows or wanted, width]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(projections(x))  // [rows, width] each
    let seen = pass.attend(q, k, v, shape)  // [rows or wanted, width]
    return pass.leave(.attention(shape), seen, by: output, residual: pass.narrow(residual))
  }
}

/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).
struct GPTBlock: PlainLayer {
  let ln_1: LayerNorm
  let attention: GPTAttention
  let ln_2: LayerNorm
  /// `[width, inner]`
  let c_fc: Linear
  /// `[inner, width]`
  let c_proj: Linear
  let activation: Activation

  init(
    _ weights: WeightLoader, _ attention: GPTAttention, width: Int, inner: Int, layout: WeightLayout,
    _ activation: Activation, epsilon: Float
  ) {
    ln_1 = weights.layerNorm("ln_1", width: width, epsilon: epsilon)
    self.attention = attention
    ln_2 = weights.layerNorm("ln_2", width: width, epsilon: epsilon)
    let mlp = weights("mlp")
    c_fc = mlp.linear("c_fc", inputs: width, outputs: inner, layout: layout)
    c_proj = mlp.linear("c_proj", inputs: inner, outputs: width, layout: layout)
    self.activation = activation
  }

  /// `[rows, width]` → `[rows or wanted, width]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let x = attention(ln_1(x), residual: x, pass)
    return pass.leave(.feedForward, c_fc(ln_2(x), activation: activation), by: c_proj, residual: x)
  }
}

/// A decoder of GPT-2's form, with a table of positions and its language-model head.
struct GPTDecoder: CausalModel {
  /// The sizes of the model around its blocks.
  struct Sizes {
    var vocabulary: Int
    var positions: Int
    var width: Int
    var layers: Int
    var epsilon: Float
    /// Whether the head is the token embedding.
    var isTied: Bool
  }

  let wte: Embedding
  /// `[positions, width]`
  let wpe: PositionEncoding
  let h: [GPTBlock]
  let ln_f: LayerNorm
  /// `[vocabulary, width]`
  let lm_head: PackedMatrix
  let facts: ModelFacts

  /// Reads the weights in the order of the forward pass.
  /// - Parameter block: reads the block of a layer.
  init(_ weights: WeightLoader, _ sizes: Sizes, block: (Int) -> GPTBlock) {
    let (vocabulary, width) = (sizes.vocabulary, sizes.width)
    let names = sizes.isTied ? ["wte.weight", "lm_head.weight"] : ["wte.weight"]
    wte = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: width))
    wpe = .table(weights.table("wpe.weight", rows: sizes.positions, width: width))
    h = (0..<sizes.layers).map(block)
    ln_f = weights.layerNorm("ln_f", width: width, epsilon: sizes.epsilon)
    lm_head =
      sizes.isTied
      ? weights.matrix("lm_head.weight", orShared: wte.weight, of: names, outputs: vocabulary, inputs: width)
      : weights.outside.matrix(["lm_head.weight"], outputs: vocabulary, inputs: width)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: sizes.positions, width: width, layerCount: sizes.layers, weights)
  }

  func makeState() -> SequenceState {
    let shape = h[0].attention.shape
    return SequenceState(
      cache: KeyValueCache(
        layers: h.count, heads: shape.queryHeads, headWidth: shape.headWidth, format: facts.cacheFormat))
  }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(segments, facts, probe: probe, recorder: recorder)
    let x = pass.dropped(pass.place(pass.embed(wte), wpe), at: .embedding)  // [rows, width]
    return pass.result(finish(pass.layers(h, x)), depth: h.count)
  }

  func finish(_ x: Tensor) -> Tensor { ln_f(x) }

  var readout: Readout { .linear(LinearReadout(.layer(ln_f), lm_head)) }

  func logits(_ hidden: Tensor) -> Tensor { linear(hidden, lm_head) }
}
