/// How the next token is drawn from the model's logits: the sampler chain, its order and its strengths.
///
/// A stage acts only if it is in `order` and its value is not the neutral one given below.
public struct SamplingSettings: Sendable, Hashable {
  /// Divides the logits; 1 is neutral, 0 means greedy (the highest logit after penalties and biases).
  public var temperature: Double = 1
  /// How far the temperature follows the entropy, up and down; 0 is off.
  public var dynatempRange: Double = 0
  /// The power of the entropy's share that the temperature follows.
  public var dynatempExponent: Double = 1
  /// How many standard deviations below the highest logit ids may lie; 0 is off.
  public var topNSigma: Double = 0
  /// The share of the entropy that top-H keeps, above 0 and up to 1; 0 is off.
  public var topH: Double = 0
  /// How many of the highest logits stay; 0 is off.
  public var topK: Int = 0
  /// The mass that nucleus sampling keeps, in 0…1; 1 is off.
  public var topP: Double = 1
  /// The share of the highest probability below which ids are removed, in 0…1; 0 is off.
  public var minP: Double = 0
  /// The mass that typical sampling keeps, in 0…1; 1 is off.
  public var typicalP: Double = 1
  /// The probability below which ids are removed; 0 is off.
  public var epsilonCutoff: Double = 0
  /// The like that falls with the entropy; 0 is off.
  public var etaCutoff: Double = 0
  /// How likely XTC acts at a token; 0 is off.
  public var xtcProbability: Double = 0
  /// The probability from which on an id is one of XTC's top choices; above 0.5 is off.
  public var xtcThreshold: Double = 0.1
  /// The surprise that mirostat 2 steers to, in bits a token; 0 is off.
  public var mirostatTau: Double = 0
  /// How quickly it steers.
  public var mirostatEta: Double = 0.1
  /// The divisor of logits of ids that occurred in prompt or output; 1 is off.
  public var repetitionPenalty: Double = 1
  /// Subtracted once from the logits of ids that occurred in the output; 0 is off.
  public var presencePenalty: Double = 0
  /// Subtracted as often as an id occurred in the output; 0 is off.
  public var frequencyPenalty: Double = 0
  /// DRY's penalty of a repetition of the allowed length; 0 is off.
  public var dryMultiplier: Double = 0
  /// By what the penalty grows with each id more.
  public var dryBase: Double = 1.75
  /// The length up to which repetitions are free.
  public var dryAllowedLength: Int = 2
  /// In how many of the last ids repetitions are looked for; -1: all.
  public var dryPenaltyLastN: Int = -1
  /// Texts across which no repetition is looked for.
  public var drySequenceBreakers: [String] = ["\n", ":", "\"", "*"]
  /// The length of n-grams that may not occur twice; 0 is off.
  public var noRepeatNGramSize: Int = 0
  /// The end-of-text ids are removed while the output is shorter than this; 0 is off.
  public var minTokens: Int = 0
  /// Added to the logits of these ids, in ascending order of ids.
  public var logitBias: [Int: Double] = [:]
  /// The rules around the chain that look at the text or at the encoder's input.
  public var rules = ContextRules()
  /// The stages in the order in which they act; one left out is off.
  public var order: [SamplerStage]

  /// The neutral settings: the model's own distribution.
  public init() { order = SamplerStage.defaultOrder }

  /// Neutral settings with an order. The table of stages is not looked at: it is made from these.
  init(order: [SamplerStage]) { self.order = order }

  /// Whether a stage acts: it is in the order and its value is not neutral.
  public func isActive(_ stage: SamplerStage) -> Bool { order.contains(stage) && stage.row.isOn(self) }

  /// Puts a stage that is not in the order before the first one that stands after it in the table.
  public mutating func include(_ stage: SamplerStage) {
    guard !order.contains(stage) else { return }
    let table = StageTable.rows.map(\.stage)
    let later = table.drop { $0 != stage }
    order.insert(stage, at: order.firstIndex(where: later.contains) ?? order.endIndex)
  }

  /// Puts the stages into the order that are switched on and that the standard chain leaves out.
  public mutating func includeSwitchedOn() {
    for row in StageTable.rows where !row.isStandard && row.isOn(self) { include(row.stage) }
  }

  /// Neutral settings at temperature 0.
  public static var greedy: SamplingSettings {
    var settings = SamplingSettings()
    settings.temperature = 0
    return settings
  }

  /// Whether the token is the highest logit instead of a draw: temperature is in the order, and 0 whatever the entropy.
  public var isGreedy: Bool { temperature == 0 && dynatempRange <= 0 && order.contains(.temperature) }
}
