import ArgumentParser

/// Groups the commands that learn from text.
struct Train: CommandGroup {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn from text: tokenizers.",
    usage: "triptych train <what> [<options>]",
    discussion: """
      EXAMPLES
        triptych train tokenizer bpe --train-file books.txt -o ./pieces --force
        triptych train tokenizer unigram --train-file books.txt -o ./units --force

      'triptych train tokenizer --help' lists the options.
      """,
    subcommands: [TrainTokenizer.self])
}
