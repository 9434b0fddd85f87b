// Black et al. (2022): GPT-NeoX-20B: An Open-Source Autoregressive Language Model (arXiv:2204.06745); Pythia: Biderman
// et al. (arXiv:2304.01373). Rotary positions on a part of each head, and a block whose attention and feed-forward
// layer may read the same input (Wang, Komatsuzaki 2021: GPT-J-6B).

import JSONText
import Layers
import Tensors

/// Causal self-attention. Only the first dimensions of each head are rotated.
struct GPTNeoXAttention: Sendable {
  /// For each head its query, key and value side by side.
  let query_key_value: Linear
  let dense: Linear
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: GPTNeoXConfiguration) {
    let (width, bias) = (configuration.hidden_size, configuration.attention_bias)
    query_key_value = weights.linear("query_key_value", inputs: width, outputs: 3 * width, bias: bias)
    dense = weights.linear("dense", inputs: width, outputs: width, bias: bias)
    shape = AttentionShape(queryHeads: configuration.num_attention_heads, headWidth: configuration.headWidth)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`; adds the residual
  /// - Parameter headRows: the numbers of all heads of all rows, `0 ..< rows × heads`.
  func callAsFunction(
    _ x: Tensor, residual: Tensor, _ positions: ForwardPass.Positions, headRows: [Int], _ pass: ForwardPass
  ) -> Tensor {
    // One row for each head: [rows × heads, 3 × head width].
    let heads = query_key_value(x).reshaped(Shape(headRows.count, 3 * shape.headWidth))
    func part(_ number: Int) -> TensorColumns {
      let columns = number * shape.headWidth..<(number + 1) * shape.headWidth
      let gathered = TensorColumns(heads, columns).gatherRows(headRows)
      return TensorColumns(gathered.reshaped(Shape(x.rowCount, shape.queryWidth)))
    }
    let seen = pass.attend(part(0), part(1), part(2), shape, positions)
    return pass.leave(.attention(shape), seen, by: dense, residual: pass.narrow(residual))
  }
}

/// The feed-forward layer: up, activation, down.
struct GPTNeoXMLP: Sendable {
  let dense_h_to_4h: Linear
  let dense_4h_to_h: Linear
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: GPTNeoXConfiguration) {
    let (width, inner) = (configuration.hidden_size, configuration.intermediate_size)
    dense_h_to_4h = weights.linear("dense_h_to_4h", inputs: width, outputs: inner)
    dense_4h_to_h = weights.linear("dense_4h_to_h", inputs: inner, outputs: width)
    activation = configuration.hidden_act
  }

  /// `[rows, hidden_size]` → `[rows, hidden_size]`; adds the residual
  func callAsFunction(_ x: Tensor, residual: Tensor, _ pass: ForwardPass) -> Tensor {
    pass.leave(.feedForward, dense_h_to_4h(x, activation: activation), by: dense_4h_to_h, residual: residual)
  }
}

/// One layer. Parallel: x + attention(norm₁(x)) + feed-forward(norm₂(x)). Otherwise the feed-forward layer reads the
/// sum of x and the attention, as in GPT-2.
struct GPTNeoXLayer: StackLayer {
  let input_layernorm: LayerNorm
  let attention: GPTNeoXAttention
  let post_attention_layernorm: LayerNorm
  let mlp: GPTNeoXMLP
  let isParallel: Bool

  init(_ weights: WeightLoader, _ configuration: GPTNeoXConfiguration) {
    let (width, epsilon) = (configuration.hidden_size, configuration.layer_norm_eps)
    input_layernorm = weights.layerNorm("input_layernorm", width: width, epsilon: epsilon)
    attention = GPTNeoXAttention(weights("attention"), configuration)
    post_attention_layernorm = weights.layerNorm("post_attention_layernorm", width: width, epsilon: epsilon)
    mlp = GPTNeoXMLP(weights("mlp"), configuration)
    isParallel = configuration.use_parallel_residual
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(
    _ x: Tensor, _ positions: ForwardPass.Positions, headRows: [Int], _ pass: ForwardPass
  ) -> Tensor {
    let attended = attention(input_layernorm(x), residual: x, positions, headRows: headRows, pass)
    return mlp(post_attention_layernorm(isParallel ? pass.narrow(x) : attended), residual: attended, pass)
  }
}

extension GPTNeoXLayer {
  func output(
    of x: Tensor, _ context: (positions: ForwardPass.Positions, headRows: [Int]), _ pass: ForwardPass
  ) -> Tensor {
    self(x, context.positions, headRows: context.headRows, pass)
  }
}

/// GPT-NeoX with its language-model head.
struct GPTNeoX: CausalModel {
  let embed_in: Embedding
  let layers: [GPTNeoXLayer]
  let final_layer_norm: LayerNorm
  /// `[vocab_size, hidden_size]`; the token embedding if the weights are tied.
  let lm_head: PackedMatrix
  let positions: TextPositions
  let facts: ModelFacts
  private let configuration: GPTNeoXConfiguration

  /// The current name of the head's weights, then the older one.
  private static let headNames = ["lm_head.weight", "embed_out.weight"]

  init(_ weights: WeightLoader, _ configuration: GPTNeoXConfiguration) {
    let (vocabulary, width) = (configuration.vocab_size, configuration.hidden_size)
    let isTied = configuration.tie_word_embeddings
    let names = ["embed_in.weight"] + (isTied ? Self.headNames : [])
    embed_in = Embedding(weight: weights.matrix(names, outputs: vocabulary, inputs: width))
    layers = (0..<configuration.num_hidden_layers).map { GPTNeoXLayer(weights("layers", $0), configuration) }
    final_layer_norm = weights.layerNorm("final_layer_norm", width: width, epsilon: configuration.layer_norm_eps)
    let head = Self.headNames.first(where: weights.outside.scope.contains) ?? Self.headNames[0]
    lm_head =
      isTied
      ? weights.matrix(head, orShared: embed_in.weight, of: names, outputs: vocabulary, inputs: width)
      : weights.outside.matrix(Self.headNames, outputs: vocabulary, inputs: width)
    positions = TextPositions(configuration.rotary, isReal: !weights.scope.onlyChecks)
    facts = ModelFacts(
      vocabularySize: vocabulary, contextLength: configuration.max_position_embeddings, width: width,
      layerCount: configuration.num_hidden_layers, weights)
    self.configuration = configuration
  }

  func makeState() -> SequenceState {
    let cache = KeyValueCache(
      layers: configuration.num_hidden_layers, heads: configuration.num_attention_heads,
      headWidth: configuration.headWidth, format: facts.cacheFormat)
    return positions.makeState(cache)
  }

  func forward(
    _ segments: [Segment], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    try positions.forward(segments, facts) { segments, encoding throws(ModelError) in
      try read(segments, encoding, probe, recorder)
    }
  }

  private func read(
    _ segments: [Segment], _ encoding: PositionEncoding, _ probe: Probe?, _ recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(segments, facts, probe: probe, recorder: recorder)
    let positions = pass.prepare(encoding)
    let headRows = Array(0..<pass.ids.count * configuration.num_attention_heads)
    let x = pass.layers(layers, pass.dropped(pass.embed(embed_in), at: .embedding), with: (positions, headRows))
    return pass.result(finish(x), depth: layers.count)
  }

  func finish(_ x: Tensor) -> Tensor { final_layer_norm(x) }

  var readout: Readout { .linear(LinearReadout(.layer(final_layer_norm), lm_head)) }

  func logits(_ hidden: Tensor) -> Tensor { linear(hidden, lm_head) }
}

extension GPTNeoX {
  /// How a GPT-NeoX checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "gpt_neox", .causal, prefixes: ["gpt_neox.", ""],
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "max_position_embeddings", "layer_norm_eps", "use_parallel_residual", "attention_bias", "rope_parameters",
        "rope_scaling", "rotary_pct", "rotary_emb_base", "head_dim", "tie_word_embeddings",
      ],
      withoutEffect: ["classifier_dropout", "initializer_range", "is_decoder"],
      dropout: DropoutKeys(
        .init("hidden_dropout", 0, .embedding, .attentionOutput, .feedForwardOutput),
        .init("attention_dropout", 0, .attention))),
    tokens: TokenDefaults(bos: 0), gguf: gguf, configuration: GPTNeoXConfiguration.init,
    contextLength: { $0.max_position_embeddings }
  ) { .causal(GPTNeoX($0, $1)) }
}

extension GPTNeoX {
  /// How a GGUF file of a GPT-NeoX is read. It lacks the name of the activation; the default is that of Pythia.
  /// llama.cpp's converter stores queries, keys and values one after the other.
  private static let gguf = GGUFMapping(
    "gptneox",
    keys: [
      .required("max_position_embeddings", "context_length"), .required("hidden_size", "embedding_length"),
      .required("num_hidden_layers", "block_count"), .required("intermediate_size", "feed_forward_length"),
      .required("num_attention_heads", "attention.head_count"),
      .required("layer_norm_eps", "attention.layer_norm_epsilon"),
      .required("use_parallel_residual", "use_parallel_residual"), .optional("rotary_emb_base", "rope.freq_base"),
    ],
    // Read below.
    withoutEffect: ["rope.dimension_count", "attention.head_count_kv"]
      + GGUFConfiguration.scalingKeys.map { "rope.scaling." + $0 },
    stems: [
      "token_embd": "embed_in", "output_norm": "final_layer_norm", "output": "lm_head",
      "blk.*.attn_norm": "layers.*.input_layernorm", "blk.*.attn_qkv": "layers.*.attention.query_key_value",
      "blk.*.attn_output": "layers.*.attention.dense", "blk.*.ffn_norm": "layers.*.post_attention_layernorm",
      "blk.*.ffn_up": "layers.*.mlp.dense_h_to_4h", "blk.*.ffn_down": "layers.*.mlp.dense_4h_to_h",
    ], rows: ["blk.*.attn_qkv": .projectionsApart(heads: "num_attention_heads")]
  ) { file, members throws(ModelError) in
    members["attention_bias"] = .bool(file.file.contains("blk.0.attn_qkv.bias"))
    if let scaling = try file.rotaryScaling() { members["rope_scaling"] = .object(scaling) }
    guard let heads = members["num_attention_heads"]?.int, heads > 0 else { return }
    try file.require("attention.head_count_kv", equals: heads)
    let width = (members["hidden_size"]?.int ?? 0) / heads
    members["rotary_pct"] = .double(try file.rotaryShare(headWidth: width) ?? 1)
  }
}

/// `config.json` of a GPT-NeoX. Properties have the file's key names; defaults for missing keys are those of
/// transformers.
struct GPTNeoXConfiguration: Sendable {
  let vocab_size: Int
  let hidden_size: Int
  let num_hidden_layers: Int
  let num_attention_heads: Int
  let intermediate_size: Int
  let hidden_act: Activation
  let max_position_embeddings: Int
  let layer_norm_eps: Float
  /// Whether attention and feed-forward layer read the same input.
  let use_parallel_residual: Bool
  /// Whether the projections of attention have biases; those of the feed-forward layer always have.
  let attention_bias: Bool
  let tie_word_embeddings: Bool
  /// The rotation of the first numbers of each head.
  let rotary: RotaryParameters

  var headWidth: Int { hidden_size / num_attention_heads }

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 50_432)
    hidden_size = try file.size("hidden_size", default: 6144)
    num_hidden_layers = try file.size("num_hidden_layers", default: 44, atMost: ConfigurationReader.mostLayers)
    num_attention_heads = try file.size("num_attention_heads", default: 64)
    intermediate_size = try file.size("intermediate_size", default: 24_576)
    hidden_act = try file.activation("hidden_act", default: "gelu")
    max_position_embeddings = try file.size("max_position_embeddings", default: 2048)
    layer_norm_eps = try file.epsilon("layer_norm_eps", default: 1e-5)
    use_parallel_residual = try file.boolean("use_parallel_residual", default: true)
    attention_bias = try file.boolean("attention_bias", default: true)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: false)
    guard hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
    let width = hidden_size / num_attention_heads
    // transformers would compute the frequencies for this width but apply them to heads of another width.
    if let stated = try file.optionalSize("head_dim"), stated != width {
      throw file.failure("head_dim", "\(width), which is hidden_size / num_attention_heads", "\(stated)")
    }
    let renamed = try Self.withUsualNames(file)
    try Self.checkShare(renamed)
    rotary = try RotaryParameters(
      renamed,
      RotaryParameters.Model(headWidth: width, contextLength: max_position_embeddings, rotaryShare: 0.25))
  }

  /// The configuration with the base and the rotated fraction under their usual keys. GPT-NeoX has its own keys for
  /// both and ignores `rope_theta`.
  private static func withUsualNames(_ file: ConfigurationReader) throws(ModelError) -> ConfigurationReader {
    let names = ["rope_theta": "rotary_emb_base", "partial_rotary_factor": "rotary_pct"]
    var members = file.members
    for (name, own) in names { members[name] = file.members[own] ?? .null }
    return try ConfigurationReader(.object(members), path: file.path, names: names)
  }

  /// Throws if the rotated fraction is greater than 1; transformers fails in this case, too.
  private static func checkShare(_ file: ConfigurationReader) throws(ModelError) {
    let key = "partial_rotary_factor"
    let settings = ["rope_scaling", "rope_parameters"].first { (file.members[$0]?.object?.count ?? 0) > 0 }
    let inner = settings.flatMap { file.members[$0]?[key] }
    guard let value = inner ?? file.members[key], let share = value.double, share > 1 else { return }
    throw file.failure(inner == nil ? key : settings ?? key, "at most 1 as the share of a head", value)
  }
}
