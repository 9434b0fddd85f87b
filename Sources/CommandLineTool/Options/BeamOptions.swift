import ArgumentParser
import EngineAPI

/// Beam search instead of draws.
struct BeamOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Hypotheses side by side (default: the model's, else 1, no beam search).", valueName: "n"),
    transform: OptionValue.integer("--num-beams", Limits.beams))
  var numBeams: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A score is divided by length^x (default: the model's, else 1); above 0 favours longer texts.", valueName: "x"),
    transform: OptionValue.number("--length-penalty", .any))
  var lengthPenalty: Double?

  @Option(
    help: ArgumentHelp(
      "When to stop: true, false or never, as in transformers (default: the model's, else false).", valueName: "when"),
    completion: .list(EarlyStopping.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--early-stopping", as: EarlyStopping.self))
  var earlyStopping: EarlyStopping?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Diverse beam search: beams run in n groups of equal size (default: the model's, else 1, off).", valueName: "n"),
    transform: OptionValue.integer("--num-beam-groups", Limits.groups))
  var numBeamGroups: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What a group subtracts for each token that an earlier group has in the same step (default: the model's).",
      valueName: "x"),
    transform: OptionValue.number("--diversity-penalty", .above(0)))
  var diversityPenalty: Double?
}
