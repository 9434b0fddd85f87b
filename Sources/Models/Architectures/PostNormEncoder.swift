// The encoder of Vaswani et al. (2017): Attention Is All You Need (arXiv:1706.03762), as Devlin et al. (2018): BERT
// (arXiv:1810.04805) and its descendants use it.

import Layers
import Tensors

/// The sizes of an encoder whose layers normalize after each residual. Properties have the key names of BERT's
/// `config.json`.
struct PostNormSizes: Sendable {
  let vocab_size: Int
  /// The width of the embeddings, which may be projected to `hidden_size`.
  let embedding_size: Int
  let hidden_size: Int
  let num_hidden_layers: Int
  let num_attention_heads: Int
  let intermediate_size: Int
  let hidden_act: Activation
  let max_position_embeddings: Int
  /// The number of sentence types; 0 if there are no embeddings of them.
  let type_vocab_size: Int
  let layer_norm_eps: Float
  let tie_word_embeddings: Bool
}

extension PostNormSizes {
  /// The values that an architecture has for missing keys, where they differ from BERT's.
  struct Defaults {
    var vocab_size = 30_522
    /// `nil`: the architecture has no key for it, and the embeddings are as wide as the hidden rows.
    var embedding_size: Int?
    var hidden_size = 768
    var num_attention_heads = 12
    var intermediate_size = 3072
    var hidden_act = "gelu"
  }

  /// Reads the sizes under BERT's keys.
  init(_ file: ConfigurationReader, _ defaults: Defaults = Defaults()) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: defaults.vocab_size)
    hidden_size = try file.size("hidden_size", default: defaults.hidden_size)
    embedding_size =
      if let fallback = defaults.embedding_size { try file.size("embedding_size", default: fallback) } else {
        hidden_size
      }
    num_hidden_layers = try file.size("num_hidden_layers", default: 12, atMost: ConfigurationReader.mostLayers)
    num_attention_heads = try file.size("num_attention_heads", default: defaults.num_attention_heads)
    intermediate_size = try file.size("intermediate_size", default: defaults.intermediate_size)
    hidden_act = try file.activation("hidden_act", default: defaults.hidden_act)
    max_position_embeddings = try file.size("max_position_embeddings", default: 512)
    type_vocab_size = try file.size("type_vocab_size", default: 2)
    layer_norm_eps = try file.epsilon("layer_norm_eps", default: 1e-12)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    guard hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
    guard try !file.boolean("is_decoder", default: false) else {
      throw file.failure("is_decoder", "false, because only the masked model is supported", "true")
    }
    let positions = try file.word("position_embedding_type") ?? "absolute"
    guard positions == "absolute" else {
      throw file.failure("position_embedding_type", "absolute, because no other is supported", positions)
    }
  }

  /// The keys that ``init(_:_:)`` reads.
  static let keys = [
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
    "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "tie_word_embeddings", "is_decoder",
    "position_embedding_type",
  ]

  /// The keys of these architectures that have no effect on inference.
  static let keysWithoutEffect = [
    "initializer_range",
    // Only a decoder has cross-attention.
    "add_cross_attention",
  ]
}

/// The sum of the token, sentence and position embeddings, normalized.
struct PostNormEmbeddings: Sendable {
  let words: WordEmbedding
  /// `[type_vocab_size, embedding_size]`; `nil` if there are no sentence types.
  let types: Tensor?
  /// Whether a token has the type of its sentence. Otherwise every token has type 0.
  let readsTypes: Bool
  /// `[max_position_embeddings, embedding_size]`
  let positions: Tensor
  let norm: LayerNorm
  /// The padding id if positions are numbered as in fairseq: padding tokens are not counted, and the first token has
  /// position `padding` + 1. `nil` if positions count all tokens from 0.
  let padding: Int?

