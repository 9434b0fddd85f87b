import ArgumentParser
import EngineAPI
import JSONText

/// The way back from ids to text.
struct Detokenize: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detokenize",
    abstract: "The text of token ids.",
    usage: "triptych detokenize [<id> ...] [<options>]",
    discussion: """
      EXAMPLES
        triptych detokenize 263 286 260
        triptych detokenize 263,286,260 --json
        triptych tokenize "Hello" --json | jq -c .ids | triptych detokenize

      The text is written as it is, with special tokens written out, and a newline after it.
      """)

  @Argument(
    help: ArgumentHelp("The ids, with commas or spaces between; without any, standard input is read.", valueName: "id"))
  var ids: [String] = []
  @Flag(help: "Leave special tokens out.")
  var noSpecial = false
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal)
    let argument = ids.isEmpty ? nil : ids.joined(separator: " ")
    let ids = try IDList.parse(try await TextInput(context: run.context).read(argument, what: "ids"))
    let engine = try await run.engine(threads: model.threads)
    if let notice = try await engine.tokenizerNotice(of: reference) { run.console.note(notice) }
    let tokens = try await engine.tokens(of: ids, model: reference)
    let text = try await engine.detokenize(ids, model: reference, skippingSpecialTokens: noSpecial)
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "ids": .wholes(ids), "tokens": .objects(tokens.map(\.json)), "text": .text(text),
        "model": .text(reference.description),
      ])
    } else {
      try run.console.writeLine(run.console.modelText(text))
    }
    return 0
  }
}
