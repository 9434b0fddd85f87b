// Black, Gao, Wang, Leahy, Biderman (2021): GPT-Neo: Large Scale Autoregressive Language Modeling with Mesh-Tensorflow.
// GPT-2 with unscaled scores, and with a sliding window in every other layer (Child et al., arXiv:1904.10509).

import JSONText
import Layers
import Tensors

/// Causal self-attention without a scale on the scores. A local layer sees only the last `window_size` positions.
struct GPTNeoAttention: Sendable {
  /// `q_proj`, `k_proj` and `v_proj` side by side.
  let projections: Linear
  let out_proj: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: GPTNeoConfiguration, layer: Int) {
    let width = configuration.hidden_size
    projections = weights.stacked(["q_proj", "k_proj", "v_proj"], inputs: width, outputs: width, bias: false)
    out_proj = weights.linear("out_proj", inputs: width, outputs: width)
    shape = AttentionShape(
      queryHeads: configuration.num_heads, headWidth: configuration.headWidth, scale: 1,
      window: configuration.isLocal[layer] ? configuration.window_size : nil)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(projections(x))  // [rows, hidden_size] each
    return pass.leave(.attention(shape), pass.attend(q, k, v, shape), by: out_proj, residual: pass.narrow(residual))
  }
}

/// The feed-forward layer: up, activation, down.
struct GPTNeoMLP: Sendable {
  let c_fc: Linear
  let c_proj: Linear
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: GPTNeoConfiguration) {
    let (width, inner) = (configuration.hidden_size, configuration.intermediate_size)
    c_fc = weights.linear("c_fc", inputs: width, outputs: inner)
    c_proj = weights.linear("c_proj", inputs: inner, outputs: width)
    activation = configuration.activation_function
  }

  /// `[rows, hidden_size]` → `[rows, hidden_size]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    pass.leave(.feedForward, c_fc(x, activation: activation), by: c_proj, residual: residual)
  }
}

/// One layer: x + attention(norm(x)), then x + feed-forward(norm(x)).
struct GPTNeoBlock: Sendable {
  let ln_1: LayerNorm
  let attention: GPTNeoAttention
  let ln_2: LayerNorm
  let mlp: GPTNeoMLP

  init(_ weights: WeightLoader, _ configuration: GPTNeoConfiguration, layer: Int) {
    let (width, epsilon) = (configuration.hidden_size, configuration.layer_norm_epsilon)
    ln_1 = weights.layerNorm("ln_1", width: width, epsilon: epsilon)
    attention = GPTNeoAttention(weights("attn.attention"), configuration, layer: layer)
    ln_2 = weights.layerNorm("ln_2", width: width, epsilon: epsilon)
    mlp = GPTNeoMLP(weights("mlp"), configuration)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let x = attention(ln_1(x), residual: x, pass)
    return mlp(ln_2(x), residual: x, pass)
  }
}

/// GPT-Neo with its language-model head.
struct GPTNeo: CausalModel {
  let wte: Embedding
  /// `[max_position_embeddings, hidden_size]`
  let wpe: PositionEncoding
  let h: [GPTNeoBlock]
  let ln_f: LayerNorm
  /// `[vocab_size, hidden_size]`; the token embedding if the weights are tied.
  let lm_head: PackedMatrix
  let facts: ModelFacts
  private let configuration: GPTNeoConfiguration

  init(_ weights: WeightLoader, _ configuration: GPTNeoConfiguration) {
    let (vocabulary, width) = (configuration.vocab_size, configuration.hidden_size)
    let isTied = configuration.tie_word_embeddings
    let names = isTied ? ["wte.weight", "lm_head.weight"] : ["wte.weight"]
    wte = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: width))
    wpe = .table(weights.table("wpe.weight", rows: configuration.max_position_embeddings, width: width))
    h = (0..<configuration.num_layers).map { GPTNeoBlock(weights("h", $0), configuration, layer: $0) }
    ln_f = weights.layerNorm("ln_f", width: width, epsilon: configuration.layer_norm_epsilon)
    lm_head =
      isTied
      ? weights.matrix("lm_head.weight", orShared: wte.weight, of: names, outputs: vocabulary, inputs: width)
      : weights.outside.matrix(["lm_head.weight"], outputs: vocabulary, inputs: width)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: configuration.max_position_embeddings, width: width,
      layerCount: configuration.num_layers, weights)
    self.configuration = configuration
  }

  func makeState() -> SequenceState {
    SequenceState(
      cache: KeyValueCache(
        layers: configuration.num_layers, heads: configuration.num_heads, headWidth: configuration.headWidth,
        format: facts.cacheFormat))
  }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(segments, facts, probe: probe, recorder: recorder)
    let x = pass.place(pass.embed(wte), wpe)  // [rows, hidden_size]
    return pass.result(finish(pass.layers(h, x) { block, x, pass in block(x, pass) }), depth: h.count)
  }

  func finish(_ x: Tensor) -> Tensor { ln_f(x) }

  var readout: Readout { .linear(LinearReadout(.layer(ln_f), lm_head)) }

  func logits(_ hidden: Tensor) -> Tensor { linear(hidden, lm_head) }
}

