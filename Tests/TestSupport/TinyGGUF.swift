/// A GGUF file with a one-layer Llama and a SentencePiece tokenizer of eight tokens, small enough to modify any part in
/// tests.
public enum TinyGGUF {
  /// A writer for the file.
  public static var writer: GGUFWriter { GGUFWriter(metadata, tensors) }

  /// A writer for the file with some metadata changed; `nil` removes a key.
  public static func changing(_ changes: [(key: String, value: GGUFWriter.Value?)]) -> GGUFWriter {
    var writer = writer
    for (key, value) in changes {
      writer.metadata.removeAll { $0.key == key }
      if let value { writer.metadata.append((key, value)) }
    }
    return writer
  }

  /// The tokens of the vocabulary.
  public static let tokens = ["<unk>", "<s>", "</s>", "▁", "a", "b", "▁a", "ab"]

  private static let metadata: [(key: String, value: GGUFWriter.Value)] = [
    ("general.architecture", .string("llama")), ("general.name", .string("tiny")),
    ("llama.context_length", .uint32(32)), ("llama.embedding_length", .uint32(8)), ("llama.block_count", .uint32(1)),
    ("llama.feed_forward_length", .uint32(12)), ("llama.attention.head_count", .uint32(2)),
    ("llama.attention.head_count_kv", .uint32(1)), ("llama.rope.dimension_count", .uint32(4)),
    ("llama.attention.layer_norm_rms_epsilon", .float32(1e-5)), ("llama.rope.freq_base", .float32(10_000)),
    ("tokenizer.ggml.model", .string("llama")), ("tokenizer.ggml.tokens", .array(tokens.map { .string($0) })),
    ("tokenizer.ggml.scores", .array([0, 0, 0, -4, -3, -3, -1, -2].map { .float32($0) })),
    ("tokenizer.ggml.token_type", .array([2, 3, 3, 1, 1, 1, 1, 1].map { .int32($0) })),
    ("tokenizer.ggml.bos_token_id", .uint32(1)), ("tokenizer.ggml.eos_token_id", .uint32(2)),
    ("tokenizer.ggml.add_bos_token", .bool(true)), ("tokenizer.chat_template", .string("{{ messages }}")),
  ]

  private static let tensors: [GGUFWriter.Tensor] = {
    var random = SplitMix64(seed: 7)
    let shapes: [(String, [UInt64])] = [
      ("token_embd.weight", [8, 8]), ("blk.0.attn_norm.weight", [8]), ("blk.0.attn_q.weight", [8, 8]),
      ("blk.0.attn_k.weight", [8, 4]), ("blk.0.attn_v.weight", [8, 4]), ("blk.0.attn_output.weight", [8, 8]),
      ("blk.0.ffn_norm.weight", [8]), ("blk.0.ffn_gate.weight", [8, 12]), ("blk.0.ffn_up.weight", [8, 12]),
      ("blk.0.ffn_down.weight", [12, 8]), ("output_norm.weight", [8]),
    ]
    return shapes.map { name, sizes in
      let count = Int(sizes.reduce(1, *))
      return GGUFWriter.Tensor(name, sizes, (0..<count).map { _ in Float.random(in: -1...1, using: &random) })
    }
  }()
}
