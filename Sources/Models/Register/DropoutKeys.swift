/// The keys with which an architecture's configuration sets dropout, and the places where its class in transformers
/// applies each.
struct DropoutKeys: Sendable {
  /// A key.
  struct Key: Sendable {
    let name: String
    /// The probability if the configuration lacks the key, as in transformers. If it is `nil`, a missing key has no
    /// effect: the places keep what earlier keys have set.
    let fallback: Double?
    let places: [DropoutPlace]

    init(_ name: String, _ fallback: Double?, _ places: DropoutPlace...) {
      self.name = name
      self.fallback = fallback
      self.places = places
    }
  }

  /// A later key takes precedence at its places, if it is present or has a fallback.
  let keys: [Key]

  init(_ keys: Key...) { self.keys = keys }

  /// Reads the probabilities.
  /// - Throws: ``ModelError/invalidConfiguration(path:key:expected:found:)``
  func rates(_ file: ConfigurationReader) throws(ModelError) -> DropoutRates {
    var rates = DropoutRates()
    for key in keys {
      var rate = key.fallback
      if let (name, value) = file.value([key.name]) {
        guard let number = value.double, (0..<1).contains(number) else {
          throw file.failure(name, "a probability of at least 0 and below 1", value)
        }
        rate = number
      }
      guard let rate else { continue }
      for place in key.places { rates[place] = rate }
    }
    return rates
  }
}

extension DropoutKeys {
  /// The keys of transformers' generic decoders, which drop attention probabilities only.
  static let decoder = DropoutKeys(Key("attention_dropout", 0, .attention), Key("classifier_dropout", 0.1, .tokenHead))

  /// The keys of BERT.
  static let bert = DropoutKeys(
    Key("hidden_dropout_prob", 0.1, .embedding, .attentionOutput, .feedForwardOutput, .textHead, .tokenHead),
    Key("attention_probs_dropout_prob", 0.1, .attention), Key("classifier_dropout", nil, .textHead, .tokenHead))

  /// The keys of RoBERTa and ELECTRA, whose head for texts drops the input of its transform as well.
  static let roberta = DropoutKeys(
    Key(
      "hidden_dropout_prob", 0.1, .embedding, .attentionOutput, .feedForwardOutput, .textHeadInput, .textHead,
      .tokenHead),
    Key("attention_probs_dropout_prob", 0.1, .attention),
    Key("classifier_dropout", nil, .textHeadInput, .textHead, .tokenHead))

  /// The keys of BART's family.
  /// - Parameter attention: the default for attention probabilities.
  static func bart(attention: Double) -> DropoutKeys {
    DropoutKeys(
      Key("dropout", 0.1, .embedding, .attentionOutput, .crossOutput, .feedForwardOutput),
      Key("attention_dropout", attention, .attention, .cross), Key("activation_dropout", 0, .activation))
  }
}
