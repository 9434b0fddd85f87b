// Devlin, Chang, Lee, Toutanova (2018): BERT: Pre-training of Deep Bidirectional Transformers for Language
// Understanding (arXiv:1810.04805).

import Layers
import Tensors

/// BERT without a head.
struct BERT: Encoder {
  let embeddings: PostNormEmbeddings
  let layer: [PostNormLayer]
  let sizes: PostNormSizes

  var vocabularySize: Int { sizes.vocab_size }
  var contextLength: Int { sizes.max_position_embeddings }
  var width: Int { sizes.hidden_size }
  var depth: Int { layer.count }
  var typeCount: Int { embeddings.typeCount }

  init(_ weights: WeightLoader, _ sizes: PostNormSizes) {
    embeddings = PostNormEmbeddings(weights, sizes, decoder: "cls.predictions.decoder.weight", readsTypes: true)
    layer = (0..<sizes.num_hidden_layers).map { PostNormLayer(weights("encoder.layer", $0), .bert, sizes) }
    self.sizes = sizes
  }

  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    pass.layers(layer, embeddings(pass))
  }

  /// The head of the masked language model.
  func predictions(_ weights: WeightLoader) -> MaskedHead {
    let transform = weights.outside("cls.predictions.transform")
    return MaskedHead(
      dense: transform.linear("dense", inputs: width, outputs: width), activation: sizes.hidden_act,
      norm: transform.layerNorm("LayerNorm", width: width, epsilon: sizes.layer_norm_eps),
      decoder: embeddings.words.decoder(
        weights, bias: ("cls.predictions.decoder.bias", "cls.predictions.bias"), count: vocabularySize, width: width))
  }

  /// A classification head. The head for whole texts reads the first token's row through a transform.
  func classification(_ weights: WeightLoader, _ labels: LabelSet) -> LabelHead {
    .pooled(
      weights, labels, width: width, pooler: weights("pooler").linear("dense", inputs: width, outputs: width),
      activation: .tanh)
  }
}

extension BERT {
  /// How a BERT checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "bert", .masked, prefixes: ["bert.", ""],
    keys: ConfigurationKeys(
      honored: PostNormSizes.keys, withoutEffect: PostNormSizes.keysWithoutEffect, dropout: .bert),
    tokens: TokenDefaults(pad: 0), gguf: gguf,
    configuration: { file throws(ModelError) in try PostNormSizes(file) },
    contextLength: { $0.max_position_embeddings },
    classifier: { weights, sizes, labels in
      let body = BERT(weights, sizes)
      return LabelingEncoder(body, body.classification(weights, labels), labels, weights)
    }
  ) { weights, sizes in
    let body = BERT(weights, sizes)
    return .masked(MaskedEncoder(body, body.predictions(weights), weights))
  }
}

extension BERT {
  /// Maps the keys and tensors of a GGUF file, and of one of a RoBERTa: there the converter omits the rows before the
  /// first position, so that the body is BERT's.
  ///
  /// llama.cpp's converter omits the head of the masked language model and, except for RoBERTa, the pooler of a
  /// classifier. A file without the head that it needs is refused.
  private static let gguf = GGUFMapping(
    "bert", matches: { $0.contains("token_types.weight") },
    keys: [
      GGUFConfiguration.labels,
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
      "blk.*.layer_output_norm": "encoder.layer.*.output.LayerNorm", "cls": "pooler.dense", "cls.output": "classifier",
    ], rowStems: ["token_types", "cls.output"]
  ) { file, members throws(ModelError) in
    members["type_vocab_size"] = try file.rows("token_types.weight", isVectorToo: true)
    try file.completeLabels("BertForSequenceClassification", &members)
  }
}
