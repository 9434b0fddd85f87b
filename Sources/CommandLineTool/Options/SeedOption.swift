import ArgumentParser

/// The seed of random draws.
struct SeedOption: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the draws (default: random, and always reported).", valueName: "n"),
    transform: OptionValue.seed)
  var seed: UInt64?
}
