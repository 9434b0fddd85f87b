import JSONText
import Layers
import Tensors

/// GPT-Neo (Black, Gao, Wang, Leahy, Biderman 2021): GPT-2 without a scale on the scores, and with a sliding window in
/// every other layer (Child et al., arXiv:1904.10509).
enum GPTNeo {
  static func model(_ weights: WeightLoader, _ configuration: GPTNeoConfiguration) -> GPTDecoder {
    let (width, epsilon) = (configuration.hidden_size, configuration.layer_norm_epsilon)
    let sizes = GPTDecoder.Sizes(
      vocabulary: configuration.vocab_size, positions: configuration.max_position_embeddings, width: width,
      layers: configuration.num_layers, epsilon: epsilon, isTied: configuration.tie_word_embeddings)
    return GPTDecoder(weights, sizes) { layer in
      let (block, attention) = (weights("h", layer), weights("h", layer)("attn.attention"))
      let heads = GPTAttention(
        projections: attention.stacked(["q_proj", "k_proj", "v_proj"], inputs: width, outputs: width, bias: false),
        output: attention.linear("out_proj", inputs: width, outputs: width),
        shape: AttentionShape(
          queryHeads: configuration.num_heads, headWidth: configuration.headWidth, scale: 1,
          window: configuration.isLocal[layer] ? configuration.window_size : nil))
      return GPTBlock(
        block, heads, width: width, inner: configuration.intermediate_size, layout: .outputsByInputs,
        configuration.activation_function, epsilon: epsilon)
    }
  }
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
      withoutEffect: ["classifier_dropout", "initializer_range"],
      dropout: DropoutKeys(
        .init("embed_dropout", 0, .embedding), .init("attention_dropout", 0, .attention),
        .init("resid_dropout", 0, .attentionOutput, .feedForwardOutput))),
    tokens: TokenDefaults(bos: 50_256), configuration: GPTNeoConfiguration.init,
    contextLength: { $0.max_position_embeddings }
  ) { .causal(GPTNeo.model($0, $1)) }
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
