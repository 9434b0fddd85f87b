import ArgumentParser
import EngineAPI
import Sampling

/// The logits processors that depend on the text or on the encoder's input. They run before and after the sampler
/// chain.
///
/// Missing options come from the model's `generation_config.json`.
struct ProcessorOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Add BIAS to the last id where the ids before it are the newest tokens; may be repeated (default: the model's).",
      valueName: "id,…=bias"),
    transform: OptionValue.sequenceBias)
  var sequenceBias: [ContextRules.SequenceBias] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "After START tokens make the end of text more likely, by FACTOR to the power of the tokens since (default: the model's, else off).",
      valueName: "start,factor"),
    transform: OptionValue.lengthDecay)
  var exponentialDecayLengthPenalty: ContextRules.LengthDecay?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Above 1: favor the tokens of the input (default: the model's, else 1, off).", valueName: "x"),
    transform: OptionValue.number("--encoder-repetition-penalty", .above(0)))
  var encoderRepetitionPenalty: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Repeat no n consecutive tokens of the input (default: the model's, else 0, off).", valueName: "n"),
    transform: OptionValue.integer("--encoder-no-repeat-ngram-size", 0...Limits.most))
  var encoderNoRepeatNgramSize: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "Renormalize the scores of beam search after all processors (default: the model's, else no)."
  )
  var renormalizeLogits: Bool?

  /// The settings overridden by the given options.
  func applied(to settings: SamplingSettings) -> SamplingSettings {
    var settings = settings
    if !sequenceBias.isEmpty { settings.rules.sequenceBias = sequenceBias }
    settings.rules.lengthDecay = exponentialDecayLengthPenalty ?? settings.rules.lengthDecay
    settings.rules.encoderRepetitionPenalty = encoderRepetitionPenalty ?? settings.rules.encoderRepetitionPenalty
    settings.rules.encoderNoRepeatNGramSize = encoderNoRepeatNgramSize ?? settings.rules.encoderNoRepeatNGramSize
    settings.rules.renormalizes = renormalizeLogits ?? settings.rules.renormalizes
    return settings
  }
}

extension OptionValue {
  /// `ID,ID,…=BIAS`.
  static func sequenceBias(_ text: String) throws(CommandError) -> ContextRules.SequenceBias {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let ids = parts[0].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let bias = Double(parts[1]), bias < .infinity, !ids.isEmpty,
      ids.allSatisfy({ $0.map { $0 >= 0 } ?? false })
    else {
      throw .wrongValue(
        text, of: "--sequence-bias", expected: "ID,ID,…=BIAS with ids and a number, such as 11,995=-2.5")
    }
    return ContextRules.SequenceBias(ids: ids.compactMap(\.self), bias: bias)
  }

  /// `START,FACTOR`.
  static func lengthDecay(_ text: String) throws(CommandError) -> ContextRules.LengthDecay {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Int(parts[0]), (0...Limits.most).contains(start), let factor = Double(parts[1]),
      factor.isFinite
    else {
      throw .wrongValue(
        text, of: "--exponential-decay-length-penalty",
        expected: "START,FACTOR with a number of tokens and a factor, such as 40,1.05")
    }
    return ContextRules.LengthDecay(start: start, factor: factor)
  }
}
