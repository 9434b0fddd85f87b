// Clark, Luong, Le, Manning (2020): ELECTRA: Pre-training Text Encoders as Discriminators Rather Than Generators
// (arXiv:2003.10555).

import Layers
import Tensors

/// ELECTRA without a head: BERT's layers, with embeddings that may be narrower than the layers and are then projected.
struct ELECTRA: Encoder {
  let embeddings: PostNormEmbeddings
  /// `[hidden_size, embedding_size]`; `nil` if the two are equal.
  let embeddings_project: Linear?
  let layer: [PostNormLayer]
  let sizes: PostNormSizes

  var vocabularySize: Int { sizes.vocab_size }
  var contextLength: Int { sizes.max_position_embeddings }
  var width: Int { sizes.hidden_size }
  var depth: Int { layer.count }
  var typeCount: Int { embeddings.typeCount }

  init(_ weights: WeightLoader, _ sizes: PostNormSizes) {
    embeddings = PostNormEmbeddings(weights, sizes, decoder: "generator_lm_head.weight", readsTypes: true)
    embeddings_project =
      sizes.embedding_size == sizes.hidden_size
      ? nil : weights.linear("embeddings_project", inputs: sizes.embedding_size, outputs: sizes.hidden_size)
    layer = (0..<sizes.num_hidden_layers).map { PostNormLayer(weights("encoder.layer", $0), .bert, sizes) }
    self.sizes = sizes
  }

  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    let embedded = embeddings(pass)  // [rows, embedding_size]
    let x = embeddings_project.map { $0(embedded) } ?? embedded
    return pass.layers(layer, x)
  }

  /// The head of the generator. Its activation is GELU, whatever that of the layers.
  func predictions(_ weights: WeightLoader) -> MaskedHead {
    let (head, narrow) = (weights.outside("generator_predictions"), sizes.embedding_size)
    return MaskedHead(
      dense: head.linear("dense", inputs: width, outputs: narrow), activation: .gelu,
      norm: head.layerNorm("LayerNorm", width: narrow, epsilon: sizes.layer_norm_eps),
      decoder: embeddings.words.decoder(
        weights, bias: ("generator_lm_head.bias", "generator_lm_head.bias"), count: vocabularySize, width: narrow))
  }
}

extension ELECTRA {
  /// How an ELECTRA checkpoint is opened: a generator, because a discriminator does not predict tokens.
  static let definition = ArchitectureDefinition(
    "electra", .masked, prefixes: ["electra.", ""],
    keys: ConfigurationKeys(
      honored: PostNormSizes.keys + ["embedding_size"],
      withoutEffect: PostNormSizes.keysWithoutEffect + [
        // The head for multiple choice.
        "summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout",
      ], dropout: .roberta),
    tokens: TokenDefaults(pad: 0),
    configuration: { file throws(ModelError) in
      try PostNormSizes(
        file,
        PostNormSizes.Defaults(
          embedding_size: 128, hidden_size: 256, num_attention_heads: 4, intermediate_size: 1024))
    },
    contextLength: { $0.max_position_embeddings },
    classifier: { weights, sizes, labels in
      let body = ELECTRA(weights, sizes)
      return LabelingEncoder(
        body, .classifier(weights, labels, width: body.width, activation: .gelu), labels, weights)
    }
  ) { weights, sizes in
    let body = ELECTRA(weights, sizes)
    return .masked(MaskedEncoder(body, body.predictions(weights), weights))
  }
}
