import ArgumentParser
import EngineAPI
import JSONText

/// Summarizes a text.
struct Summarize: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summarize",
    abstract: "A summary of a text by beam search.",
    usage: "triptych summarize [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych summarize -m ./bart-large-cnn -f article.txt
        triptych summarize -m ./t5-small -f article.txt --num-beams 8 --json
        triptych summarize --prefix "tl;dr: " "The king had a boat." -n 20

      The whole text is one source, of as many lines as it has. Prefix, length and beams are the model's own: \
      task_specific_params.summarization of its config.json, else its generation_config.json.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Put this before the text instead of the model's own prefix.", valueName: "string"))
  var prefix: String?
  @Flag(help: "Summarize only the beginning of a text that is longer than the model's context.")
  var truncate = false
  @OptionGroup var search: RewritingOptions
  @OptionGroup(title: "Processors") var processors: ProcessorOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONStreamOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) { try form.check() }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.seq2seq, changes)
    let text = try await run.text(input)
    var open = try await run.open(reference, with: model, cache: cache.type)
    run.noteUnknownKeys(of: open)
    try open.require(.seq2seq, for: "summarize", hint: "for causal models use 'triptych generate'")
    let settings = try await open.engine.summarySettings(prefix: prefix, model: reference)
    if !settings.keysWithoutEffect.isEmpty {
      run.console.note(
        "task_specific_params of \(reference): no effect: \(settings.keysWithoutEffect.joined(separator: ", "))")
    }
    open.information.decoding = settings.decoding
    guard !text.isEmpty else {
      throw EngineError(.input, "the text is empty", at: "the text", expected: "a text to summarize", found: "none")
    }
    run.noteEndOptions(of: open, nil, processors)
    let rewriter = try Rewriter(open, search, processors) { seed.drawn(in: run) }
    let (ids, count) = try source(try await open.tokens(settings.prefix + text), open.information)
    if ids.count < count {
      run.console.note("the text has \(count) tokens: only the first \(ids.count) are summarized")
    }
    let writer = RewritingWriter(
      kind: .summary, console: run.console, form: outputForm, model: reference, shown: rewriter.asked ?? 1)
    let progress = run.console.progress
    do {
      let completions = try await rewriter.rewrite(ids) { progress.show("summarizing", $0) }.result.completions
      progress.clear()
      let summary = RewrittenText(source: text, completions: completions, isCut: ids.count < count)
      try writer.write(summary)
      try writer.finish([summary], interrupted: false)
      return 0
    } catch {
      guard CommandError(error) == .interrupted else { throw error }
      progress.clear()
      try writer.finish([], interrupted: true)
      return EndSignal.interrupt.exitCode
    }
  }

  /// The ids that the model reads, and how many the whole text has. Tokens are left out at the end of the text, before
  /// the special tokens that the tokenizer adds there.
  private func source(_ tokens: [TokenSpan], _ model: ModelInformation) throws -> (ids: [Int], count: Int) {
    let ids = tokens.map(\.token.id)
    guard let limit = model.contextLength, ids.count > limit else { return (ids, ids.count) }
    guard truncate else {
      throw EngineError(
        .input, "the text is too long", at: "model '\(model.reference)'", expected: "at most \(limit) tokens",
        found: "\(ids.count)", hint: "shorten the text, or give --truncate to summarize its beginning")
    }
    let end = tokens.reversed().prefix { $0.isSpecial && $0.range.isEmpty }.count
    return (Array(ids.prefix(max(limit - end, 0)) + ids.suffix(min(end, limit))), ids.count)
  }
}
