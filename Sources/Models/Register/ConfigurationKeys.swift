import JSONText

/// What becomes of each key of an architecture's configuration.
///
/// The tests hold that every attribute of the reference's configuration class has a place here. A key that the
/// reference's class does not have is one that it does not read: it is ignored here as there.
struct ConfigurationKeys: Sendable {
  /// Read, with the meaning that the reference gives them.
  let honored: Set<String>
  /// They change no number of a forward pass: dropout, initialization, heads for other tasks.
  let withoutEffect: Set<String>
  /// They would change numbers, and are not built: any value but these, `null` and `false` is an error.
  let refused: [String: [JSONValue]]

  /// The keys of one architecture; those that all have need not be named.
  init(honored: [String], withoutEffect: [String] = [], refused: [String: [JSONValue]] = [:]) {
    self.honored = Set(honored)
    self.withoutEffect = Set(withoutEffect)
    self.refused = refused
  }

  /// Keys of every configuration that change no number: names and versions, what is returned besides logits, labels of
  /// classifiers, how it is computed. Those about decoding are read by ``GenerationConfiguration``.
  static let common: Set<String> = [
    "model_type", "architectures", "_name_or_path", "transformers_version", "_commit_hash", "dtype", "torch_dtype",
    "id2label", "label2id", "num_labels", "problem_type", "output_attentions", "output_hidden_states", "return_dict",
    "use_cache", "chunk_size_feed_forward", "is_encoder_decoder", "bos_token_id", "eos_token_id", "pad_token_id",
    "decoder_start_token_id", "task_specific_params", "quantization_config",
  ]

  /// Whether a key has a place.
  func knows(_ key: String) -> Bool {
    honored.contains(key) || withoutEffect.contains(key) || refused[key] != nil || Self.common.contains(key)
  }

  /// Holds a configuration against the keys that are not built.
  func check(_ file: ConfigurationReader) throws(ModelError) {
    for (key, neutral) in refused.sorted(by: { $0.key < $1.key }) {
      guard let value = file.members[key], !value.isNull, value.bool != false, !neutral.contains(value) else {
        continue
      }
      throw file.failure(key, "a value that changes no number, for this key is not supported yet", value)
    }
  }
}
