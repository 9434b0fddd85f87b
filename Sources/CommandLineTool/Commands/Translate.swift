import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Translates lines of text.
struct Translate: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translations by beam search, line by line.",
    usage: "triptych translate [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych translate "How are you?"
        triptych translate --from fr --to en "Comment vas-tu ?"
        triptych translate -f letter.txt --num-beams 8 > lettre.txt
        triptych translate "Good morning." --num-return-sequences 4 --json

      Each line of the text is translated on its own, in order; an empty line stays empty.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(help: ArgumentHelp("The language of the text, as a code.", valueName: "code"))
  var from = "en"
  @Option(help: ArgumentHelp("The language to translate to, as a code.", valueName: "code"))
  var to = "fr"
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Put this before each line instead of the model's own task prefix.", valueName: "string"))
  var prefix: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of beams (default: the model's, else \(Limits.defaultBeams)).", valueName: "n"),
    transform: OptionValue.integer("--num-beams", Limits.beams))
  var numBeams: Int?
  @Option(
    name: [.customShort("n"), .customLong("max-tokens"), .customLong("max-new-tokens")], parsing: .unconditional,
    help: ArgumentHelp(
      "At most this many tokens a line (default: the model's, else \(Limits.defaultTokens)).", valueName: "n"),
    transform: OptionValue.integer("-n/--max-tokens", Limits.tokens))
  var maxTokens: Int?
  @Option(
    name: [.customShort("N"), .customLong("num-return-sequences")], parsing: .unconditional,
    help: ArgumentHelp(
      "Candidates for each line (default: the model's, else the best as text, all beams in JSON).", valueName: "n"),
    transform: OptionValue.integer("-N/--num-return-sequences", Limits.beams))
  var returned: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A score is divided by length^x (default: the model's, else 1); above 0 favors longer texts.", valueName: "x"),
    transform: OptionValue.number("--length-penalty", .any))
  var lengthPenalty: Double?
  @Option(
    help: ArgumentHelp("When to stop: true, false or never (default: the model's, else false).", valueName: "when"),
    completion: .list(EarlyStopping.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--early-stopping", as: EarlyStopping.self))
  var earlyStopping: EarlyStopping?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("List the k most probable tokens with each token, in JSON.", valueName: "k"),
    transform: OptionValue.integer("--top-logprobs", Limits.listed))
  var topLogprobs = 0
  @OptionGroup(title: "Processors") var processors: ProcessorOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONStreamOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) { try form.check() }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.seq2seq)
    let text = try await run.text(input)
    let open = try await run.open(reference, with: model, cache: cache.type)
    run.noteUnknownKeys(of: open)
    try open.require(.seq2seq, for: "translate", hint: "for causal models use 'triptych generate'")
    if let keys = open.information.taskKeysWithoutEffect["translation_\(from)_to_\(to)"] {
      run.console.note(
        "task_specific_params of \(reference): no effect, as in transformers 5: \(keys.joined(separator: ", "))")
    }
    let beams = numBeams ?? open.information.decoding.beams.count ?? Limits.defaultBeams
    try open.check(processors)
    if returned == nil, let count = open.information.decoding.beams.returned, count > beams {
      throw GenerationPlan.tooManySequences(in: open.information, beams: beams)
    }
    let isDrawn = open.information.decoding.samples == true
    let plan = try SearchPlan(
      beams: beams, lengthPenalty: lengthPenalty, earlyStopping: earlyStopping, isSampled: isDrawn, open.information)
    let drawSeed = isDrawn ? seed.seed ?? run.context.randomSeed() : nil
    if let drawSeed { run.console.note("seed \(drawSeed)") }
    if let returned, returned > beams {
      throw CommandError.badValue(
        option: "-N/--num-return-sequences", expected: "at most \(beams), the number of beams", found: "\(returned)",
        hint: "give --num-beams \(returned) as well")
    }
    let taskPrefix =
      if let prefix { prefix } else {
        try await open.engine.translationPrefix(from: from, to: to, model: reference)
      }
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    let writer = TranslationWriter(
      console: run.console, form: outputForm, model: reference, shown: shown(open.information) ?? 1)
    var done: [TranslatedLine] = []
    for (index, line) in lines.enumerated() {
      run.console.progress.show("translating", Double(index) / Double(lines.count))
      do {
        done.append(try await translate(line, taskPrefix, plan, seed: drawSeed, open))
      } catch {
        guard CommandError(error) == .interrupted else { throw error }
        try writer.finish(done, interrupted: true)
        return EndSignal.interrupt.exitCode
      }
      if let last = done.last { try writer.write(last) }
    }
    try writer.finish(done, interrupted: false)
    return 0
  }

  /// The number of candidates asked for per line; a default of one in the model's file does not count.
  private func shown(_ information: ModelInformation) -> Int? {
    returned ?? information.decoding.beams.returned.flatMap { $0 > 1 ? $0 : nil }
  }

  private func translate(
    _ line: String, _ prefix: String, _ plan: SearchPlan, seed: UInt64?, _ open: OpenModel
  ) async throws -> TranslatedLine {
    try Task.checkCancellation()
    guard !line.isEmpty else { return TranslatedLine(source: line, completions: []) }
    let information = open.information
    let limit = maxTokens ?? information.decoding.newTokens(after: 1) ?? Limits.defaultTokens
    guard limit > 0 else { throw information.nothingMayFollow(1) }
    let tokens = try await open.tokens(prefix + line)
    let text = TextRequest(
      context: open.context(prompt: tokens.map(\.token.id)),
      settings: processors.applied(to: information.decoding.settings(after: 1)), maxTokens: limit,
      stopStrings: information.decoding.length.stopStrings,
      topCount: min(topLogprobs, information.vocabularySize ?? topLogprobs),
      maxSeconds: information.decoding.length.maxTime)
    let request = plan.request(for: text, returning: shown(information) ?? plan.beams, seed: seed)
    let result = try await open.engine.beamSearch(request, progress: { _ in })
    return TranslatedLine(source: line, completions: result.completions)
  }
}

