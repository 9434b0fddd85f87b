import JSONText

/// How each key of an architecture's configuration is treated.
///
/// Tests check that every attribute of the configuration class in transformers is listed. Keys that the class does not
/// have are ignored, as in transformers.
struct ConfigurationKeys: Sendable {
  /// Read, with the same meaning as in transformers.
  let honored: Set<String>
  /// No effect on the numbers of a forward pass: initialization, heads for other tasks.
  let withoutEffect: Set<String>
  /// Not supported, and would change the numbers: any value other than these, `null` and `false` is an error.
  let refused: [String: [JSONValue]]
  /// Read in training only.
  let dropout: DropoutKeys

  /// Creates the keys of one architecture, without the ``common`` ones.
  init(
    honored: [String], withoutEffect: [String] = [], refused: [String: [JSONValue]] = [:],
    dropout: DropoutKeys = DropoutKeys()
  ) {
    self.honored = Set(honored)
    self.withoutEffect = Set(withoutEffect)
    self.refused = refused
    self.dropout = dropout
  }

  /// Keys of every configuration that have no effect on the numbers of a forward pass: names and versions, additional
  /// outputs, how the computation is organized. ``GenerationConfiguration`` reads the keys for decoding, ``LabelSet``
  /// those of classifiers.
  static let common: Set<String> = [
    "model_type", "architectures", "_name_or_path", "transformers_version", "_commit_hash", "dtype", "torch_dtype",
    "id2label", "label2id", "num_labels", "problem_type", "output_attentions", "output_hidden_states", "return_dict",
    "use_cache", "chunk_size_feed_forward", "is_encoder_decoder", "bos_token_id", "eos_token_id", "pad_token_id",
    "decoder_start_token_id", "task_specific_params", "quantization_config",
  ]

  /// Whether a key is listed.
  func knows(_ key: String) -> Bool {
    honored.contains(key) || withoutEffect.contains(key) || refused[key] != nil
      || dropout.keys.contains { $0.name == key } || Self.common.contains(key)
  }

  /// Throws if a configuration uses a refused key.
  func check(_ file: ConfigurationReader) throws(ModelError) {
    for (key, neutral) in refused.sorted(by: { $0.key < $1.key }) {
      guard let value = file.members[key], !value.isNull, value.bool != false, !neutral.contains(value) else {
        continue
      }
      throw file.failure(key, "a value that changes no number, because this key is not supported yet", value)
    }
  }
}