extension GPTNeo {
  /// How a GPT-Neo checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "gpt_neo", .causal, prefixes: ["transformer.", ""],
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "max_position_embeddings", "hidden_size", "num_layers", "num_hidden_layers", "num_heads",
        "num_attention_heads", "attention_types", "attention_layers", "intermediate_size", "window_size",
        "activation_function", "layer_norm_epsilon", "tie_word_embeddings",
      ],
      withoutEffect: [
        "resid_dropout", "embed_dropout", "attention_dropout", "classifier_dropout", "initializer_range",
      ]),
    tokens: TokenDefaults(bos: 50_256), configuration: GPTNeoConfiguration.init,
    contextLength: { $0.max_position_embeddings }
  ) { .causal(GPTNeo($0, $1)) }
}

/// `config.json` of a GPT-Neo. Properties have the file's key names; defaults for missing keys are those of
/// transformers.
struct GPTNeoConfiguration: Sendable {
  let vocab_size: Int
  let max_position_embeddings: Int
  let hidden_size: Int
  let num_layers: Int
  let num_heads: Int
  let intermediate_size: Int
  /// The number of positions that a local layer sees, including its own.
  let window_size: Int
  let activation_function: Activation
  let layer_norm_epsilon: Float
  let tie_word_embeddings: Bool
  /// Whether a layer sees only a window.
  let isLocal: [Bool]

  var headWidth: Int { hidden_size / num_heads }

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 50_257)
    max_position_embeddings = try file.size("max_position_embeddings", default: 2048)
    hidden_size = try file.size("hidden_size", default: 2048)
    num_layers = try file.size("num_layers", "num_hidden_layers", default: 24, atMost: ConfigurationReader.mostLayers)
    num_heads = try file.size("num_heads", "num_attention_heads", default: 16)
    intermediate_size = try file.optionalSize("intermediate_size") ?? 4 * hidden_size
    window_size = try file.size("window_size", default: 256)
    activation_function = try file.activation("activation_function", default: "gelu_new")
    layer_norm_epsilon = try file.epsilon("layer_norm_epsilon", default: 1e-5)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    guard hidden_size.isMultiple(of: num_heads) else {
      throw file.failure("num_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_heads)")
    }
    isLocal = try Self.locality(file, layers: num_layers)
  }

  /// Whether each layer is local. `attention_layers` has one type per layer; otherwise `attention_types` has lists of
  /// types, each with the number of its repetitions.
  private static func locality(_ file: ConfigurationReader, layers: Int) throws(ModelError) -> [Bool] {
    if let (key, value) = file.value(["attention_layers"]) {
      let expected = "\(layers) kinds of layers, each global or local"
      guard let kinds = value.array?.map(isLocal), kinds.count == layers, !kinds.contains(nil) else {
        throw file.failure(key, expected, value)
      }
      return kinds.compactMap(\.self)
    }
    let key = "attention_types"
    let value = file.value([key])?.value ?? [[["global", "local"], 12]]
    let expected = "runs of the kinds global and local for \(layers) layers in all"
    var kinds: [Bool] = []
    for run in value.array ?? [] {
      guard let parts = run.array, parts.count >= 2, let names = parts[0].array, let times = parts[1].int,
        names.allSatisfy({ isLocal($0) != nil })
      else { throw file.failure(key, expected, value) }
      // The number of repetitions is untrusted. Stop after one layer too many, which is an error below.
      for _ in 0..<min(max(times, 0), layers + 1) where kinds.count <= layers { kinds += names.compactMap(isLocal) }
    }
    guard kinds.count == layers else { throw file.failure(key, expected, value) }
    return kinds
  }

  private static func isLocal(_ kind: JSONValue) -> Bool? {
    switch kind.string {
    case "global": false
    case "local": true
    default: nil
    }
  }
}
