import ArgumentParser
import EngineAPI
import JSONText

/// Shows what a model's tokenizer makes of a text.
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
    // A tokenizer is there without its model's weights.
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
