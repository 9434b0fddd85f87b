import ArgumentParser
import EngineAPI
import JSONText
import Platform
import TerminalUI

/// Shows the labels of a text.
struct Classify: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "The labels of a text, with their probabilities.",
    usage: "triptych classify -m <ref> [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych classify -m ./sentiment "A film without a dull minute."
        triptych classify -m ./entailment "A man sleeps." --pair "All are awake."
        triptych classify -m ./topics -f story.txt --top-k 3

      For models with a head for sequence classification: BERT and its descendants, GPT-2, Llama.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("A second text, which the model reads together with the first.", valueName: "text"),
    transform: OptionValue.text("--pair"))
  var pair: String?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Only the k best labels (default: all).", valueName: "k"),
    transform: OptionValue.integer("--top-k", Limits.fillings))
  var topK: Int?
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(for: "classify", .classifier)
    let text = try await run.text(input)
    let open = try await run.open(reference, with: model)
    try open.require(.classifier, for: "classify", hint: open.information.family == .tagger ? Self.tagHint : nil)
    let result = try await open.engine.classify(ClassifyRequest(model: reference, text: text, pair: pair))
    let labels = result.labels.prefix(topK ?? result.labels.count)
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "labels": .objects(labels.map(\.json)), "token_count": .integer(result.tokenCount),
        "model": .text(reference.description),
      ])
    } else {
      try write(Array(labels), to: run.console)
    }
    return 0
  }

  private static let tagHint = "'triptych tag' shows the labels of tokens"

  /// Writes a row for each label: its probability with a bar, or, for a regression, the number alone.
  private func write(_ labels: [LabelScore], to console: Console) throws(CommandError) {
    var table = Table([.left("label"), .left(""), .right("prob."), .right("logit")])
    for label in labels {
      table.add([
        .init(label.label.onOneLine), Cells.bar(label.probability.map { log($0) }, glyphs: console.glyphs),
        label.probability.map(Cells.percent(probability:)) ?? .init("-", .dim), Cells.known(label.logit, Cells.number),
      ])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}

extension LabelScore {
  /// `{"label", "probability", "logit"}`; for a regression, the probability is `null`.
  fileprivate var json: JSONObject {
    ["label": .text(label), "probability": .number(probability), "logit": .number(logit)]
  }
}
