// Radford, Wu, Child, Luan, Amodei, Sutskever (2019): Language Models are Unsupervised Multitask Learners. The block is
// that of Vaswani et al. (arXiv:1706.03762), decoder only, with the norms moved to the front.

import Layers
import Tensors

/// Masked multi-head self-attention.
struct GPT2Attention: Sendable {
  /// Queries, keys and values side by side.
  let c_attn: Linear
  let c_proj: Linear
  let heads: HeadLayout

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration, layer: Int) {
    let width = configuration.n_embd
    c_attn = weights.linear("c_attn", inputs: width, outputs: 3 * width, layout: .inputsByOutputs)
    c_proj = weights.linear("c_proj", inputs: width, outputs: width, layout: .inputsByOutputs)
    heads = HeadLayout(
      heads: configuration.n_head, headWidth: configuration.headWidth, scale: configuration.attentionScale(layer: layer)
    )
  }
}

/// The feed-forward layer: up, activation, down.
struct GPT2MLP: Sendable {
  let c_fc: Linear
  let c_proj: Linear
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration) {
    let (width, inner) = (configuration.n_embd, configuration.n_inner)
    c_fc = weights.linear("c_fc", inputs: width, outputs: inner, layout: .inputsByOutputs)
    c_proj = weights.linear("c_proj", inputs: inner, outputs: width, layout: .inputsByOutputs)
    activation = configuration.activation_function
  }

  /// `[rows, n_embd]` → `[rows, n_embd]`, the residual added
  func callAsFunction(_ x: Tensor, residual: Tensor) -> Tensor {
    let inner = c_fc(x, activation: activation)  // [rows, n_inner]
    return c_proj(inner, residual: residual)
  }
}

/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).
struct GPT2Block: Sendable {
  let ln_1: LayerNorm
  let attn: GPT2Attention
  let ln_2: LayerNorm
  let mlp: GPT2MLP
  let layer: Int

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration, layer: Int) {
    let (width, epsilon) = (configuration.n_embd, configuration.layer_norm_epsilon)
    ln_1 = weights.layerNorm("ln_1", width: width, epsilon: epsilon)
    attn = GPT2Attention(weights("attn"), configuration, layer: layer)
    ln_2 = weights.layerNorm("ln_2", width: width, epsilon: epsilon)
    mlp = GPT2MLP(weights("mlp"), configuration)
    self.layer = layer
  }

  /// - Parameter onlyWanted: leaves only the rows that are asked for, once every row's keys and values have been made.
  func callAsFunction(
    _ x: Tensor, _ segments: [Segment], _ batch: RaggedBatch, onlyWanted: Bool
  ) -> Tensor {
    let stacked = attn.c_attn(ln_1(x))  // [rows, 3 × n_embd]
    let seen = attn.heads.attendCausally(stacked, segments, batch, layer: layer, onlyWanted: onlyWanted)
    let attended = attn.c_proj(seen, residual: onlyWanted ? batch.narrow(x) : x)  // [rows or wanted, n_embd]
    return mlp(ln_2(attended), residual: attended)
  }
}

/// GPT-2 with its language-model head.
struct GPT2: CausalModel {
  let wte: Embedding
  /// `[n_positions, n_embd]`
  let wpe: Tensor
  let h: [GPT2Block]
  let ln_f: LayerNorm
  /// `[vocab_size, n_embd]`; the token embedding itself where the weights are tied.
  let lm_head: PackedMatrix
  let facts: ModelFacts
  private let configuration: GPT2Configuration

  /// The outer prefix that names may have.
  static let prefixes = ["transformer.", ""]

  init(_ weights: WeightLoader, _ configuration: GPT2Configuration) {
    let (vocabulary, width) = (configuration.vocab_size, configuration.n_embd)
    let isTied = configuration.tie_word_embeddings
    let names = isTied ? ["wte.weight", "lm_head.weight"] : ["wte.weight"]
    wte = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: width))
    wpe = weights.table("wpe.weight", rows: configuration.n_positions, width: width)
    h = (0..<configuration.n_layer).map { GPT2Block(weights("h", $0), configuration, layer: $0) }
    ln_f = weights.layerNorm("ln_f", width: width, epsilon: configuration.layer_norm_epsilon)
    lm_head =
      isTied
      ? weights.matrix("lm_head.weight", orShared: wte.weight, of: names, outputs: vocabulary, inputs: width)
      : weights.outside.matrix(["lm_head.weight"], outputs: vocabulary, inputs: width)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: configuration.n_positions, width: width,
      layerCount: configuration.n_layer, weights)
    self.configuration = configuration
  }

  func makeState() -> SequenceState {
    SequenceState(
      cache: KeyValueCache(
        layers: configuration.n_layer, heads: configuration.n_head, headWidth: configuration.headWidth,
        format: facts.cacheFormat))
  }

  func forward(_ segments: [Segment], probe: Probe?) throws(ModelError) -> HiddenRows {
    let batch = try RaggedBatch(segments, facts)
    var x = add(wte(batch.ids), wpe.gatherRows(batch.positions))  // [rows, n_embd]
    for block in h {
      probe?.observe("hidden_states.\(block.layer)", x)
      // After the last layer's keys and values only the rows that are asked for matter, unless somebody looks at all.
      x = block(x, segments, batch, onlyWanted: block.layer == h.count - 1 && probe == nil)
    }
    guard let probe else { return batch.result(ln_f(x)) }
    let rows = ln_f(x)  // [rows, n_embd]
    probe.observe("hidden_states.\(h.count)", rows)
    return batch.result(batch.narrow(rows))
  }

  func logits(_ hidden: Tensor) -> Tensor { linear(hidden, lm_head) }
}