  /// - Parameters:
  ///   - decoder: the name of the head's matrix.
  ///   - readsTypes: whether tokens have the types of their sentences.
  init(
    _ weights: WeightLoader, _ sizes: PostNormSizes, decoder: String, readsTypes: Bool = false, padding: Int? = nil
  ) {
    let width = sizes.embedding_size
    words = WordEmbedding(
      weights, "embeddings.word_embeddings.weight", decoder: decoder, isTied: sizes.tie_word_embeddings,
      count: sizes.vocab_size, width: width)
    let below = weights("embeddings")
    types =
      sizes.type_vocab_size == 0
      ? nil : below.table("token_type_embeddings.weight", rows: sizes.type_vocab_size, width: width)
    positions = below.table("position_embeddings.weight", rows: sizes.max_position_embeddings, width: width)
    norm = below.layerNorm("LayerNorm", width: width, epsilon: sizes.layer_norm_eps)
    self.readsTypes = readsTypes
    self.padding = padding
  }

  /// The number of sentence types that have embeddings; 0 if types are ignored.
  var typeCount: Int { readsTypes ? types?.rowCount ?? 0 : 0 }

  /// Embeds the ids of a pass. → `[rows, embedding_size]`
  func callAsFunction(_ pass: ForwardPass) -> Tensor {
    var x = pass.embed(words.embedding)
    if let types { x = add(x, pass.rows(of: types, readsTypes ? pass.types : pass.ids.map { _ in 0 })) }
    let places = padding.map { Self.places(pass.ids, pass.positions, after: $0) } ?? pass.positions
    return pass.dropped(norm(add(x, pass.rows(of: positions, places))), at: .embedding)
  }

  /// The rows of the position table for ids of several sequences, one after the other: padding has the row `padding`,
  /// and the n-th other token of a sequence the row `padding` + n.
  static func places(_ ids: [Int], _ positions: [Int], after padding: Int) -> [Int] {
    var count = 0
    return zip(ids, positions).map { id, position in
      if position == 0 { count = 0 }
      guard id != padding else { return padding }
      count += 1
      return padding + count
    }
  }
}

/// One layer: attention over the whole sequence, then feed-forward, each followed by its residual and norm.
struct PostNormLayer: PlainLayer {
  /// Queries, keys and values side by side.
  let projections: Linear
  let dense: Linear
  let attentionNorm: LayerNorm
  let intermediate: Linear
  let output: Linear
  let outputNorm: LayerNorm
  let activation: Activation
  let shape: AttentionShape

  /// The names of a layer's parts in a file.
  struct Names: Sendable {
    /// The common prefix of the names of the query, key and value projections.
    let attention: String
    let projections: [String]
    let dense: String
    let attentionNorm: String
    let intermediate: String
    let output: String
    let outputNorm: String

    /// The names in BERT, which many descendants keep.
    static let bert = Names(
      attention: "attention.self", projections: ["query", "key", "value"], dense: "attention.output.dense",
      attentionNorm: "attention.output.LayerNorm", intermediate: "intermediate.dense", output: "output.dense",
      outputNorm: "output.LayerNorm")
  }

  init(_ weights: WeightLoader, _ names: Names, _ sizes: PostNormSizes) {
    let (width, inner, epsilon) = (sizes.hidden_size, sizes.intermediate_size, sizes.layer_norm_eps)
    projections = weights(names.attention).stacked(names.projections, inputs: width, outputs: width)
    dense = weights.linear(names.dense, inputs: width, outputs: width)
    attentionNorm = weights.layerNorm(names.attentionNorm, width: width, epsilon: epsilon)
    intermediate = weights.linear(names.intermediate, inputs: width, outputs: inner)
    output = weights.linear(names.output, inputs: inner, outputs: width)
    outputNorm = weights.layerNorm(names.outputNorm, width: width, epsilon: epsilon)
    activation = sizes.hidden_act
    shape = AttentionShape(
      queryHeads: sizes.num_attention_heads, headWidth: width / sizes.num_attention_heads)
  }

  /// `[rows, hidden_size]` → `[rows or wanted, hidden_size]`
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = shape.split(projections(x))  // [rows, hidden_size] each
    let seen = pass.attend(q, k, v, shape)  // [rows or wanted, hidden_size]
    let attended = attentionNorm(
      pass.leave(.attention(shape), seen, by: dense, residual: pass.narrow(x)))
    let inner = intermediate(attended, activation: activation)  // [rows or wanted, intermediate_size]
    return outputNorm(pass.leave(.feedForward, inner, by: output, residual: attended))
  }
}
