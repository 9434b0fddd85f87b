import ArgumentParser
import EngineAPI

/// Guessing tokens ahead. The text is the same with and without.
struct SpeculationOptions: ParsableArguments, Sendable {
  @Option(
    name: [.customLong("draft"), .customLong("model-draft")],
    help: ArgumentHelp("A smaller model with the same tokenizer guesses tokens ahead.", valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("--draft"))
  var draft: String?

  @Flag(help: "Tokens are guessed from repetitions in the text so far.")
  var promptLookup = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Guess at most n tokens at a time (default: 7).", valueName: "n"),
    transform: OptionValue.integer("--draft-max", Limits.guesses))
  var draftMax: Int?

  /// What the engine is asked for. A draft model computes in the number format that its name gives, else in f32.
  var speculation: Speculation {
    Speculation(
      looksUpPrompt: promptLookup, draft: draft.map { ModelReference(parsing: $0) },
      most: draftMax ?? Speculation.off.most)
  }

  /// The first option that was given, as written.
  var given: String? {
    draft.map { "--draft \($0)" } ?? (promptLookup ? "--prompt-lookup" : draftMax.map { "--draft-max \($0)" })
  }

  /// A limit of guesses needs something that guesses.
  func check() throws(CommandError) {
    guard draftMax != nil, draft == nil, !promptLookup else { return }
    throw .badValue(
      option: "--draft-max", expected: "--draft or --prompt-lookup beside it", found: "neither",
      hint: "name what guesses: --prompt-lookup, or --draft with a smaller model")
  }
}
