// Sanh, Debut, Chaumond, Wolf (2019): DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter
// (arXiv:1910.01108).

import Layers
import Tensors

/// DistilBERT without a head: BERT's layers under other names, without sentence types.
struct DistilBERT: Encoder {
  let embeddings: PostNormEmbeddings
  let layer: [PostNormLayer]
  let sizes: PostNormSizes

  var vocabularySize: Int { sizes.vocab_size }
  var contextLength: Int { sizes.max_position_embeddings }
  var width: Int { sizes.hidden_size }
  var depth: Int { layer.count }
  var typeCount: Int { embeddings.typeCount }

  private static let names = PostNormLayer.Names(
    attention: "attention", projections: ["q_lin", "k_lin", "v_lin"], dense: "attention.out_lin",
    attentionNorm: "sa_layer_norm", intermediate: "ffn.lin1", output: "ffn.lin2", outputNorm: "output_layer_norm")

  init(_ weights: WeightLoader, _ sizes: PostNormSizes) {
    embeddings = PostNormEmbeddings(weights, sizes, decoder: "vocab_projector.weight")
    layer = (0..<sizes.num_hidden_layers).map { PostNormLayer(weights("transformer.layer", $0), Self.names, sizes) }
    self.sizes = sizes
  }

  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    pass.layers(layer, embeddings(pass))
  }

  /// The head of the masked language model.
  func predictions(_ weights: WeightLoader) -> MaskedHead {
    MaskedHead(
      dense: weights.outside.linear("vocab_transform", inputs: width, outputs: width), activation: sizes.hidden_act,
      norm: weights.outside.layerNorm("vocab_layer_norm", width: width, epsilon: sizes.layer_norm_eps),
      decoder: embeddings.words.decoder(
        weights, bias: ("vocab_projector.bias", "vocab_projector.bias"), count: vocabularySize, width: width))
  }

  /// A classification head. The head for whole texts reads the first token's row through a transform.
  func classification(_ weights: WeightLoader, _ labels: LabelSet) -> LabelHead {
    .pooled(
      weights, labels, width: width, pooler: weights.outside.linear("pre_classifier", inputs: width, outputs: width),
      activation: .relu)
  }
}

extension DistilBERT {
  /// How a DistilBERT checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "distilbert", .masked, prefixes: ["distilbert.", ""],
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "dim", "hidden_size", "n_layers", "num_hidden_layers", "n_heads", "num_attention_heads",
        "hidden_dim", "activation", "max_position_embeddings", "tie_word_embeddings",
      ],
      withoutEffect: [
        "qa_dropout", "initializer_range",
        // Only the initialization of the position table; the file stores the trained table in any case.
        "sinusoidal_pos_embds",
      ],
      dropout: DropoutKeys(
        .init("dropout", 0.1, .embedding, .feedForwardOutput, .tokenHead),
        .init("attention_dropout", 0.1, .attention), .init("seq_classif_dropout", 0.2, .textHead))),
    tokens: TokenDefaults(pad: 0), gguf: gguf, configuration: sizes, contextLength: { $0.max_position_embeddings },
    classifier: { weights, sizes, labels in
      let body = DistilBERT(weights, sizes)
      return LabelingEncoder(body, body.classification(weights, labels), labels, weights)
    }
  ) { weights, sizes in
    let body = DistilBERT(weights, sizes)
    return .masked(MaskedEncoder(body, body.predictions(weights), weights))
  }

  /// Maps the keys and tensors of a GGUF file. llama.cpp writes a DistilBERT as a BERT without sentence types, and
  /// omits the head of the masked language model.
  private static let gguf = GGUFMapping(
    "bert", matches: { !$0.contains("token_types.weight") },
    keys: [
      GGUFConfiguration.labels, .required("max_position_embeddings", "context_length"),
      .required("dim", "embedding_length"), .required("n_layers", "block_count"),
      .required("hidden_dim", "feed_forward_length"), .required("n_heads", "attention.head_count"),
    ],
    // Checked below.
    withoutEffect: [epsilonKey],
    stems: [
      "token_embd": "embeddings.word_embeddings", "position_embd": "embeddings.position_embeddings",
      "token_embd_norm": "embeddings.LayerNorm", "blk.*.attn_q": "transformer.layer.*.attention.q_lin",
      "blk.*.attn_k": "transformer.layer.*.attention.k_lin", "blk.*.attn_v": "transformer.layer.*.attention.v_lin",
      "blk.*.attn_output": "transformer.layer.*.attention.out_lin",
      "blk.*.attn_output_norm": "transformer.layer.*.sa_layer_norm", "blk.*.ffn_up": "transformer.layer.*.ffn.lin1",
      "blk.*.ffn_down": "transformer.layer.*.ffn.lin2",
      "blk.*.layer_output_norm": "transformer.layer.*.output_layer_norm", "cls": "pre_classifier",
      "cls.output": "classifier",
    ], rowStems: ["cls.output"]
  ) { file, members throws(ModelError) in
    guard let epsilon = try file.own(epsilonKey)?.double, Float(epsilon) == Self.epsilon else {
      throw file.failure(epsilonKey, "\(Self.epsilon)", try file.own(epsilonKey)?.serialized() ?? "none")
    }
    try file.completeLabels("DistilBertForSequenceClassification", &members)
  }

  /// The epsilon of all norms.
  private static let epsilon: Float = 1e-12
  private static let epsilonKey = "attention.layer_norm_epsilon"

  /// Reads `config.json`, which has key names of its own.
  @Sendable private static func sizes(_ file: ConfigurationReader) throws(ModelError) -> PostNormSizes {
    let width = try file.size("dim", "hidden_size", default: 768)
    let heads = try file.size("n_heads", "num_attention_heads", default: 12)
    guard width.isMultiple(of: heads) else { throw file.failure("n_heads", "a divisor of dim, \(width)", "\(heads)") }
    return PostNormSizes(
      vocab_size: try file.size("vocab_size", default: 30_522), embedding_size: width, hidden_size: width,
      num_hidden_layers: try file.size(
        "n_layers", "num_hidden_layers", default: 6, atMost: ConfigurationReader.mostLayers),
      num_attention_heads: heads, intermediate_size: try file.size("hidden_dim", default: 3072),
      hidden_act: try file.activation("activation", default: "gelu"),
      max_position_embeddings: try file.size("max_position_embeddings", default: 512), type_vocab_size: 0,
      layer_norm_eps: epsilon, tie_word_embeddings: try file.boolean("tie_word_embeddings", default: true))
  }
}
