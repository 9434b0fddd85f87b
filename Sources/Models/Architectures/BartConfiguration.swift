import Tensors

/// The differences between the architectures of BART's family.
struct BartKind: Sendable {
  /// How positions enter the first layer.
  enum Positions: Sendable {
    /// A learned table; its first two rows are unused, and position 0 is the third row.
    case learned
    /// Sinusoidal positions; a table stored in the file takes precedence.
    case sinusoids
    /// Sinusoidal positions as in fairseq: they start after the padding id, and padding tokens have none.
    case sinusoidsAfterPadding
  }

  var positions = Positions.learned
  /// Whether each sublayer normalizes its input (pre-norm) instead of the sum with its residual (post-norm).
  var normsFirst = false
  /// Whether the embeddings are normalized before the first layer.
  var normsEmbedding = false
  /// Whether the output of the last layer is normalized.
  var normsOutput = false
  /// Whether a stored vector is added to the logits.
  var biasesLogits = true
  /// Whether the decoder may have a different vocabulary.
  var separatesVocabularies = false
  // Defaults of the configuration class.
  var vocabulary = 50_265
  var activation = "gelu"
  var scalesEmbedding = false
  var attentionDropout = 0.0
}

/// `config.json` of a model of BART's family. Properties have the file's key names; defaults for missing keys are those
/// of transformers.
struct BartConfiguration: Sendable {
  let kind: BartKind
  let vocab_size: Int
  /// The ids of the decoder's text.
  let decoder_vocab_size: Int
  let max_position_embeddings: Int
  let encoder_layers: Int
  let encoder_ffn_dim: Int
  let encoder_attention_heads: Int
  let decoder_layers: Int
  let decoder_ffn_dim: Int
  let decoder_attention_heads: Int
  let activation_function: Activation
  let d_model: Int
  /// Whether embeddings are multiplied by √d_model.
  let scale_embedding: Bool
  let pad_token_id: Int
  /// Whether encoder and decoder have one embedding.
  let share_encoder_decoder_embeddings: Bool
  let tie_word_embeddings: Bool

  /// The sizes of one stack.
  struct Stack: Sendable {
    let layers: Int
    let heads: Int
    let inner: Int
    let vocabulary: Int
  }

  var encoder: Stack {
    Stack(
      layers: encoder_layers, heads: encoder_attention_heads, inner: encoder_ffn_dim, vocabulary: vocab_size)
  }
  var decoder: Stack {
    Stack(
      layers: decoder_layers, heads: decoder_attention_heads, inner: decoder_ffn_dim, vocabulary: decoder_vocab_size)
  }

  init(_ file: ConfigurationReader, _ kind: BartKind) throws(ModelError) {
    self.kind = kind
    let most = ConfigurationReader.mostLayers
    vocab_size = try file.size("vocab_size", default: kind.vocabulary)
    max_position_embeddings = try file.size("max_position_embeddings", default: 1024)
    encoder_layers = try file.size("encoder_layers", "num_hidden_layers", default: 12, atMost: most)
    encoder_ffn_dim = try file.size("encoder_ffn_dim", default: 4096)
    encoder_attention_heads = try file.size("encoder_attention_heads", "num_attention_heads", default: 16)
    decoder_layers = try file.size("decoder_layers", default: 12, atMost: most)
    decoder_ffn_dim = try file.size("decoder_ffn_dim", default: 4096)
    decoder_attention_heads = try file.size("decoder_attention_heads", default: 16)
    activation_function = try file.activation("activation_function", default: kind.activation)
    d_model = try file.size("d_model", "hidden_size", default: 1024)
    scale_embedding = try file.boolean("scale_embedding", default: kind.scalesEmbedding)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    let shares =
      kind.separatesVocabularies ? try file.boolean("share_encoder_decoder_embeddings", default: true) : true
    share_encoder_decoder_embeddings = shares
    let own = kind.separatesVocabularies ? try file.optionalSize("decoder_vocab_size") : nil
    decoder_vocab_size = own ?? vocab_size
    if shares, let own, own != vocab_size {
      throw file.failure("decoder_vocab_size", "\(vocab_size), because the embeddings are shared", "\(own)")
    }
    for (key, heads) in [
      ("encoder_attention_heads", encoder_attention_heads), ("decoder_attention_heads", decoder_attention_heads),
    ] where !d_model.isMultiple(of: heads) {
      throw file.failure(key, "a divisor of d_model, \(d_model)", "\(heads)")
    }
    guard case .sinusoidsAfterPadding = kind.positions else {
      pad_token_id = 0
      return
    }
    guard d_model >= 4 else { throw file.failure("d_model", "at least 4", "\(d_model)") }
    let padding = try GenerationReader(file: file).ids("pad_token_id", from: 0)
    guard !file.has("pad_token_id") || padding?.count == 1 else {
      throw file.failure("pad_token_id", "an id", file.members["pad_token_id"] ?? .null)
    }
    pad_token_id = padding?.first ?? 1
  }
}

extension BartKind {
  /// How a checkpoint of this kind is opened.
  func definition(
    _ name: String, tokens: TokenDefaults, keys own: [String] = [], withoutEffect: [String] = []
  ) -> ArchitectureDefinition {
    ArchitectureDefinition(
      name, .seq2seq, prefixes: ["model.", ""],
      keys: ConfigurationKeys(
        honored: [
          "vocab_size", "max_position_embeddings", "encoder_layers", "encoder_ffn_dim", "encoder_attention_heads",
          "decoder_layers", "decoder_ffn_dim", "decoder_attention_heads", "activation_function", "d_model",
          "scale_embedding", "tie_word_embeddings", "num_hidden_layers", "num_attention_heads", "hidden_size",
        ] + own,
        withoutEffect: [
          "encoder_layerdrop", "decoder_layerdrop", "init_std",
          // The defaults for decoding read it.
          "forced_eos_token_id",
        ] + withoutEffect, dropout: .bart(attention: attentionDropout)),
      tokens: tokens, configuration: { file throws(ModelError) in try BartConfiguration(file, self) },
      contextLength: { $0.max_position_embeddings }
    ) { .seq2seq(BartModel($0, $1)) }
  }
}
