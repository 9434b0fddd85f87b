import ArgumentParser

/// The text that a command works on: an argument, a file, or standard input.
struct TextOptions: ParsableArguments, Sendable {
  @Argument(help: ArgumentHelp("The text; - reads standard input, as does leaving it out.", valueName: "text"))
  var text: String?

  @Option(
    name: [.customShort("f"), .customLong("file")],
    help: ArgumentHelp("Read the text from a file; one newline at its end is dropped.", valueName: "file"),
    completion: .file())
  var file: String?
}
