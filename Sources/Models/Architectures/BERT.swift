// Devlin, Chang, Lee, Toutanova (2018): BERT: Pre-training of Deep Bidirectional Transformers for Language
// Understanding (arXiv:1810.04805).

import Layers
import Tensors

/// The sum of the token, sentence and position embeddings, normalized.
struct BERTEmbeddings: Sendable {
  let word_embeddings: Embedding
  /// `[max_position_embeddings, hidden_size]`
  let position_embeddings: PositionEncoding
  /// `[type_vocab_size, hidden_size]`
  let token_type_embeddings: Tensor
  let norm: LayerNorm

  /// The names that the word embedding may have in a file. With tied weights a file may store only the head's copy.
  static func names(_ configuration: BERTConfiguration) -> [String] {
    ["embeddings.word_embeddings.weight"]
      + (configuration.tie_word_embeddings ? ["cls.predictions.decoder.weight"] : [])
  }

  init(_ weights: WeightLoader, _ configuration: BERTConfiguration) {
    let width = configuration.hidden_size
    word_embeddings = Embedding(
      weight: weights.matrix(Self.names(configuration), outputs: configuration.vocab_size, inputs: width))
    let below = weights("embeddings")
    position_embeddings = .table(
      below.table("position_embeddings.weight", rows: configuration.max_position_embeddings, width: width))
    token_type_embeddings = below.table(
      "token_type_embeddings.weight", rows: configuration.type_vocab_size, width: width)
    norm = below.layerNorm("LayerNorm", width: width, epsilon: configuration.layer_norm_eps)
  }

  /// Embeds the ids of a pass. Every token has type 0, the first sentence. → `[rows, hidden_size]`
  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    let types = pass.rows(of: token_type_embeddings, pass.ids.map { _ in 0 })
    return norm(pass.place(add(pass.embed(word_embeddings), types), position_embeddings))
  }
}

/// Multi-head self-attention over the whole sequence, with its residual and norm.
struct BERTAttention: Sendable {
  /// `query`, `key` and `value` side by side.
  let projections: Linear
  let dense: Linear
  let norm: LayerNorm
  let shape: AttentionShape

  init(_ weights: WeightLoader, _ configuration: BERTConfiguration) {
    let width = configuration.hidden_size
    projections = weights("self").stacked(["query", "key", "value"], inputs: width, outputs: width)
    dense = weights("output").linear("dense", inputs: width, outputs: width)
    norm = weights("output").layerNorm("LayerNorm", width: width, epsilon: configuration.layer_norm_eps)
    shape = AttentionShape(queryHeads: configuration.num_attention_heads, headWidth: configuration.headWidth)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(projections(x))  // [rows, hidden_size] each
    let seen = pass.attend(q, k, v, shape)  // [rows or wanted, hidden_size]
    return norm(dense(seen, residual: pass.narrow(x)))
  }
}

/// One layer: attention, then feed-forward, each followed by its residual and norm.
struct BERTLayer: Sendable {
  let attention: BERTAttention
  let intermediate: Linear
  let output: Linear
  let norm: LayerNorm
  let activation: Activation

  init(_ weights: WeightLoader, _ configuration: BERTConfiguration) {
    let (width, inner) = (configuration.hidden_size, configuration.intermediate_size)
    attention = BERTAttention(weights("attention"), configuration)
    intermediate = weights("intermediate").linear("dense", inputs: width, outputs: inner)
    output = weights("output").linear("dense", inputs: inner, outputs: width)
    norm = weights("output").layerNorm("LayerNorm", width: width, epsilon: configuration.layer_norm_eps)
    activation = configuration.hidden_act
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let attended = attention(x, pass)
    let inner = intermediate(attended, activation: activation)  // [rows or wanted, intermediate_size]
    return norm(output(inner, residual: attended))
  }
}

/// The head: a transform, then a product with the word embedding and one bias per token id.
struct BERTPredictionHead: Sendable {
  let dense: Linear
  let activation: Activation
  let norm: LayerNorm
  let decoder: Linear

  init(_ weights: WeightLoader, _ configuration: BERTConfiguration, words: PackedMatrix) {
    let (vocabulary, width) = (configuration.vocab_size, configuration.hidden_size)
    let below = weights.outside("cls.predictions")
    dense = below("transform").linear("dense", inputs: width, outputs: width)
    norm = below("transform").layerNorm("LayerNorm", width: width, epsilon: configuration.layer_norm_eps)
    activation = configuration.hidden_act
    let name = "cls.predictions.decoder.weight"
    let matrix =
      configuration.tie_word_embeddings
      ? weights.matrix(
        name, orShared: words, of: BERTEmbeddings.names(configuration), outputs: vocabulary, inputs: width)
      : weights.outside.matrix([name], outputs: vocabulary, inputs: width)
    let bias = below.vector("decoder.bias", or: "bias", count: vocabulary)
    decoder = Linear(weight: matrix, bias: bias.count == matrix.outputs ? bias : nil)
  }

