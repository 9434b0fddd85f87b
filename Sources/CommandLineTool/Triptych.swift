import ArgumentParser

/// The program's root: it holds the commands and does nothing itself.
struct Triptych: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triptych",
    abstract: "A playground for language models in the terminal.",
    usage: "triptych [<command>] [<options>]",
    discussion: """
      Without a command the playground opens on the bundled models.

      EXAMPLES
        triptych
        triptych generate "Once upon a time"
        triptych next "She opened the" --temperature 0.7 --top-p 0.9
        triptych fill-mask "The capital of France is [MASK]."
        triptych translate "How are you?"
        triptych score -f story.txt --json

      Models are bundled names ('triptych models' lists them) or folders in Hugging Face layout. \
      Data goes to standard output, everything else to standard error.
      """,
    version: "triptych 0.1.0",
    subcommands: [
      Play.self, Generate.self, Next.self, Score.self, FillMask.self, Translate.self, Tokenize.self, Detokenize.self,
      ListModels.self, Bench.self, Quantize.self,
    ],
    defaultSubcommand: Play.self)

  /// The names that a first argument can have.
  static let commandNames = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
}
