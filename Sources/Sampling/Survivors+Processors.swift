/// The rules of ``ContextRules``, in single precision as in transformers.
extension Survivors {
  /// Applies the rules before the chain.
  mutating func applyBefore(_ rules: ContextRules, _ history: TokenHistory) {
    guard rules.actsBefore else { return }
    let best = LogitOrder.best(logits)
    if !biases.isEmpty {
      for (id, bias) in biases.sums(behind: history.ids) { update(id) { $0 + bias } }
    }
    if rules.encoderRepetitionPenalty != 1 {
      // transformers uses the inverse as the penalty, so ids of the source are favored.
      let penalty = Float(1 / rules.encoderRepetitionPenalty)
      for id in Set(history.source) { update(id) { Self.bounded($0 < 0 ? $0 * penalty : $0 / penalty) } }
    }
    if rules.encoderNoRepeatNGramSize > 0 {
      for id in history.sourceIDsCompletingNGrams(of: rules.encoderNoRepeatNGramSize) { update(id) { _ in -.infinity } }
    }
    clean(fallback: best)
  }

  /// Applies the exponential length decay: adds |logit| · (factor^n - 1) to the logits of the end-of-text ids.
  mutating func apply(_ decay: ContextRules.LengthDecay?, _ history: TokenHistory) {
    guard let decay, history.outputCount > decay.start else { return }
    let best = LogitOrder.best(logits)
    let power = Natural.integerPower(decay.factor, history.outputCount - decay.start) - 1
    for id in Set(history.endOfTextIDs) { update(id) { Self.bounded($0 + abs($0) * Float(power)) } }
    clean(fallback: best)
  }

  /// Replaces the logits by natural logarithms of probabilities.
  mutating func renormalize() {
    let measure = LogitRow.measure(logits)
    for index in 0..<count {
      let id = id(at: index)
      update(id) { Float(measure.logprob($0)) }
    }
  }
}

/// The stages that change logits depending on the text so far. ``clean(fallback:)`` is called after each.
extension Survivors {
  /// Applies a stage.
  mutating func apply(_ row: StageRow, _ settings: SamplingSettings, _ context: StageRow.Context) {
    guard row.isProcessor else { return row.act(&self, settings, context) }
    let best = LogitOrder.best(logits)
    row.act(&self, settings, context)
    clean(fallback: best)
  }

  /// Adds biases to the logits of ids.
  mutating func add(_ biases: [Int: Double]) {
    for (id, bias) in biases { update(id) { $0 + Float(bias) } }
  }

  /// Divides the positive logits of ids by the penalty and multiplies the negative ones.
  mutating func penalize(_ ids: some Sequence<Int>, by penalty: Double) {
    let penalty = Float(penalty)
    for id in ids { update(id) { Self.bounded($0 < 0 ? $0 * penalty : $0 / penalty) } }
  }

  /// Subtracts the penalty from the logit of each id that occurs in the output.
  mutating func subtractPresence(_ penalty: Double, _ history: TokenHistory) {
    let penalty = Float(penalty)
    for id in history.outputCounts.keys { update(id) { Self.bounded($0 - penalty) } }
  }

  /// Subtracts the penalty from the logit of each id once per occurrence in the output.
  mutating func subtractFrequency(_ penalty: Double, _ history: TokenHistory) {
    let penalty = Float(penalty)
    for (id, count) in history.outputCounts { update(id) { Self.bounded($0 - penalty * Float(count)) } }
  }

  /// Removes ids.
  mutating func remove(_ ids: some Sequence<Int>) {
    for id in ids { update(id) { _ in -.infinity } }
  }

  /// Clamps a logit to the finite range, because a penalty must not make a token impossible.
  static func bounded(_ logit: Float) -> Float {
    max(-.greatestFiniteMagnitude, min(logit, .greatestFiniteMagnitude))
  }
}

/// Logits processors of transformers that depend on the text or on the encoder's input and are not stages of the chain.
/// They act around the chain, in the order of transformers:
///
/// 1. sequence bias, encoder repetition penalty, encoder n-grams
/// 2. the chain's penalties and biases
/// 3. the exponential length decay
/// 4. the chain's filters
/// 5. renormalization, for the scores of beam search
public struct ContextRules: Sendable, Hashable {
  /// A bias for the last id of a token sequence, applied if the text ends with the ids before it.
  public struct SequenceBias: Sendable, Hashable {
    /// The sequence; at least one id.
    public var ids: [Int]
    /// The bias of the logit.
    public var bias: Double

    /// Creates a bias.
    public init(ids: [Int], bias: Double) {
      self.ids = ids
      self.bias = bias
    }
  }

  /// An exponential increase of the probability of the end-of-text ids: after `start` output tokens, by `factor` to the
  /// power of the number of tokens since then.
  public struct LengthDecay: Sendable, Hashable {
    /// The output length at which it begins.
    public var start: Int
    /// The factor per output token.
    public var factor: Double

    /// Creates a decay.
    public init(start: Int, factor: Double) {
      self.start = start
      self.factor = factor
    }
  }

  /// Biases of token sequences. If a sequence is listed twice, the last bias is used.
  public var sequenceBias: [SequenceBias] = []
  /// Values above 1 make the ids of the encoder's input more likely; 1 is off.
  public var encoderRepetitionPenalty: Double = 1
  /// The length n of n-grams of the encoder's input that must not occur in the text; 0 is off.
  public var encoderNoRepeatNGramSize: Int = 0
  /// The increase of the probability of the end-of-text ids; `nil` is off.
  public var lengthDecay: LengthDecay?
  /// Whether processed logits are renormalized to log-probabilities before beam search adds them up.
  public var renormalizes = false

  /// Creates rules without effect.
  public init() {}

  /// Whether the rules before the chain change anything.
  var actsBefore: Bool { !sequenceBias.isEmpty || encoderRepetitionPenalty != 1 || encoderNoRepeatNGramSize > 0 }

  /// Whether any rule changes a row of logits.
  var isActive: Bool { actsBefore || lengthDecay != nil || renormalizes }
}
