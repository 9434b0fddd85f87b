import ArgumentParser
import EngineAPI
import Sampling

/// The sampler chain: how a token is drawn from the model's logits.
///
/// What is not given comes from the model's `generation_config.json`, then from the neutral settings.
struct ChainOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customLong("temperature"), .customLong("temp")], parsing: .unconditional,
    help: ArgumentHelp("Divides the logits (default: 1); 0 takes the highest one.", valueName: "x"),
    transform: OptionValue.number("--temperature", .atLeast(0)))
  var temperature: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep the k highest logits, ties included (default: 0, off).", valueName: "k"),
    transform: OptionValue.integer("--top-k", 0...Limits.most))
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep the fewest tokens whose mass reaches p (default: 1, off).", valueName: "p"),
    transform: OptionValue.number("--top-p", .share))
  var topP: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Keep tokens at least p times as probable as the best (default: 0, off).", valueName: "p"),
    transform: OptionValue.number("--min-p", .share))
  var minP: Double?

  @Option(
    name: [.customLong("typical-p"), .customLong("typical")], parsing: .unconditional,
    help: ArgumentHelp("Keep tokens of typical surprise, up to mass p (default: 1, off).", valueName: "p"),
    transform: OptionValue.number("--typical-p", .positiveShare))
  var typicalP: Double?

  @Option(
    name: [.customLong("repeat-penalty"), .customLong("repetition-penalty")], parsing: .unconditional,
    help: ArgumentHelp("Divides logits of tokens in prompt and output (default: 1, off).", valueName: "x"),
    transform: OptionValue.number("--repeat-penalty", .above(0)))
  var repeatPenalty: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Subtracted from logits of tokens in the output (default: 0, off).", valueName: "x"),
    transform: OptionValue.number("--presence-penalty", .any))
  var presencePenalty: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Subtracted for each time a token stands in the output (default: 0, off).", valueName: "x"),
    transform: OptionValue.number("--frequency-penalty", .any))
  var frequencyPenalty: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Let no run of n tokens occur twice (default: 0, off).", valueName: "n"),
    transform: OptionValue.integer("--no-repeat-ngram-size", 0...Limits.most))
  var noRepeatNgramSize: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("No end of text before n tokens (default: 0, off).", valueName: "n"),
    transform: OptionValue.integer("--min-tokens", 0...Limits.most))
  var minTokens: Int?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Add BIAS to the logit of token ID; may be repeated.", valueName: "id=bias"),
    transform: OptionValue.bias)
  var logitBias: [LogitBias] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The stages of the chain in their order; one left out is off (default: \
      logit-bias, repetition, presence, frequency, no-repeat-ngram, min-tokens, temperature, top-k, top-p, min-p, \
      typical-p).
      """, valueName: "a,b,…"),
    transform: OptionValue.samplers)
  var samplers: [SamplerStage]?
}
