// Liu et al. (2019): RoBERTa: A Robustly Optimized BERT Pretraining Approach (arXiv:1907.11692); XLM-RoBERTa: Conneau
// et al. (2020), arXiv:1911.02116; CamemBERT: Martin et al. (2020), arXiv:1911.03894.

import Layers
import Tensors

/// RoBERTa without a head: BERT's layers, with positions that skip padding tokens and start after the padding id.
struct RoBERTa: Encoder {
  let embeddings: PostNormEmbeddings
  let layer: [PostNormLayer]
  let configuration: RoBERTaConfiguration

  var sizes: PostNormSizes { configuration.sizes }
  var vocabularySize: Int { sizes.vocab_size }
  var contextLength: Int { configuration.contextLength }
  var width: Int { sizes.hidden_size }
  var depth: Int { layer.count }
  var typeCount: Int { embeddings.typeCount }

  init(_ weights: WeightLoader, _ configuration: RoBERTaConfiguration) {
    let sizes = configuration.sizes
    embeddings = PostNormEmbeddings(
      weights, sizes, decoder: "lm_head.decoder.weight", padding: configuration.pad_token_id)
    layer = (0..<sizes.num_hidden_layers).map { PostNormLayer(weights("encoder.layer", $0), .bert, sizes) }
    self.configuration = configuration
  }

  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    pass.layers(layer, embeddings(pass))
  }

  /// The head of the masked language model. Its activation is GELU, whatever that of the layers.
  func predictions(_ weights: WeightLoader) -> MaskedHead {
    let head = weights.outside("lm_head")
    return MaskedHead(
      dense: head.linear("dense", inputs: width, outputs: width), activation: .gelu,
      norm: head.layerNorm("layer_norm", width: width, epsilon: sizes.layer_norm_eps),
      decoder: embeddings.words.decoder(
        weights, bias: ("lm_head.decoder.bias", "lm_head.bias"), count: vocabularySize, width: width))
  }
}

extension RoBERTa {
  /// How RoBERTa checkpoints are opened.
  static let definition = definition("roberta", vocabulary: 50_265)
  /// How XLM-RoBERTa checkpoints are opened. Their tensors have RoBERTa's names.
  static let multilingual = definition("xlm-roberta", vocabulary: 30_522)
  /// How CamemBERT checkpoints are opened. Their tensors have RoBERTa's names.
  static let camembert = definition("camembert", vocabulary: 30_522)

  private static func definition(_ name: String, vocabulary: Int) -> ArchitectureDefinition {
    ArchitectureDefinition(
      name, .masked, prefixes: ["roberta.", ""],
      keys: ConfigurationKeys(
        honored: PostNormSizes.keys + ["pad_token_id"], withoutEffect: PostNormSizes.keysWithoutEffect,
        dropout: .roberta),
      tokens: TokenDefaults(bos: 0, pad: 1),
      configuration: { file throws(ModelError) in try RoBERTaConfiguration(file, vocabulary: vocabulary) },
      contextLength: { $0.contextLength },
      classifier: { weights, configuration, labels in
        let body = RoBERTa(weights, configuration)
        return LabelingEncoder(
          body, .classifier(weights, labels, width: body.width, activation: .tanh), labels, weights)
      }
    ) { weights, configuration in
      let body = RoBERTa(weights, configuration)
      return .masked(MaskedEncoder(body, body.predictions(weights), weights))
    }
  }
}

/// `config.json` of a RoBERTa.
struct RoBERTaConfiguration: Sendable {
  let sizes: PostNormSizes
  /// The id of padding. The first token has the position after this number.
  let pad_token_id: Int

  /// Smaller than the position table, whose rows up to the padding id are not used for text.
  var contextLength: Int { sizes.max_position_embeddings - pad_token_id - 1 }

  /// - Parameter vocabulary: the default of `vocab_size`.
  init(_ file: ConfigurationReader, vocabulary: Int) throws(ModelError) {
    sizes = try PostNormSizes(file, PostNormSizes.Defaults(vocab_size: vocabulary))
    let last = min(sizes.vocab_size - 1, sizes.max_position_embeddings - 2)
    guard last >= 0 else {
      throw file.failure("max_position_embeddings", "at least 2", "\(sizes.max_position_embeddings)")
    }
    pad_token_id = try file.integer("pad_token_id", in: 0...last, default: 1)
    guard pad_token_id <= last else {
      throw file.failure("pad_token_id", "a whole number from 0 to \(last)", "\(pad_token_id)")
    }
  }
}
