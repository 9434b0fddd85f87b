import Tensors

/// `config.json` of a T5. Properties have the file's key names; defaults for missing keys are those of transformers.
struct T5Configuration: Sendable {
  let vocab_size: Int
  let d_model: Int
  /// The width of one head. All heads together may be wider or narrower than the model.
  let d_kv: Int
  let d_ff: Int
  let num_layers: Int
  let num_decoder_layers: Int
  let num_heads: Int
  let relative_attention_num_buckets: Int
  let relative_attention_max_distance: Int
  let layer_norm_epsilon: Float
  let dense_act_fn: Activation
  /// Whether the feed-forward layer multiplies by a gate (version 1.1 and Flan).
  let is_gated_act: Bool
  /// Whether the decoder's output is multiplied by d_model^-0.5 before the head.
  let scale_decoder_outputs: Bool

  /// The width of all heads together.
  var innerWidth: Int { num_heads * d_kv }

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 32_128)
    d_model = try file.size("d_model", "hidden_size", default: 512)
    d_kv = try file.size("d_kv", "head_dim", default: 64)
    d_ff = try file.size("d_ff", default: 2048)
    num_layers = try file.size("num_layers", "num_hidden_layers", default: 6, atMost: ConfigurationReader.mostLayers)
    num_decoder_layers =
      try file.value(["num_decoder_layers"]) == nil
      ? num_layers : file.size("num_decoder_layers", default: nil, atMost: ConfigurationReader.mostLayers)
    num_heads = try file.size("num_heads", "num_attention_heads", default: 8)
    relative_attention_num_buckets = try file.size("relative_attention_num_buckets", default: 32)
    relative_attention_max_distance = try file.size("relative_attention_max_distance", default: 128)
    layer_norm_epsilon = try file.epsilon("layer_norm_epsilon", default: 1e-6)
    (dense_act_fn, is_gated_act) = try Self.feedForward(file)
    // Older files of version 1.1 are recognized by their untied head; newer ones state `scale_decoder_outputs`.
    let untied = try !file.boolean("tie_word_embeddings", default: true)
    scale_decoder_outputs = try file.boolean("scale_decoder_outputs", default: !untied)
    // In each direction half of the buckets cover single distances and the other half grow logarithmically up to the
    // largest distance, so there must be at least one single-distance bucket.
    guard relative_attention_num_buckets >= 4 else {
      throw file.failure("relative_attention_num_buckets", "at least 4", "\(relative_attention_num_buckets)")
    }
    guard relative_attention_max_distance > relative_attention_num_buckets / 2 else {
      throw file.failure(
        "relative_attention_max_distance", "more than half of the \(relative_attention_num_buckets) buckets",
        "\(relative_attention_max_distance)")
    }
  }

  /// `feed_forward_proj` is `ACT` or `gated-ACT`; `dense_act_fn` and `is_gated_act` override it where a file has them.
  private static func feedForward(_ file: ConfigurationReader) throws(ModelError) -> (Activation, Bool) {
    let word = try file.word("feed_forward_proj") ?? "relu"
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    guard let last = parts.last, parts.count == 1 || (parts.count == 2 && parts[0] == "gated") else {
      throw file.failure("feed_forward_proj", "ACTIVATION or gated-ACTIVATION", word)
    }
    // In the original code `gated-gelu` used the tanh approximation of GELU.
    let implied = word == "gated-gelu" ? "gelu_new" : String(last)
    let explicit = try file.word("dense_act_fn")
    return (
      try file.activation(named: explicit ?? implied, key: explicit == nil ? "feed_forward_proj" : "dense_act_fn"),
      try file.boolean("is_gated_act", default: parts.count == 2)
    )
  }
}

extension T5 {
  /// How a T5 checkpoint is opened.
  static let definition = ArchitectureDefinition(
    "t5", .seq2seq,
    keys: ConfigurationKeys(
      honored: [
        "vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads",
        "relative_attention_num_buckets", "relative_attention_max_distance", "layer_norm_epsilon", "dense_act_fn",
        "is_gated_act", "feed_forward_proj", "scale_decoder_outputs", "tie_word_embeddings", "hidden_size", "head_dim",
        "num_hidden_layers", "num_attention_heads",
      ],
      withoutEffect: [
        "dropout_rate", "classifier_dropout", "initializer_factor",
        // The model sets this for each of its two stacks.
        "is_decoder",
      ]),
    tokens: TokenDefaults(pad: 0, startsDecoderWithPad: true), configuration: T5Configuration.init,
    contextLength: { _ in nil }
  ) { .seq2seq(T5($0, $1)) }
}
