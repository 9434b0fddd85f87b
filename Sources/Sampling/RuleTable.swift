/// A setting of ``ContextRules``: its names, its property and its help text.
public struct RuleSetting: Sendable {
  /// The property of the value, by type.
  public enum Storage: Sendable {
    /// Biases of token sequences.
    case biases(WritableKeyPath<ContextRules, [ContextRules.SequenceBias]> & Sendable)
    /// The exponential length decay.
    case decay(WritableKeyPath<ContextRules, ContextRules.LengthDecay?> & Sendable)
    /// A number within bounds.
    case number(WritableKeyPath<ContextRules, Double> & Sendable, NumberBounds)
    /// A non-negative integer.
    case count(WritableKeyPath<ContextRules, Int> & Sendable)
    /// A Boolean.
    case flag(WritableKeyPath<ContextRules, Bool> & Sendable)
  }

  /// The key in JSON and in transformers' `generation_config.json`.
  public let key: String
  /// The property of the value.
  public let storage: Storage
  /// The placeholder for the value in help, such as `n`.
  public let placeholder: String
  /// The description for help.
  public let help: String

  /// The name on the command line, without dashes.
  public var name: String { String(key.map { $0 == "_" ? "-" : $0 }) }

  /// Copies the value of this setting from one set of rules to another.
  public func copy(from rules: ContextRules, to others: inout ContextRules) {
    switch storage {
    case .biases(let path): others[keyPath: path] = rules[keyPath: path]
    case .decay(let path): others[keyPath: path] = rules[keyPath: path]
    case .number(let path, _): others[keyPath: path] = rules[keyPath: path]
    case .count(let path): others[keyPath: path] = rules[keyPath: path]
    case .flag(let path): others[keyPath: path] = rules[keyPath: path]
    }
  }
}

/// The settings of ``ContextRules`` in the order of help and JSON. The command line, the reader of model files and the
/// JSON writer use this table.
public enum RuleTable {
  /// The rows.
  public static let settings: [RuleSetting] = [
    RuleSetting(
      key: "sequence_bias", storage: .biases(\.sequenceBias), placeholder: "id,…=bias",
      help:
        "Add BIAS to the last id if the ids before it are the newest tokens; may be repeated (default: the model's)."
    ),
    RuleSetting(
      key: "exponential_decay_length_penalty", storage: .decay(\.lengthDecay), placeholder: "start,factor",
      help:
        "After START tokens make the end of text more likely, by FACTOR to the power of the tokens since (default: the model's, else off)."
    ),
    RuleSetting(
      key: "encoder_repetition_penalty", storage: .number(\.encoderRepetitionPenalty, .above(0)), placeholder: "x",
      help: "Above 1: favor the tokens of the input (default: the model's, else 1, off)."),
    RuleSetting(
      key: "encoder_no_repeat_ngram_size", storage: .count(\.encoderNoRepeatNGramSize), placeholder: "n",
      help: "Repeat no n consecutive tokens of the input (default: the model's, else 0, off)."),
    RuleSetting(
      key: "renormalize_logits", storage: .flag(\.renormalizes), placeholder: "",
      help:
        "Renormalize the scores of beam search after all processors (default: the model's, else no)."),
  ]
}
