import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Converts a model to a number format and writes it to a folder.
struct Quantize: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Write a model in a number format, into a folder that opens without conversion.",
    usage: "triptych quantize [-m <ref>] --dtype <format> -o <folder> [<options>]",
    discussion: """
      EXAMPLES
        triptych quantize -m ./gpt2 --dtype q4 -o ./gpt2-q4
        triptych generate -m ./gpt2-q4 "The meaning of life is"
        triptych quantize -m storyteller@q8 -o ./storyteller-q8 --force --json

      The folder holds the weights in the order in which the kernels read them, and copies of the tokenizer, \
      the settings and the card. It gives the same numbers as the original model opened as <ref>@<format>, \
      and opens in this format only.
      """)

  @Option(
    name: [.customShort("m"), .customLong("model")],
    help: ArgumentHelp(
      "A bundled model's name or a folder in Hugging Face layout (default: storyteller).", valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("-m/--model"))
  var model = DefaultModel.causal
  @Option(
    help: ArgumentHelp("The number format: \(OptionValue.names(of: NumberFormat.uniform)).", valueName: "format"),
    completion: .list(NumberFormat.uniform.map(\.rawValue)),
    transform: OptionValue.choice("--dtype", among: NumberFormat.uniform))
  var dtype: NumberFormat?
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to make; new or empty.", valueName: "folder"), completion: .directory,
    transform: OptionValue.text("-o/--output"))
  var folder: String
  @Flag(help: "Replace a model folder that is already there.")
  var force = false
  @Option(name: .threads, parsing: .unconditional, help: .threads, transform: OptionValue.threads)
  var threads: Int?
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try ModelOptions.reference(model, dtype: dtype)
    guard let format = reference.format else {
      throw CommandError.noFormat(names: OptionValue.names(of: NumberFormat.uniform))
    }
    let engine = try await run.engine(threads: threads)
    let progress = run.console.progress
    let result = try await engine.quantize(
      QuantizeRequest(model: reference, format: format, output: folder, replaces: force)
    ) { progress.show($0.step, $0.fraction) }
    progress.clear()
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "model": .text(reference.name), "dtype": .text(result.format.rawValue),
        "bytes": .integer(result.bytes), "source_bytes": .integer(result.sourceBytes), "path": .text(result.path),
      ])
    } else {
      let facts = [
        reference.name.onOneLine, result.format.rawValue,
        "\(NumberText.bytes(result.bytes)) of weights, \(NumberText.bytes(result.sourceBytes)) before",
        result.path.onOneLine,
      ]
      try run.console.writeLine(facts.joined(separator: " · ").onOneLine)
    }
    return 0
  }
}