/// A line and its translations, best first; empty for an empty line.
struct TranslatedLine {
  let source: String
  let completions: [Completion]

  /// `{"source", "text", "score", "tokens", "candidates": [{"text", "score"}]}`.
  var json: JSONObject {
    let best = completions.first
    return [
      "source": .text(source), "text": .text(best?.text ?? ""), "score": .number(best?.score),
      "tokens": .objects((best?.tokens ?? []).map(\.generatedJSON)),
      "candidates": .objects(completions.map { ["text": .text($0.text), "score": .number($0.score)] }),
    ]
  }
}

/// Writes translations in one of the three output forms.
struct TranslationWriter {
  let console: Console
  let form: OutputForm
  let model: ModelReference
  /// The number of candidates per line in text output.
  let shown: Int

  /// Writes a translated line, if the form allows it.
  func write(_ line: TranslatedLine) throws(CommandError) {
    switch form {
    case .object: break
    case .lines: try console.write(JSONObject(["type": "translation"]).followed(by: line.json))
    case .text:
      guard shown > 1, !line.completions.isEmpty else {
        return try console.writeLine(console.modelText(line.completions.first?.text ?? ""))
      }
      var table = Table([.right("score"), .left(line.source.onOneLine)])
      for completion in line.completions.prefix(shown) {
        table.add([Cells.number(completion.score), .init(completion.text.onOneLine)])
      }
      for line in table.lines(console.ink) { try console.writeLine(line) }
    }
  }

  /// Writes the end of the output.
  func finish(_ lines: [TranslatedLine], interrupted: Bool) throws(CommandError) {
    var facts: JSONObject = ["model": .text(model.description)]
    if interrupted { facts["finish_reason"] = .text(FinishReason.interrupted.name) }
    switch form {
    case .text: break
    case .object:
      let head: JSONObject = ["schema": 1, "translations": .objects(lines.map(\.json))]
      try console.write(head.followed(by: facts))
    case .lines:
      let head: JSONObject = ["type": "finished", "schema": 1, "translations": .integer(lines.count)]
      try console.write(head.followed(by: facts))
    }
  }
}
