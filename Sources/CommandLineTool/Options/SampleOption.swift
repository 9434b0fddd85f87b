import ArgumentParser

/// `--sample`.
struct SampleOption: ParsableArguments, Sendable {
  @Flag(help: "Draw tokens where the model's file says otherwise; with beams, draw their continuations.")
  var sample = false
}
