import ArgumentParser
import LocalFiles

/// What every command prints, and how.
struct OutputOptions: ParsableArguments, Sendable {
  @Flag(name: [.customShort("q"), .customLong("quiet")], help: "No notices on standard error.")
  var quiet = false

  @Option(
    help: ArgumentHelp("Colour: auto, always or never (default: auto).", valueName: "when"),
    completion: .list(ColorChoice.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--color", as: ColorChoice.self))
  var color: ColorChoice = .auto
}

/// Output for programs: one object.
struct JSONOption: ParsableArguments, Sendable {
  @Flag(help: "One JSON object instead of text.")
  var json = false

  /// The form of output that was asked for.
  var form: OutputForm { json ? .object : .text }
}

/// Output for programs, of commands that stream: one object, or one a line.
struct JSONStreamOptions: ParsableArguments, Sendable {
  @Flag(help: "One JSON object instead of text.")
  var json = false

  @Flag(help: "One JSON object a line, each as soon as it is known.")
  var jsonl = false

  /// The form of output that was asked for.
  var form: OutputForm { json ? .object : jsonl ? .lines : .text }

  /// Refuses both forms at once.
  func check() throws(CommandError) {
    if json && jsonl { throw .conflict("--json", "--jsonl", reason: nil) }
  }
}

/// The three forms of a streaming command's output.
enum OutputForm: Sendable {
  /// For people.
  case text
  /// One JSON object.
  case object
  /// One JSON object a line.
  case lines
}
