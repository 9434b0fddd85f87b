import Tensors

/// The sizes that all decoders with rotary positions have. Properties have the key names of `config.json`.
struct DecoderSizes: Sendable {
  let vocab_size: Int
  let hidden_size: Int
  let intermediate_size: Int
  let num_hidden_layers: Int
  let num_attention_heads: Int
  let num_key_value_heads: Int
  /// The width of one head. All heads together may be wider or narrower than the model.
  let head_dim: Int
  /// `hidden_act`, the activation of the gate.
  let activation: Activation
  let max_position_embeddings: Int
  let rms_norm_eps: Float
  var tie_word_embeddings: Bool
  /// The padding id, which a classifier skips.
  let pad_token_id: Int?

  /// An architecture's defaults for missing keys; those of transformers.
  struct Defaults {
    var vocabulary: Int
    var width = 4096
    var inner: Int
    var layers = 32
    var heads = 32
    /// `nil` means the number of query heads.
    var keyHeads: Int?
    /// `nil` means the model's width divided by the number of heads.
    var headWidth: Int?
    var activation = "silu"
    var activationKey = "hidden_act"
    var positions: Int
    var epsilon = 1e-6
    var isTied = false
    var padding: Int?
    /// Whether the width must be a multiple of the number of heads.
    var headsDivideWidth = false
  }

  /// The keys that are read here.
  static let keys = [
    "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings",
    "rope_parameters", "rope_scaling", "rope_theta", "partial_rotary_factor", "original_max_position_embeddings",
  ]

  /// The keys of these configurations that have no effect on inference.
  static let keysWithoutEffect = ["initializer_range"]

  init(_ file: ConfigurationReader, _ defaults: Defaults) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: defaults.vocabulary)
    hidden_size = try file.size("hidden_size", default: defaults.width)
    intermediate_size = try file.size("intermediate_size", default: defaults.inner)
    num_hidden_layers = try file.size(
      "num_hidden_layers", default: defaults.layers, atMost: ConfigurationReader.mostLayers)
    num_attention_heads = try file.size("num_attention_heads", default: defaults.heads)
    let keyHeads = file.has("num_key_value_heads") ? nil : defaults.keyHeads
    num_key_value_heads = try file.optionalSize("num_key_value_heads") ?? keyHeads ?? num_attention_heads
    head_dim =
      try file.optionalSize("head_dim") ?? defaults.headWidth ?? max(1, hidden_size / num_attention_heads)
    activation = try file.activation(defaults.activationKey, default: defaults.activation)
    max_position_embeddings = try file.size("max_position_embeddings", default: defaults.positions)
    rms_norm_eps = try file.epsilon("rms_norm_eps", default: defaults.epsilon)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: defaults.isTied)
    pad_token_id = file.has("pad_token_id") ? try file.padding() : defaults.padding
    guard !defaults.headsDivideWidth || hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
    guard num_attention_heads.isMultiple(of: num_key_value_heads) else {
      throw file.failure(
        "num_key_value_heads", "a divisor of num_attention_heads, \(num_attention_heads)", "\(num_key_value_heads)")
    }
  }

  /// What the rotary positions depend on.
  var rotary: RotaryParameters.Model {
    RotaryParameters.Model(headWidth: head_dim, contextLength: max_position_embeddings)
  }

  /// The shape of a layer's attention.
  func shape(scale: Float? = nil, window: Int? = nil, softCap: Float? = nil) -> AttentionShape {
    AttentionShape(
      queryHeads: num_attention_heads, keyHeads: num_key_value_heads, headWidth: head_dim, scale: scale,
      window: window, softCap: softCap)
  }
}

/// Which layers attend to a sliding window only.
struct SlidingLayers: Sendable {
  /// The window of each layer; `nil` for a layer that attends to all earlier positions.
  let windows: [Int?]

  /// Reads `layer_types`.
  /// - Parameters:
  ///   - window: the window of the layers that have one.
  ///   - slides: the default for a file without `layer_types`: whether the layer with this index has a window.
  init(
    _ file: ConfigurationReader, layers: Int, window: Int?, slides: (Int) -> Bool
  ) throws(ModelError) {
    let key = "layer_types"
    var kinds = (0..<layers).map(slides)
    if let (_, value) = file.value([key]) {
      guard let names = value.array, names.count == layers else {
        throw file.failure(key, "a list with an element for each of the \(layers) layers", value)
      }
      for (layer, name) in names.enumerated() {
        switch name.string {
        // `attention` is the older name.
        case "full_attention", "attention": kinds[layer] = false
        case "sliding_attention": kinds[layer] = true
        default: throw file.failure(key, "full_attention or sliding_attention", name)
        }
      }
    }
    guard window != nil || !kinds.contains(true) else {
      let names = file.has(key) ? key : "sliding_window"
      throw file.failure(names, "a window where layers are sliding_attention", "none")
    }
    windows = kinds.map { $0 ? window : nil }
  }
}
