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
        triptych classify -m ./sentiment "A film without a dull minute." --occlusion

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
  @Flag(
    help: ArgumentHelp(
      "Also what each word adds to the best label: the text is read again with the mask token in place of the word, "
        + "or without it."))
  var occlusion = false
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(for: "classify", .classifier, changes)
    let text = try await run.text(input)
    let open = try await run.open(reference, with: model)
    try open.require(.classifier, for: "classify", hint: open.information.family == .tagger ? Self.tagHint : nil)
    let result = try await open.engine.classify(ClassifyRequest(model: reference, text: text, pair: pair))
    let labels = result.labels.prefix(topK ?? result.labels.count)
    let words = occlusion ? try await wordChanges(of: text, result, open, reference) : nil
    if outputForm == .object {
      var object: JSONObject = [
        "schema": 1, "labels": .objects(labels.map(\.json)), "token_count": .integer(result.tokenCount),
      ]
      if let words { object = object.followed(by: ["words": .objects(words.map(\.json))]) }
      try run.console.write(object.followed(by: ["model": .text(reference.description)]))
    } else {
      try write(Array(labels), to: run.console)
      if let words, let best = result.labels.first { try write(words, of: best, to: run.console) }
    }
    return 0
  }

  /// A word of the text and what it adds to the best label; `nil` if nothing of the text is left without it.
  private struct WordChange {
    var word: Occlusion.Word
    var change: Double?

    /// `{"text", "start", "end", "change"}`.
    var json: JSONObject {
      [
        "text": .text(word.text), "start": .integer(word.range.lowerBound), "end": .integer(word.range.upperBound),
        "change": .number(change),
      ]
    }
  }

  private func wordChanges(
    of text: String, _ whole: ClassifyResult, _ open: OpenModel, _ reference: ModelReference
  ) async throws -> [WordChange] {
    let occlusion = Occlusion(text, mask: open.information.maskToken?.text)
    let request = ClassifyBatchRequest(model: reference, texts: occlusion.texts, pair: pair)
    let changed = request.texts.isEmpty ? [] : try await open.engine.classify(request)
    let changes = occlusion.changes(of: whole.labels.first?.label ?? "", whole: whole, changed: changed)
    return zip(occlusion.words, changes).map { WordChange(word: $0, change: $1) }
  }

  /// Writes a row for each word: what it adds to the best label, in percentage points, or to a quantity.
  private func write(_ words: [WordChange], of best: LabelScore, to console: Console) throws(CommandError) {
    guard !words.isEmpty else { return console.note("the text has no words") }
    let isQuantity = best.probability == nil
    let head = (isQuantity ? "adds to " : "points for ") + best.label.onOneLine
    var table = Table([.left("word"), .right(head), .right("bytes")])
    for word in words {
      let change = word.change.map { change in
        (change > 0 ? "+" : "") + NumberText.fixed(isQuantity ? change : change * 100, decimals: 2)
      }
      table.add([
        .init(word.word.text.onOneLine), change.map { .init($0) } ?? .init("-", .dim),
        .init("\(word.word.range.lowerBound)-\(word.word.range.upperBound)", .dim),
      ])
    }
    try console.writeLine("")
    for line in table.lines(console.ink) { try console.writeLine(line) }
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
