import JSONText
import Layers
import Tensors

/// `config.json` of a ModernBERT. Properties have the file's key names; defaults for missing keys are those of
/// transformers.
struct ModernBERTConfiguration: Sendable {
  let vocab_size: Int
  let hidden_size: Int
  let intermediate_size: Int
  let num_hidden_layers: Int
  let num_attention_heads: Int
  let hidden_activation: Activation
  let max_position_embeddings: Int
  let norm_eps: Float
  let norm_bias: Bool
  let attention_bias: Bool
  let mlp_bias: Bool
  let decoder_bias: Bool
  let classifier_bias: Bool
  let classifier_activation: Activation
  /// What a classifier of texts reads: the first token's row, or the mean of all rows.
  let classifier_pooling: LabelPooling
  let tie_word_embeddings: Bool
  /// Whether each layer attends to a window only.
  let isLocal: [Bool]
  /// How many positions a local layer sees on each side.
  let reach: Int
  /// The bases of the rotary frequencies of global and local layers.
  let globalBase: Double
  let localBase: Double

  var headWidth: Int { hidden_size / num_attention_heads }

  /// The keys that are read.
  static let keys = [
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_activation",
    "max_position_embeddings", "norm_eps", "norm_bias", "attention_bias", "mlp_bias", "decoder_bias",
    "classifier_bias", "classifier_activation", "classifier_pooling", "tie_word_embeddings", "layer_types",
    "global_attn_every_n_layers",
    "local_attention", "rope_parameters", "rope_scaling", "global_rope_theta", "local_rope_theta",
  ]

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 50_368)
    hidden_size = try file.size("hidden_size", default: 768)
    intermediate_size = try file.size("intermediate_size", default: 1152)
    num_hidden_layers = try file.size("num_hidden_layers", default: 22, atMost: ConfigurationReader.mostLayers)
    num_attention_heads = try file.size("num_attention_heads", default: 12)
    hidden_activation = try file.activation("hidden_activation", default: "gelu")
    max_position_embeddings = try file.size("max_position_embeddings", default: 8192)
    norm_eps = try file.epsilon("norm_eps", default: 1e-5)
    norm_bias = try file.boolean("norm_bias", default: false)
    attention_bias = try file.boolean("attention_bias", default: false)
    mlp_bias = try file.boolean("mlp_bias", default: false)
    decoder_bias = try file.boolean("decoder_bias", default: true)
    classifier_bias = try file.boolean("classifier_bias", default: false)
    classifier_activation = try file.activation("classifier_activation", default: "gelu")
    switch try file.word("classifier_pooling") ?? "cls" {
    case "cls": classifier_pooling = .first
    case "mean": classifier_pooling = .mean
    case let other: throw file.failure("classifier_pooling", "cls or mean", other)
    }
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    isLocal = try Self.kinds(file, count: num_hidden_layers)
    reach = try file.integer("local_attention", in: 0...ConfigurationReader.largestSize, default: 128) / 2
    globalBase = try Self.base(file, "full_attention", older: "global_rope_theta", default: 160_000)
    localBase = try Self.base(file, "sliding_attention", older: "local_rope_theta", default: 10_000)
    guard hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
    guard headWidth.isMultiple(of: 2) else {
      throw file.failure("num_attention_heads", "heads of an even width", "heads of \(headWidth)")
    }
  }

  /// A norm, with a bias of zeros if the configuration gives it none. `[hidden_size]`
  func norm(_ weights: WeightLoader, _ name: String) -> LayerNorm {
    norm_bias
      ? weights.layerNorm(name, width: hidden_size, epsilon: norm_eps)
      : LayerNorm(
        weight: weights(name).vector("weight", count: hidden_size), bias: .zeros([hidden_size]), epsilon: norm_eps)
  }

  /// Whether each layer is local: by `layer_types`, or in older files all but every n-th.
  private static func kinds(_ file: ConfigurationReader, count: Int) throws(ModelError) -> [Bool] {
    guard let (key, value) = file.value(["layer_types"]) else {
      let interval = try file.size("global_attn_every_n_layers", default: 3)
      return (0..<count).map { !$0.isMultiple(of: interval) }
    }
    let kinds = (value.array ?? []).map { kind -> Bool? in
      switch kind.string {
      case "sliding_attention": true
      case "full_attention": false
      default: nil
      }
    }
    guard kinds.count == count, !kinds.contains(nil) else {
      throw file.failure(key, "\(count) names, each full_attention or sliding_attention", value)
    }
    return kinds.compactMap(\.self)
  }

  /// The base of the frequencies of one kind of layers. `rope_scaling` overrides `rope_parameters`, which has an object
  /// for each kind and overrides the older key.
  private static func base(
    _ file: ConfigurationReader, _ kind: String, older: String, default fallback: Double
  ) throws(ModelError) -> Double {
    var members = JSONObject()
    for key in ["rope_parameters", "rope_scaling"] {
      guard let (_, value) = file.value([key]) else { continue }
      guard let object = value.object else { throw file.failure(key, "an object", value) }
      let own = key == "rope_parameters" ? object[kind] ?? .null : value
      guard !own.isNull else { continue }
      guard let found = own.object else { throw file.failure("\(key).\(kind)", "an object", own) }
      for (name, value) in found.members { members.setValue(value, forKey: name) }
    }
    let inner = try ConfigurationReader(.object(members), path: "\(file.path), rope_parameters")
    let (newer, old) = (try inner.word("rope_type"), try inner.word("type"))
    let scaling = newer ?? old ?? "default"
    guard scaling == "default" else {
      throw file.failure(
        file.has("rope_scaling") ? "rope_scaling" : "rope_parameters",
        "rope_type default, because no other is supported yet", .string(ByteString(scaling)))
    }
    let outer = try file.number(older, above: 0, default: fallback)
    return try inner.number("rope_theta", above: 0, default: outer)
  }
}
