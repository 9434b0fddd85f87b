import ArgumentParser
import EngineAPI
import JSONText
import Platform
import TerminalUI

/// Ranks given continuations of a text by their probability.
struct Choices: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "choices",
    abstract: "Given continuations or fillings of a text, ranked by their probability.",
    usage: "triptych choices [<text>] --choices <a,b,…> [<options>]",
    discussion: """
      EXAMPLES
        triptych choices "The king was" --choices " old, young, dead"
        triptych choices "She had a" --choices " dog, son" --unconditional --json
        triptych choices -m interpreter "Good morning." --choices "Bonjour.,Bonsoir."
        triptych choices -m cloze "I live in [MASK]." --choices "london,new york"

      A choice follows the text exactly as it is written: begin it with a space where a
      word begins. With an encoder-decoder model, TEXT is the input and a choice its
      whole output. With a masked model, a choice takes the place of the one mask in
      TEXT; its pieces are predicted from left to right.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("The continuations, between commas; may be repeated.", valueName: "a,b,…"))
  var choices: [String] = []
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("One continuation, which may contain commas; may be repeated.", valueName: "text"))
  var choice: [String] = []
  @Flag(
    help: "Subtract each choice's log-probability after the beginning of text alone, and rank by the difference.")
  var unconditional = false
  @Option(
    help: ArgumentHelp("The language of TEXT, as a code: adds the model's translation prefix.", valueName: "code"))
  var from: String?
  @Option(help: ArgumentHelp("The language of the choices, as a code.", valueName: "code"))
  var to: String?
  @OptionGroup(title: "Text") var batch: BatchOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  /// All choices, in the order of the options.
  private var all: [String] {
    choices.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } + choice
  }

  func check() throws(CommandError) {
    try batch.check(input)
    guard !all.isEmpty else {
      throw .badValue(
        option: "--choices", expected: "continuations of the text", found: "none",
        hint: #"write them between commas, such as --choices " old, young""#)
    }
    guard !all.contains("") else {
      throw .wrongValue(
        choices.first { $0.isEmpty || $0.hasPrefix(",") || $0.hasSuffix(",") || $0.contains(",,") } ?? "",
        of: choice.contains("") ? "--choice" : "--choices", expected: "choices that are not empty",
        hint: "a choice that contains a comma is given with --choice")
    }
    if let twice = Dictionary(grouping: all, by: { Array($0.utf8) }).values.first(where: { $0.count > 1 })?.first {
      throw .wrongValue(twice, of: "--choices", expected: "each choice once")
    }
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal)
    let prompts = input.promptFile
    let batch = if let prompts { try await PromptBatch(prompts, input, batch, in: run) } else { PromptBatch?.none }
    let text = batch == nil ? try await run.text(input) : ""
    let open = try await run.open(reference, with: model, cache: cache.type)
    try open.require(.causal, .seq2seq, .masked, for: "choices")
    if open.information.family != .seq2seq {
      for (option, value) in [("--from", from), ("--to", to)] where value != nil {
        throw CommandError.optionWithoutUse(
          option: option, model: reference.description, family: open.information.family)
      }
    }
    var prefix = ""
    if from != nil || to != nil {
      prefix = try await open.engine.translationPrefix(from: from ?? "en", to: to ?? "fr", model: reference)
    }
    if let batch {
      let settings: JSONObject = [
        "choices": .array(all.map { .text($0) }), "unconditional": .bool(unconditional), "prefix": .text(prefix),
        "cache": .text(String(describing: cache.type)),
      ]
      return try await batch.answer(by: reference, settings) { prompt, _ in
        prompt.text
      } finish: { text in
        ["choices": .objects(try await rank(text, prefix, open, run.console).map(\.json))]
      }
    }
    let ranked = try await rank(text, prefix, open, run.console)
    if outputForm == .object {
      try run.console.write(
        ["schema": 1, "choices": .objects(ranked.map(\.json)), "model": .text(reference.description)])
    } else {
      try write(ranked, to: run.console)
    }
    return 0
  }

  /// The choices after a text, best first.
  private func rank(
    _ text: String, _ prefix: String, _ open: OpenModel, _ console: Console
  ) async throws -> [RankedChoice] {
    let ranking = try await open.engine.rank(
      ChoiceRequest(
        all, after: text, prefix: prefix, isUnconditional: unconditional, place: "--choices", model: open.reference,
        open.information))
    if ranking.changesText {
      console.note("some choices change how the end of the text is tokenized; their ids begin before its end")
    }
    return ranking.choices
  }

  private func write(_ choices: [RankedChoice], to console: Console) throws {
    var table = Table(
      [.right("#"), .left("choice"), .right("log p"), .right("per token"), .right("bits/byte")]
        + (unconditional ? [.right("corrected")] : []) + [.right("tokens")])
    for (index, choice) in choices.enumerated() {
      var cells: [Table.Cell] = [
        Cells.count(index + 1), .init(visible(choice.text, glyphs: console.glyphs, keepsSpaces: false)),
        Cells.known(choice.logprob, Cells.number), Cells.known(choice.logprobPerToken, Cells.number),
        Cells.known(choice.bitsPerByte, Cells.number),
      ]
      if unconditional { cells.append(Cells.known(choice.corrected, Cells.number)) }
      table.add(cells + [Cells.count(choice.tokens.count)])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}

extension RankedChoice {
  fileprivate var bitsPerByte: Double? { logprob.map { -$0 / log(2) / Double(text.utf8.count) } }

  fileprivate var json: JSONObject {
    [
      "text": .text(text), "ids": .wholes(tokens.map(\.token.id)), "logprob": .number(logprob),
      "logprob_per_token": .number(logprobPerToken), "bits_per_byte": .number(bitsPerByte),
      "corrected": .number(corrected), "tokens": .objects(tokens.map(\.scoredJSON)),
    ]
  }
}
