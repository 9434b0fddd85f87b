import JSONText
import Sampling

/// How each key of transformers' `GenerationConfig` is treated.
enum GenerationKey: Sendable {
  /// Read, with the same effect as in transformers. An explicit `null` counts as missing, except that it removes an
  /// architecture's default id.
  case obeyed
  /// Has no effect on the generated tokens.
  case withoutEffect
  /// Not supported, and would change the generated tokens: a notice names the key, unless its value switches the
  /// feature off.
  case named(unless: @Sendable (JSONValue) -> Bool = { _ in false })

  /// Every key of `GenerationConfig` in transformers 5.24, and keys of older versions that files still contain.
  static let table: [String: GenerationKey] = {
    var table: [String: GenerationKey] = [:]
    for key in obeyedKeys + StageTable.settings.compactMap(\.fileKey?.name) + RuleTable.settings.map(\.key) {
      table[key] = .obeyed
    }
    for key in keysWithoutEffect { table[key] = .withoutEffect }
    for key in namedKeys { table[key] = .named() }
    for (key, neutral) in namedKeysWithNeutralValues { table[key] = .named(unless: { $0.double == neutral }) }
    table["cache_implementation"] = .named(unless: { $0.string != "quantized" })
    return table
  }()

  /// The supported keys, without those of the sampler's stages and of the rules around them.
  private static let obeyedKeys =
    decodingKeys + [
      "forced_bos_token_id", "forced_eos_token_id", "suppress_tokens", "begin_suppress_tokens", "bad_words_ids",
      "eos_token_id", "bos_token_id", "decoder_start_token_id", "force_bos_token_to_be_generated",
    ]

  /// The keys of ``DecodingDefaults``, without those of the sampler.
  private static let decodingKeys = [
    "do_sample", "max_length", "max_new_tokens", "min_length", "num_beams", "length_penalty", "early_stopping",
    "num_return_sequences", "num_beam_groups", "diversity_penalty", "max_time", "stop_strings",
  ]

  /// Whether a key is part of ``DecodingDefaults``.
  static func concernsDecoding(_ key: String) -> Bool {
    decodingKeys.contains(key) || StageTable.settings.contains { $0.fileKey?.name == key }
      || RuleTable.settings.contains { $0.key == key }
  }

  private static let keysWithoutEffect = [
    // Padding: this engine's batches are ragged and need none.
    "pad_token_id",
    // Additional outputs.
    "output_attentions", "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate",
    // How the computation is organized.
    "use_cache", "cache_config", "max_cache_len", "prefill_chunk_size", "compile_config", "disable_compile",
    "continuous_batching_config", "low_memory",
    // Speculative decoding, which changes no token and needs a second model.
    "use_mtp", "num_assistant_tokens", "num_assistant_tokens_schedule", "assistant_confidence_threshold",
    "prompt_lookup_num_tokens", "max_matching_ngram_size", "assistant_early_exit", "assistant_lookbehind",
    "target_lookbehind", "assistant_ensemble_weight", "speculation_type",
    // The file's origin.
    "transformers_version", "_from_model_config", "_commit_hash", "_original_object_hash",
  ]

  private static let namedKeys = [
    "remove_invalid_values", "token_healing", "watermarking_config", "is_assistant",
    "dola_layers", "constraints", "force_words_ids",
  ]

  /// Unsupported keys and the values that switch them off. Older versions of transformers wrote these values to the
  /// file.
  private static let namedKeysWithNeutralValues: [String: Double] = [
    "penalty_alpha": 0, "guidance_scale": 1,
  ]

  /// The keys of a file that request an unsupported feature, in the file's order. `null` and `false` request nothing.
  ///
  /// - Parameter isOwn: whether the file is `generation_config.json`. Then unknown keys are reported too; `config.json`
  ///   also contains the model's own keys.
  static func unknown(in file: JSONObject, isOwn: Bool) -> [String] {
    file.members.filter { member in
      guard !member.value.isNull, member.value.bool != false else { return false }
      return switch table[member.key.description] {
      case .obeyed, .withoutEffect: false
      case .named(let isNeutral): !isNeutral(member.value)
      case nil: isOwn
      }
    }.map(\.key.description)
  }
}
