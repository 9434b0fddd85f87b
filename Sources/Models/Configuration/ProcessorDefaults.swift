/// The logits processors that look at the text or at the encoder's input, as far as a file asks for them.
public struct ProcessorDefaults: Sendable, Equatable {
  /// Runs of ids, each with at least one, and what is added to the logit of the last where the others came before.
  public var sequenceBias: [(ids: [Int], bias: Double)] = []
  /// Above 1 it favours the ids of the encoder's input; above 0.
  public var encoderRepetitionPenalty: Double?
  /// Runs of so many tokens of the encoder's input may not occur; 0 is off.
  public var encoderNoRepeatNgramSize: Int?
  /// From which length of the output on the ends of text become more likely, and the base of that.
  public var lengthDecay: (start: Int, factor: Double)?
  /// Whether the processed scores are normalised again.
  public var renormalizes: Bool?

  /// Whether two ask for the same.
  public static func == (a: Self, b: Self) -> Bool {
    a.sequenceBias.elementsEqual(b.sequenceBias, by: ==) && a.encoderRepetitionPenalty == b.encoderRepetitionPenalty
      && a.encoderNoRepeatNgramSize == b.encoderNoRepeatNgramSize && a.lengthDecay?.start == b.lengthDecay?.start
      && a.lengthDecay?.factor == b.lengthDecay?.factor && a.renormalizes == b.renormalizes
  }
}
