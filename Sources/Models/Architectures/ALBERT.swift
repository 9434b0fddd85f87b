// Lan et al. (2020): ALBERT: A Lite BERT for Self-supervised Learning of Language Representations (arXiv:1909.11942).

import Layers
import Tensors

/// ALBERT without a head: factored embeddings, and layers that share their weights within a group.
struct ALBERT: Encoder {
  let embeddings: PostNormEmbeddings
  /// `[hidden_size, embedding_size]`
  let embedding_hidden_mapping_in: Linear
  /// The layers in the order of a pass. Those of one group have the same weights.
  let layers: [PostNormLayer]
  let sizes: PostNormSizes

  var vocabularySize: Int { sizes.vocab_size }
  var contextLength: Int { sizes.max_position_embeddings }
  var width: Int { sizes.hidden_size }
  var depth: Int { layers.count }
  var typeCount: Int { embeddings.typeCount }

  private static let names = PostNormLayer.Names(
    attention: "attention", projections: ["query", "key", "value"], dense: "attention.dense",
    attentionNorm: "attention.LayerNorm", intermediate: "ffn", output: "ffn_output",
    outputNorm: "full_layer_layer_norm")

  init(_ weights: WeightLoader, _ configuration: ALBERTConfiguration) {
    let sizes = configuration.sizes
    self.sizes = sizes
    embeddings = PostNormEmbeddings(weights, sizes, decoder: "predictions.decoder.weight", readsTypes: true)
    let below = weights("encoder")
    embedding_hidden_mapping_in = below.linear(
      "embedding_hidden_mapping_in", inputs: sizes.embedding_size, outputs: sizes.hidden_size)
    var groups: [Int: [PostNormLayer]] = [:]
    layers = (0..<sizes.num_hidden_layers).flatMap { index in
      let number = configuration.group(ofLayer: index)
      let group =
        groups[number]
        ?? (0..<configuration.inner_group_num).map {
          PostNormLayer(below("albert_layer_groups", number)("albert_layers", $0), Self.names, sizes)
        }
      groups[number] = group
      return group
    }
  }

  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    let x = embedding_hidden_mapping_in(embeddings(pass))  // [rows, hidden_size]
    return pass.layers(layers, x)
  }

  /// The head of the masked language model.
  func predictions(_ weights: WeightLoader) -> MaskedHead {
    let (head, narrow) = (weights.outside("predictions"), sizes.embedding_size)
    return MaskedHead(
      dense: head.linear("dense", inputs: width, outputs: narrow), activation: sizes.hidden_act,
      norm: head.layerNorm("LayerNorm", width: narrow, epsilon: sizes.layer_norm_eps),
      decoder: embeddings.words.decoder(
        weights, bias: ("predictions.decoder.bias", "predictions.bias"), count: vocabularySize, width: narrow))
  }

  /// A classification head. The head for whole texts reads the first token's row through a transform.
  func classification(_ weights: WeightLoader, _ labels: LabelSet) -> LabelHead {
    .pooled(
      weights, labels, width: width, pooler: weights.linear("pooler", inputs: width, outputs: width),
      activation: .tanh)
  }
}

extension ALBERT {
  /// How an ALBERT checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "albert", .masked, prefixes: ["albert.", ""],
    keys: ConfigurationKeys(
      honored: PostNormSizes.keys + ["embedding_size", "num_hidden_groups", "inner_group_num"],
      withoutEffect: PostNormSizes.keysWithoutEffect + ["classifier_dropout"],
      dropout: DropoutKeys(
        .init("hidden_dropout_prob", 0, .embedding, .attentionOutput, .tokenHead),
        .init("attention_probs_dropout_prob", 0, .attention),
        .init("classifier_dropout_prob", 0.1, .textHead, .tokenHead))),
    tokens: TokenDefaults(bos: 2, pad: 0), configuration: ALBERTConfiguration.init,
    contextLength: { $0.sizes.max_position_embeddings },
    classifier: { weights, configuration, labels in
      let body = ALBERT(weights, configuration)
      return LabelingEncoder(body, body.classification(weights, labels), labels, weights)
    }
  ) { weights, configuration in
    let body = ALBERT(weights, configuration)
    return .masked(MaskedEncoder(body, body.predictions(weights), weights))
  }
}

/// `config.json` of an ALBERT.
struct ALBERTConfiguration: Sendable {
  let sizes: PostNormSizes
  /// The number of groups among which the layers are divided.
  let num_hidden_groups: Int
  /// The number of layers in a group, which run one after the other.
  let inner_group_num: Int

  init(_ file: ConfigurationReader) throws(ModelError) {
    sizes = try PostNormSizes(
      file,
      PostNormSizes.Defaults(
        vocab_size: 30_000, embedding_size: 128, hidden_size: 4096, num_attention_heads: 64,
        intermediate_size: 16_384, hidden_act: "gelu_new"))
    num_hidden_groups = try file.size("num_hidden_groups", default: 1)
    inner_group_num = try file.size(
      "inner_group_num", default: 1, atMost: ConfigurationReader.mostLayers / sizes.num_hidden_layers)
  }

  /// The group of a layer. As in transformers, the division is one of floating-point numbers.
  func group(ofLayer index: Int) -> Int {
    let layersOfGroup = Double(sizes.num_hidden_layers) / Double(num_hidden_groups)
    return min(Int(Double(index) / layersOfGroup), num_hidden_groups - 1)
  }
}
