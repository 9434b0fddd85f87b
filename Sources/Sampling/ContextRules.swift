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
