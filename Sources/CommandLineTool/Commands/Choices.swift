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

  /// The choices after a text, best first. Equal ones stay in their order.
  private func rank(
    _ text: String, _ prefix: String, _ open: OpenModel, _ console: Console
  ) async throws -> [RankedChoice] {
    var places: [(context: ModelContext, spans: [TokenSpan])] = []
    for choice in all { places.append(try await place(of: choice, after: text, prefix, open)) }
    if places.contains(where: { $0.context.ids != places[0].context.ids }) {
      console.note("some choices change how the end of the text is tokenized; their ids begin before its end")
    }
    let conditional = try await scores(places, open)
    var alone: [[ScoredToken]]?
    if unconditional {
      var empty = ModelContext(model: open.reference, ids: [])
      switch open.information.family {
      case .seq2seq: empty.encoderIDs = try await open.tokens("").map(\.token.id)
      case .masked: empty.ids = try await open.tokens(open.mask().text).map(\.token.id)
      default: break
      }
      alone = try await scores(places.map { (empty, $0.spans) }, open)
    }
    let choices = all.indices.map { index in
      RankedChoice(text: all[index], tokens: conditional[index], alone: alone?[index])
    }
    return choices.enumerated().sorted { ($1.element.rankedBy, $0.offset) < ($0.element.rankedBy, $1.offset) }
      .map(\.element)
  }

  /// The tokens of a choice, and the context that they follow.
  private func place(
    of choice: String, after text: String, _ prefix: String, _ open: OpenModel
  ) async throws -> (context: ModelContext, spans: [TokenSpan]) {
    if open.information.family == .masked { return try await place(of: choice, inGapOf: text, open) }
    let isTarget = open.information.family == .seq2seq
    var spans = try await open.tokens(isTarget ? choice : text + choice)
    while let last = spans.last, last.isSpecial, last.range.isEmpty { spans.removeLast() }
    let end = isTarget ? 0 : text.utf8.count
    let first = spans.firstIndex { $0.range.upperBound > end } ?? spans.count
    guard first < spans.count else {
      throw EngineError(
        .input, "a choice without tokens", at: "--choices", expected: "a choice with at least one token of its own",
        found: "'\(choice)'", hint: "the tokenizer of \(open.reference) drops it")
    }
    let before = spans[..<first].map(\.token.id)
    if !isTarget { return (ModelContext(model: open.reference, ids: before), Array(spans[first...])) }
    let source = try await open.tokens(prefix + text).map(\.token.id)
    return (ModelContext(model: open.reference, encoderIDs: source, ids: before), Array(spans[first...]))
  }

  /// The tokens of a choice in the place of a text's mask, and the text with one mask for them.
  private func place(
    of choice: String, inGapOf text: String, _ open: OpenModel
  ) async throws -> (context: ModelContext, spans: [TokenSpan]) {
    let mask = try open.mask()
    let parts = text.split(separator: mask.text, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw EngineError(
        .input, "no single gap to fill", at: "the text", expected: "one mask token \(mask.text)",
        found: "\(parts.count - 1)")
    }
    let start = parts[0].utf8.count
    let range = start..<start + choice.utf8.count
    let spans = try await open.tokens(parts[0] + choice + parts[1])
    let own = spans.indices.filter { spans[$0].range.overlaps(range) && !spans[$0].range.isEmpty }
    guard let first = own.first, let last = own.last else {
      throw EngineError(
        .input, "a choice without tokens", at: "--choices", expected: "a choice with at least one token of its own",
        found: "'\(choice)'", hint: "the tokenizer of \(open.reference) drops it")
    }
    let ids = spans[..<first].map(\.token.id) + [mask.id] + spans[(last + 1)...].map(\.token.id)
    return (ModelContext(model: open.reference, ids: ids), Array(spans[first...last]))
  }

  /// The scored tokens of each choice. Choices with the same context are scored together.
  private func scores(
    _ places: [(context: ModelContext, spans: [TokenSpan])], _ open: OpenModel
  ) async throws -> [[ScoredToken]] {
    var scored = [[ScoredToken]](repeating: [], count: places.count)
    var left = Array(places.indices)
    while let first = left.first {
      let same = left.filter { places[$0].context == places[first].context }
      left.removeAll(where: same.contains)
      let found = try await open.engine.score(
        ContinuationRequest(
          context: places[first].context, continuations: same.map { places[$0].spans.map(\.token.id) }))
      for (index, tokens) in zip(same, found) { scored[index] = tokens }
    }
    return scored
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

/// A choice with its log-probability.
private struct RankedChoice {
  let text: String
  /// Its tokens after the text.
  let tokens: [ScoredToken]
  /// The same tokens after the beginning of text alone; `nil` if that was not asked for.
  let alone: [ScoredToken]?

  /// The natural logarithm of its probability after the text; `nil` if the engine does not know it.
  var logprob: Double? { Self.sum(tokens) }

  var logprobPerToken: Double? { logprob.map { $0 / Double(tokens.count) } }

  var bitsPerByte: Double? { logprob.map { -$0 / log(2) / Double(text.utf8.count) } }

  /// The log-probability minus that after the beginning of text alone.
  var corrected: Double? { logprob.flatMap { sum in alone.flatMap(Self.sum).map { sum - $0 } } }

  /// What choices are ranked by.
  var rankedBy: Double { (alone == nil ? logprob : corrected) ?? -.infinity }

  private static func sum(_ tokens: [ScoredToken]) -> Double? {
    tokens.contains { $0.logprob == nil } ? nil : tokens.reduce(0) { $0 + ($1.logprob ?? 0) }
  }

  var json: JSONObject {
    [
      "text": .text(text), "ids": .wholes(tokens.map(\.token.id)), "logprob": .number(logprob),
      "logprob_per_token": .number(logprobPerToken), "bits_per_byte": .number(bitsPerByte),
      "corrected": .number(corrected), "tokens": .objects(tokens.map(\.scoredJSON)),
    ]
  }
}
