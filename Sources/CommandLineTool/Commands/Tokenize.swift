import ArgumentParser
import EngineAPI
import JSONText

/// Shows the tokens of a text.
struct Tokenize: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "The tokens of a text, with the bytes that each stands for.",
    usage: "triptych tokenize [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych tokenize "Hello, world!"
        triptych tokenize -m cloze --no-special "unbelievable"
        triptych tokenize -f story.txt --json
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Flag(help: "Add no special tokens.")
  var noSpecial = false
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal)
    let text = try await run.text(input)
    // A tokenizer can be used without the model's weights.
    let engine = try await run.engine(threads: model.threads)
    if let notice = try await engine.tokenizerNotice(of: reference) { run.console.note(notice) }
    let tokens = try await engine.tokenize(text, model: reference, addingSpecialTokens: !noSpecial)
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "ids": .wholes(tokens.map(\.token.id)), "tokens": .objects(tokens.map(\.json)),
        "model": .text(reference.description),
      ])
      return 0
    }
    var table = Table([.right("#"), .right("id"), .left("token"), .right("start"), .right("end"), .left("")])
    for (index, token) in tokens.enumerated() {
      table.add([
        Cells.count(index), .init(String(token.token.id)),
        .init(Cells.token(token.token, glyphs: run.console.glyphs).text, .accent),
        .init(String(token.range.lowerBound), .dim), .init(String(token.range.upperBound), .dim),
        .init(token.isSpecial ? "special" : "", .dim),
      ])
    }
    for line in table.lines(run.console.ink) { try run.console.writeLine(line) }
    return 0
  }
}

/// Converts ids to text.
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
