/// The settings of the sampler chain: the values of its stages and their order.
///
/// A stage acts only if it is in `order` and its value is not the neutral one noted below.
public struct SamplingSettings: Sendable, Hashable {
  /// Divides the logits; 1 is neutral, 0 means greedy (the highest logit after penalties and biases).
  public var temperature: Double = 1
  /// Dynamic temperature: the largest change of the temperature up or down, depending on the entropy; 0 is off.
  public var dynatempRange: Double = 0
  /// Dynamic temperature: the exponent of the normalized entropy.
  public var dynatempExponent: Double = 1
  /// Keeps logits at most this many standard deviations below the highest one; 0 is off.
  public var topNSigma: Double = 0
  /// The fraction of the entropy that top-H keeps, above 0 and up to 1; 0 is off.
  public var topH: Double = 0
  /// The number of highest logits to keep; 0 is off.
  public var topK: Int = 0
  /// The probability mass that nucleus sampling keeps, in 0…1; 1 is off.
  public var topP: Double = 1
  /// Removes ids whose probability is below this fraction of the highest one, in 0…1; 0 is off.
  public var minP: Double = 0
  /// The probability mass that typical sampling keeps, in 0…1; 1 is off.
  public var typicalP: Double = 1
  /// The probability below which ids are removed; 0 is off.
  public var epsilonCutoff: Double = 0
  /// Like `epsilonCutoff`, but the cutoff falls with the entropy; 0 is off.
  public var etaCutoff: Double = 0
  /// The probability that XTC acts on a token; 0 is off.
  public var xtcProbability: Double = 0
  /// The minimum probability of XTC's top choices; above 0.5 is off.
  public var xtcThreshold: Double = 0.1
  /// The target surprise of mirostat 2, in bits per token; 0 is off.
  public var mirostatTau: Double = 0
  /// The learning rate of mirostat 2.
  public var mirostatEta: Double = 0.1
  /// Divides the logits of ids that occurred in prompt or output; 1 is off.
  public var repetitionPenalty: Double = 1
  /// Subtracted once from the logits of ids that occurred in the output; 0 is off.
  public var presencePenalty: Double = 0
  /// Subtracted from the logit of an id once per occurrence in the output; 0 is off.
  public var frequencyPenalty: Double = 0
  /// DRY: the penalty for a repetition of the allowed length; 0 is off.
  public var dryMultiplier: Double = 0
  /// DRY: the factor by which the penalty grows with each further id.
  public var dryBase: Double = 1.75
  /// DRY: the penalty begins at repetitions of this length.
  public var dryAllowedLength: Int = 2
  /// DRY: the number of last ids to search for repetitions; -1 means all.
  public var dryPenaltyLastN: Int = -1
  /// DRY: strings that end a repetition.
  public var drySequenceBreakers: [String] = ["\n", ":", "\"", "*"]
  /// The length n of n-grams that must not occur twice; 0 is off.
  public var noRepeatNGramSize: Int = 0
  /// Removes the end-of-text ids while the output is shorter than this; 0 is off.
  public var minTokens: Int = 0
  /// Biases to add to the logits of ids.
  public var logitBias: [Int: Double] = [:]
  /// The rules around the chain that depend on the text or on the encoder's input.
  public var rules = ContextRules()
  /// The stages in order; a missing stage is off.
  public var order: [SamplerStage]

  /// Creates neutral settings, which keep the model's own distribution.
  public init() { order = SamplerStage.defaultOrder }

  /// Creates neutral settings with an order, without using the stage table, which is itself made from such settings.
  init(order: [SamplerStage]) { self.order = order }

  /// Whether a stage acts: it is in the order and its value is not neutral.
  public func isActive(_ stage: SamplerStage) -> Bool { order.contains(stage) && stage.row.isOn(self) }

  /// Adds a missing stage to the order, before the first stage that follows it in the table.
  public mutating func include(_ stage: SamplerStage) {
    guard !order.contains(stage) else { return }
    let table = StageTable.rows.map(\.stage)
    let later = table.drop { $0 != stage }
    order.insert(stage, at: order.firstIndex(where: later.contains) ?? order.endIndex)
  }

  /// Adds to the order all non-standard stages that are switched on.
  public mutating func includeSwitchedOn() {
    for row in StageTable.rows where !row.isStandard && row.isOn(self) { include(row.stage) }
  }

  /// Neutral settings at temperature 0.
  public static var greedy: SamplingSettings {
    var settings = SamplingSettings()
    settings.temperature = 0
    return settings
  }

  /// Whether the highest logit is chosen without drawing: temperature is in the order and is 0 for every entropy.
  public var isGreedy: Bool { temperature == 0 && dynatempRange <= 0 && order.contains(.temperature) }
}
