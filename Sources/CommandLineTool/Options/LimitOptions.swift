import ArgumentParser
import EngineAPI

/// How long a text becomes, what ends it, and what is listed with it.
struct LimitOptions: ParsableArguments, Sendable {
  @Option(
    name: [
      .customShort("n"), .customLong("max-tokens"), .customLong("max-new-tokens"), .customLong("n-predict"),
    ], parsing: .unconditional,
    help: ArgumentHelp(
      "At most this many new tokens (default: the model's, else \(Limits.defaultTokens) or what the context leaves).",
      valueName: "n"),
    transform: OptionValue.integer("-n/--max-tokens", Limits.tokens))
  var maxTokens: Int?
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "End at this text, which is left out; may be repeated (default: the model's).", valueName: "string"),
    transform: OptionValue.text("--stop"))
  var stop: [String] = []
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End a text after this many seconds (default: the model's, else never).", valueName: "seconds"),
    transform: OptionValue.number("--max-time", .atLeast(0)))
  var maxTime: Double?
  @Flag(help: "Treat end-of-text tokens as ordinary tokens.")
  var ignoreEos = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("List the k most probable tokens with each token, in JSON.", valueName: "k"),
    transform: OptionValue.integer("--top-logprobs", Limits.listed))
  var topLogprobs = 0
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Run the prompt in pieces of n tokens (default: 0, all at once).", valueName: "n"),
    transform: OptionValue.integer("--prompt-chunk", Limits.promptChunk))
  var promptChunk = 0
}
