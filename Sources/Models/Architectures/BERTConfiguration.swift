import Tensors

/// `config.json` of a BERT. Defaults for missing keys are the reference's; names are those of the file.
struct BERTConfiguration: Sendable {
  let vocab_size: Int
  let hidden_size: Int
  let num_hidden_layers: Int
  let num_attention_heads: Int
  let intermediate_size: Int
  let hidden_act: Activation
  let max_position_embeddings: Int
  let type_vocab_size: Int
  let layer_norm_eps: Float
  let tie_word_embeddings: Bool

  var headWidth: Int { hidden_size / num_attention_heads }

  init(_ file: ConfigurationReader) throws(ModelError) {
    vocab_size = try file.size("vocab_size", default: 30_522)
    hidden_size = try file.size("hidden_size", default: 768)
    num_hidden_layers = try file.size("num_hidden_layers", default: 12, atMost: ConfigurationReader.mostLayers)
    num_attention_heads = try file.size("num_attention_heads", default: 12)
    intermediate_size = try file.size("intermediate_size", default: 3072)
    hidden_act = try file.activation("hidden_act", default: "gelu")
    max_position_embeddings = try file.size("max_position_embeddings", default: 512)
    type_vocab_size = try file.size("type_vocab_size", default: 2)
    layer_norm_eps = try file.epsilon("layer_norm_eps", default: 1e-12)
    tie_word_embeddings = try file.boolean("tie_word_embeddings", default: true)
    guard hidden_size.isMultiple(of: num_attention_heads) else {
      throw file.failure("num_attention_heads", "a divisor of hidden_size, \(hidden_size)", "\(num_attention_heads)")
    }
    guard try !file.boolean("is_decoder", default: false) else {
      throw file.failure("is_decoder", "false, for only the masked model is supported", "true")
    }
    let positions = try file.word("position_embedding_type") ?? "absolute"
    guard positions == "absolute" else {
      throw file.failure("position_embedding_type", "absolute, for no other is supported", positions)
    }
  }
}
