/// One of the rules around the chain: its name, its value and its help.
public struct RuleSetting: Sendable {
  /// Where the value lies, and of what kind it is.
  public enum Storage: Sendable {
    /// Biases of runs of ids.
    case biases(WritableKeyPath<ContextRules, [ContextRules.SequenceBias]> & Sendable)
    /// The decay of length.
    case decay(WritableKeyPath<ContextRules, ContextRules.LengthDecay?> & Sendable)
    /// A number within bounds.
    case number(WritableKeyPath<ContextRules, Double> & Sendable, NumberBounds)
    /// A whole number from 0.
    case count(WritableKeyPath<ContextRules, Int> & Sendable)
    /// A switch.
    case flag(WritableKeyPath<ContextRules, Bool> & Sendable)
  }

  /// The key in transformers' `generation_config.json`, and in JSON.
  public let key: String
  /// Where the value lies.
  public let storage: Storage
  /// The value in help, such as `n`.
  public let placeholder: String
  /// What it does, for help.
  public let help: String

  /// The name on the command line, without dashes.
  public var name: String { String(key.map { $0 == "_" ? "-" : $0 }) }

  /// Puts the value of some rules into others.
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

/// The table of the rules around the chain, in the order of help and JSON. The command line, the files of a model and
/// JSON follow from it. What the rules do stands in ``ContextRules``.
public enum RuleTable {
  /// The rows.
  public static let settings: [RuleSetting] = [
    RuleSetting(
      key: "sequence_bias", storage: .biases(\.sequenceBias), placeholder: "id,…=bias",
      help:
        "Add BIAS to the last id where the ids before it are the newest tokens; may be repeated (default: the model's)."
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
