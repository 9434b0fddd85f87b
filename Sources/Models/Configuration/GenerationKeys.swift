import JSONText
import Sampling

/// What becomes of each key that transformers' `GenerationConfig` knows.
enum GenerationKey: Sendable {
  /// It is read, and does what it does in the reference. An explicit `null` is the same as no such key, except that
  /// ids which an architecture would have by itself are taken away.
  case obeyed
  /// It has no bearing on which tokens come out.
  case withoutEffect
  /// It would change what comes out, and is not built: it is named, unless the value asks for nothing.
  case named(unless: @Sendable (JSONValue) -> Bool = { _ in false })

  /// Every key of transformers 5.24's `GenerationConfig`, and those of older versions that files still hold.
  static let table: [String: GenerationKey] = {
    var table: [String: GenerationKey] = [:]
    for key in obeyedKeys + StageTable.settings.compactMap(\.fileKey?.name) { table[key] = .obeyed }
    for key in keysWithoutEffect { table[key] = .withoutEffect }
    for key in namedKeys { table[key] = .named() }
    for (key, neutral) in namedKeysWithNeutralValues { table[key] = .named(unless: { $0.double == neutral }) }
    table["cache_implementation"] = .named(unless: { $0.string != "quantized" })
    return table
  }()

  /// Beside those of the sampler's stages.
  private static let obeyedKeys = [
    "do_sample", "max_length", "max_new_tokens", "min_length", "num_beams", "length_penalty", "early_stopping",
    "num_return_sequences", "forced_bos_token_id", "forced_eos_token_id", "suppress_tokens", "begin_suppress_tokens",
    "bad_words_ids", "sequence_bias", "exponential_decay_length_penalty", "encoder_repetition_penalty",
    "encoder_no_repeat_ngram_size", "renormalize_logits", "eos_token_id", "bos_token_id", "decoder_start_token_id",
    "force_bos_token_to_be_generated", "num_beam_groups", "diversity_penalty", "max_time", "stop_strings",
  ]

  private static let keysWithoutEffect = [
    // What fills up a batch of texts; here every text has a batch row of its own length.
    "pad_token_id",
    // What is returned beside the tokens.
    "output_attentions", "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate",
    // How it is computed.
    "use_cache", "cache_config", "max_cache_len", "prefill_chunk_size", "compile_config", "disable_compile",
    "continuous_batching_config", "low_memory",
    // Speculation, which changes no token, and acts with a second model alone.
    "use_mtp", "num_assistant_tokens", "num_assistant_tokens_schedule", "assistant_confidence_threshold",
    "prompt_lookup_num_tokens", "max_matching_ngram_size", "assistant_early_exit", "assistant_lookbehind",
    "target_lookbehind", "assistant_ensemble_weight", "speculation_type",
    // Where the file comes from.
    "transformers_version", "_from_model_config", "_commit_hash", "_original_object_hash",
  ]

  private static let namedKeys = [
    "remove_invalid_values", "token_healing", "watermarking_config", "is_assistant",
    "dola_layers", "constraints", "force_words_ids",
  ]

  /// Values that switch a feature off. Older versions of the reference wrote them out.
  private static let namedKeysWithNeutralValues: [String: Double] = [
    "penalty_alpha": 0, "guidance_scale": 1,
  ]

  /// The keys of a file that ask for something which is not built, in their order. `null` and `false` ask for nothing.
  ///
  /// - Parameter isOwn: whether all of the file is about generation, so that a key which nobody knows is named too;
  ///   `config.json` holds the model's own keys beside them.
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
