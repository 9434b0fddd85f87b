/// The rules of ``ContextRules``, in the single precision of the reference.
extension Survivors {
  /// What acts before the chain.
  mutating func applyBefore(_ rules: ContextRules, _ history: TokenHistory) {
    guard rules.actsBefore else { return }
    let best = LogitOrder.best(logits)
    if !biases.isEmpty {
      for (id, bias) in biases.sums(behind: history.ids) { update(id) { $0 + bias } }
    }
    if rules.encoderRepetitionPenalty != 1 {
      // The reference takes the inverse as the penalty: what the source holds is favoured.
      let penalty = Float(1 / rules.encoderRepetitionPenalty)
      for id in Set(history.source) { update(id) { Self.bounded($0 < 0 ? $0 * penalty : $0 / penalty) } }
    }
    if rules.encoderNoRepeatNGramSize > 0 {
      for id in history.sourceIDsCompletingNGrams(of: rules.encoderNoRepeatNGramSize) { update(id) { _ in -.infinity } }
    }
    clean(fallback: best)
  }

  /// The decay of length: adds |logit| · (factor^n - 1) to the logits of the ends of text.
  mutating func apply(_ decay: ContextRules.LengthDecay?, _ history: TokenHistory) {
    guard let decay, history.outputCount > decay.start else { return }
    let best = LogitOrder.best(logits)
    let power = Natural.integerPower(decay.factor, history.outputCount - decay.start) - 1
    for id in Set(history.endOfTextIDs) { update(id) { Self.bounded($0 + abs($0) * Float(power)) } }
    clean(fallback: best)
  }

  /// Makes the logits natural logarithms of probabilities.
  mutating func renormalize() {
    let measure = LogitRow.measure(logits)
    for index in 0..<count {
      let id = id(at: index)
      update(id) { Float(measure.logprob($0)) }
    }
  }
}

/// The stages that change logits by what the text so far holds. ``clean(fallback:)`` follows each.
extension Survivors {
  /// Applies a stage.
  mutating func apply(_ row: StageRow, _ settings: SamplingSettings, _ context: StageRow.Context) {
    guard row.isProcessor else { return row.act(&self, settings, context) }
    let best = LogitOrder.best(logits)
    row.act(&self, settings, context)
    clean(fallback: best)
  }

  /// Adds to the logits of ids.
  mutating func add(_ biases: [Int: Double]) {
    for (id, bias) in biases { update(id) { $0 + Float(bias) } }
  }

  /// Divides the logits of ids, or multiplies them where they are negative.
  mutating func penalize(_ ids: some Sequence<Int>, by penalty: Double) {
    let penalty = Float(penalty)
    for id in ids { update(id) { Self.bounded($0 < 0 ? $0 * penalty : $0 / penalty) } }
  }

  /// Subtracts from the logits of the ids that occur in the output.
  mutating func subtractPresence(_ penalty: Double, _ history: TokenHistory) {
    let penalty = Float(penalty)
    for id in history.outputCounts.keys { update(id) { Self.bounded($0 - penalty) } }
  }

  /// Subtracts from the logit of each id as often as it occurs in the output.
  mutating func subtractFrequency(_ penalty: Double, _ history: TokenHistory) {
    let penalty = Float(penalty)
    for (id, count) in history.outputCounts { update(id) { Self.bounded($0 - penalty * Float(count)) } }
  }

  /// Removes ids.
  mutating func remove(_ ids: some Sequence<Int>) {
    for id in ids { update(id) { _ in -.infinity } }
  }

  /// A penalty makes a token unlikely, never impossible: what overflows stays at the ends of the numbers.
  static func bounded(_ logit: Float) -> Float {
    max(-.greatestFiniteMagnitude, min(logit, .greatestFiniteMagnitude))
  }
}

/// The logits processors of the reference that look at the text or at the encoder's input and are no stages of the
/// chain: they act around it, at their places in the reference's order.
///
/// 1. sequence bias, encoder repetition penalty, encoder n-grams: before the chain
/// 2. the chain's penalties and biases
/// 3. the decay of length: before the chain's first stage that filters
/// 4. the chain's filters
/// 5. renormalisation, where logits are added up (beam search)
public struct ContextRules: Sendable, Hashable {
  /// What is added to the logit of a run's last id where the text ends with the others.
  public struct SequenceBias: Sendable, Hashable {
    /// The run, at least one id.
    public var ids: [Int]
    /// What is added.
    public var bias: Double

    /// A bias.
    public init(ids: [Int], bias: Double) {
      self.ids = ids
      self.bias = bias
    }
  }

  /// How the ends of text become more likely: after `start` tokens of output, by `factor` to the power of the tokens
  /// since then.
  public struct LengthDecay: Sendable, Hashable {
    /// The length of the output from which on it acts.
    public var start: Int
    /// The base.
    public var factor: Double

    /// A decay.
    public init(start: Int, factor: Double) {
      self.start = start
      self.factor = factor
    }
  }

  /// Biases of runs of ids. Of several for the same run the last counts.
  public var sequenceBias: [SequenceBias] = []
  /// Above 1 it makes the ids of the encoder's input more likely; 1 is off.
  public var encoderRepetitionPenalty: Double = 1
  /// The length of n-grams of the encoder's input that may not occur in the text; 0 is off.
  public var encoderNoRepeatNGramSize: Int = 0
  /// How the ends of text become more likely; `nil` is off.
  public var lengthDecay: LengthDecay?
  /// Whether the processed row becomes log-probabilities again before it is added up.
  public var renormalizes = false

  /// Rules that do nothing.
  public init() {}

  /// Whether the rules before the chain change anything.
  var actsBefore: Bool { !sequenceBias.isEmpty || encoderRepetitionPenalty != 1 || encoderNoRepeatNGramSize > 0 }

  /// Whether any rule changes a row of logits.
  var isActive: Bool { actsBefore || lengthDecay != nil || renormalizes }
}
