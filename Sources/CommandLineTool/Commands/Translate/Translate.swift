import ArgumentParser
import EngineAPI
import JSONText
import Sessions
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
        triptych translate "How are you?" --begin "Comment" --align --back

      Each line of the text is translated on its own, in order; an empty line stays empty.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @OptionGroup(title: "Text") var batch: BatchOptions
  @Option(help: ArgumentHelp("The language of the text, as a code.", valueName: "code"))
  var from = "en"
  @Option(help: ArgumentHelp("The language to translate to, as a code.", valueName: "code"))
  var to = "fr"
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Put this before each line instead of the model's own task prefix.", valueName: "string"))
  var prefix: String?
  @OptionGroup var search: RewritingOptions
  @OptionGroup(title: "In depth") var depth: TranslationDepthOptions
  @OptionGroup(title: "Processors") var processors: ProcessorOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var kept: SessionOption
  @OptionGroup(title: "Output") var form: JSONStreamOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    try form.check()
    try batch.check(input)
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.seq2seq, changes)
    let prompts = input.promptFile
    let batch = if let prompts { try await PromptBatch(prompts, input, batch, in: run) } else { PromptBatch?.none }
    let text = batch == nil ? try await run.text(input) : ""
    let saver = try run.saver(kept)
    let open = try await run.open(reference, with: model, cache: cache.type)
    run.noteUnknownKeys(of: open)
    try open.require(.seq2seq, for: "translate", hint: "for causal models use 'triptych generate'")
    if let keys = open.information.taskKeysWithoutEffect["translation_\(from)_to_\(to)"] {
      run.console.note(
        "task_specific_params of \(reference): no effect, as in transformers 5: \(keys.joined(separator: ", "))")
    }
    run.noteEndOptions(of: open, nil, processors)
    let rewriter = try Rewriter(open, search, processors) { batch?.earlierSeed ?? seed.drawn(in: run) }
    let taskPrefix =
      if let prefix { prefix } else {
        try await open.engine.translationPrefix(from: from, to: to, model: reference)
      }
    saver?.add(open)
    let code: Int32
    if let batch {
      var settings = rewriter.json
      for (key, value) in [("from", from), ("to", to), ("prefix", taskPrefix)] { settings[key] = .text(value) }
      if let begin = depth.begin { settings["begin"] = .text(begin) }
      if depth.align { settings["align"] = true }
      if depth.back { settings["back"] = true }
      settings["cache"] = .text(String(describing: cache.type))
      code = try await batch.answer(by: reference, settings) { prompt, _ in
        prompt.text
      } finish: { text in
        var texts: [JSONObject] = []
        for line in Self.lines(text) {
          var json = try await translate(line, taskPrefix, rewriter, open, saver).json
          if outputForm == .text { json["tokens"] = nil }
          texts.append(json)
        }
        let head: JSONObject = rewriter.seed.map { ["seed": .integer(Int(clamping: $0))] } ?? JSONObject()
        return head.followed(by: ["translations": .objects(texts)])
      }
    } else {
      code = try await write(text, taskPrefix, rewriter, open, saver, in: run)
    }
    try saver?.close()
    return code
  }

  private static func lines(_ text: String) -> [String] {
    text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(Substring($0)) }
  }

  /// Translates a text line by line and writes each translation. Returns the exit code.
  private func write(
    _ text: String, _ prefix: String, _ rewriter: Rewriter, _ open: OpenModel, _ saver: SessionSaver?,
    in run: CommandRun
  ) async throws -> Int32 {
    let lines = Self.lines(text)
    let writer = RewritingWriter(
      kind: .translation, console: run.console, form: outputForm, model: open.reference, shown: rewriter.asked ?? 1)
    var done: [RewrittenText] = []
    for (index, line) in lines.enumerated() {
      run.console.progress.show("translating", Double(index) / Double(lines.count))
      do {
        try Task.checkCancellation()
        done.append(try await translate(line, prefix, rewriter, open, saver))
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

  /// Translates a line. An empty line stays empty.
  private func translate(
    _ line: String, _ prefix: String, _ rewriter: Rewriter, _ open: OpenModel, _ saver: SessionSaver?
  ) async throws -> RewrittenText {
    if line.isEmpty { return RewrittenText(source: line, completions: []) }
    let tokens = try await open.tokens(prefix + line)
    let source = tokens.map(\.token.id)
    let begun = try await begun(source, open)
    let (request, result) = try await rewriter.rewrite(source, after: begun)
    var given = begun.isEmpty ? [] : try await open.engine.tokens(of: begun, model: open.reference)
    // A piece at the start of a word has a space, which a text does not begin with.
    if given.first?.bytes.first == UInt8(ascii: " ") { given[0].bytes.removeFirst() }
    saver?.add(
      result.completions.map { ($0.tokens, Outcome($0.finishReason, timing: result.timing, score: $0.score)) },
      translating: line, prefix, tokens, .translation(from: from, to: to, model: open.reference),
      after: given, by: .beam(request))
    var text = RewrittenText(source: line, completions: result.completions)
    text.begin = begun.isEmpty ? "" : depth.begin ?? ""
    if depth.isDeep, let best = result.completions.first {
      let values = given + best.tokens.map(\.token)
      text.depth = try await deepen(
        line, prefix, source: tokens, target: values, text: text.text(of: best), request, open)
    }
    return text
  }
}