  /// `[rows, hidden_size]` → `[rows, vocab_size]`
  func callAsFunction(_ hidden: Tensor) -> Tensor { decoder(norm(dense(hidden, activation: activation))) }
}

/// BERT with its masked-language-model head.
struct BERT: MaskedModel {
  let embeddings: BERTEmbeddings
  let layer: [BERTLayer]
  let cls: BERTPredictionHead
  let facts: ModelFacts

  init(_ weights: WeightLoader, _ configuration: BERTConfiguration) {
    embeddings = BERTEmbeddings(weights, configuration)
    layer = (0..<configuration.num_hidden_layers).map { BERTLayer(weights("encoder.layer", $0), configuration) }
    cls = BERTPredictionHead(weights, configuration, words: embeddings.word_embeddings.weight)
    facts = ModelFacts(
      vocabularySize: configuration.vocab_size, contextLength: configuration.max_position_embeddings,
      width: configuration.hidden_size, layerCount: configuration.num_hidden_layers, weights)
  }

  func forward(
    _ sequences: [MaskedSequence], probe: Probe?, recorder: Recorder?
  ) throws(ModelError) -> HiddenRows {
    let pass = try ForwardPass(sequences, facts, probe: probe, recorder: recorder)
    let x = pass.layers(layer, embeddings(pass)) { block, x, pass in block(x, pass) }
    return pass.result(x, depth: layer.count)
  }

  func logits(_ hidden: Tensor) -> Tensor { cls(hidden) }
}

extension BERT {
  /// How a BERT checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "bert", .masked, prefixes: ["bert.", ""],
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "tie_word_embeddings", "is_decoder",
        "position_embedding_type",
      ],
      withoutEffect: [
        "attention_probs_dropout_prob", "hidden_dropout_prob", "classifier_dropout", "initializer_range",
        // Only a decoder has cross-attention.
        "add_cross_attention",
      ]),
    tokens: TokenDefaults(pad: 0), gguf: gguf, configuration: BERTConfiguration.init,
    contextLength: { $0.max_position_embeddings }
  ) { .masked(BERT($0, $1)) }
}

extension BERT {
  /// How a GGUF file of a BERT is read. llama.cpp's converter leaves out the head of the masked language model, without
  /// which a file does not open.
  private static let gguf = GGUFMapping(
    "bert",
    keys: [
      .required("max_position_embeddings", "context_length"), .required("hidden_size", "embedding_length"),
      .required("num_hidden_layers", "block_count"), .required("intermediate_size", "feed_forward_length"),
      .required("num_attention_heads", "attention.head_count"),
      .required("layer_norm_eps", "attention.layer_norm_epsilon"),
    ],
    stems: [
      "token_embd": "embeddings.word_embeddings", "token_types": "embeddings.token_type_embeddings",
      "position_embd": "embeddings.position_embeddings", "token_embd_norm": "embeddings.LayerNorm",
      "blk.*.attn_q": "encoder.layer.*.attention.self.query", "blk.*.attn_k": "encoder.layer.*.attention.self.key",
      "blk.*.attn_v": "encoder.layer.*.attention.self.value",
      "blk.*.attn_output": "encoder.layer.*.attention.output.dense",
      "blk.*.attn_output_norm": "encoder.layer.*.attention.output.LayerNorm",
      "blk.*.ffn_up": "encoder.layer.*.intermediate.dense", "blk.*.ffn_down": "encoder.layer.*.output.dense",
      "blk.*.layer_output_norm": "encoder.layer.*.output.LayerNorm",
    ]
  ) { file, members throws(ModelError) in members["type_vocab_size"] = try file.rows("token_types.weight") }
}

/// `config.json` of a BERT. Properties have the file's key names; defaults for missing keys are those of transformers.
struct BERTConfiguration: Sendable {
  let vocab_size: Int
  let hidden_size: Int
  let num_hidden_layers: Int
  let num_attention_heads: Int
  let intermediate_size: Int
  let hidden_act: Activation
  let max_position_embeddings: Int
  let type_vocab_size: Int
  let layer_norm_eps: Float
  let tie_word_embeddings: Bool

  var headWidth: Int { hidden_size / num_attention_heads }

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 30_522)
    hidden_size = try file.size("hidden_size", default: 768)
    num_hidden_layers = try file.size("num_hidden_layers", default: 12, atMost: ConfigurationReader.mostLayers)
    num_attention_heads = try file.size("num_attention_heads", default: 12)
    intermediate_size = try file.size("intermediate_size", default: 3072)
    hidden_act = try file.activation("hidden_act", default: "gelu")
    max_position_embeddings = try file.size("max_position_embeddings", default: 512)
    type_vocab_size = try file.size("type_vocab_size", default: 2)
    layer_norm_eps = try file.epsilon("layer_norm_eps", default: 1e-12)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    guard hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
    guard try !file.boolean("is_decoder", default: false) else {
      throw file.failure("is_decoder", "false, for only the masked model is supported", "true")
    }
    let positions = try file.word("position_embedding_type") ?? "absolute"
    guard positions == "absolute" else {
      throw file.failure("position_embedding_type", "absolute, for no other is supported", positions)
    }
  }
}
