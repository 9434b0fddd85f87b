import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// Continues a text.
struct Generate: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Text that continues a prompt, by sampling or beam search.",
    usage: "triptych generate [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych generate "Once upon a time"
        triptych generate "The king" --temperature 0.8 --top-p 0.95 --seed 7 -n 60
        triptych generate -m ./gpt2 -f prompt.txt --num-beams 4 -N 2 --json
        triptych generate "A poor fox" --draft storyteller-mini --prompt-lookup
        echo "The old woman" | triptych generate --stop . --jsonl --top-logprobs 5
        triptych generate -f prompts.jsonl -n 40 --seed 7 > texts.jsonl
        triptych generate -m ./smollm2 --chat conversations.jsonl > answers.jsonl

      Options that are not given come from the model's generation_config.json, then from the defaults below. \
      The same seed, model, number format and options give the same text on every machine and any number of threads.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    help: ArgumentHelp(
      "Answer the conversations of a file, a JSON list of messages in each line, with a line of JSON each.",
      valueName: "file"),
    completion: .file(), transform: OptionValue.text("--chat"))
  var chat: String?
  @OptionGroup(title: "Text") var batch: BatchOptions
  @OptionGroup var limits: LimitOptions
  @Option(
    name: [.customShort("N"), .customLong("num-return-sequences")], parsing: .unconditional,
    help: ArgumentHelp("How many texts; with beams the best n (default: the model's, else 1).", valueName: "n"),
    transform: OptionValue.integer("-N/--num-return-sequences", Limits.sequences))
  var returned: Int?
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(title: "Sampling") var seedOption: SeedOption
  @OptionGroup(title: "Sampling") var drawing: SampleOption
  @OptionGroup(title: "Sampling") var chain: ChainOptions
  @OptionGroup(title: "Processors") var processors: ProcessorOptions
  @OptionGroup(title: "Beam search") var beams: BeamOptions
  @OptionGroup(title: "Speculation") var guessing: SpeculationOptions
  @OptionGroup(title: "Output") var kept: SessionOption
  @OptionGroup(title: "Output") var form: JSONStreamOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  /// Whether to sample even if `generation_config.json` says otherwise.
  var sample: Bool { drawing.sample }

  /// The options that a plan is made of.
  var planOptions: PlanOptions {
    PlanOptions(
      limits: limits, chain: chain, processors: processors, guessing: guessing, sample: sample, beams: beams,
      returned: returned)
  }

  mutating func readSettings(in run: CommandRun) throws(CommandError) { try chain.readPreset(in: run) }

  func check() throws(CommandError) {
    try form.check()
    try planOptions.check()
    try batch.check(input, chat: chat)
    if let chat {
      let given = input.file.map { "-f \($0)" } ?? input.text.map { _ in "a text" }
      if let other = given ?? returned.map({ "-N \($0)" }) ?? beams.numBeams.map({ "--num-beams \($0)" }) {
        throw CommandError.conflict("--chat \(chat)", other, reason: "each conversation has one answer")
      }
    }
    guard let count = beams.numBeams, count > 1 else { return }
    if let option = guessing.given {
      throw CommandError.conflict("--num-beams \(count)", option, reason: "beam search does not use guesses")
    }
    if let returned, returned > count { throw CommandError.tooManySequences(returned, beams: count) }
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal, changes)
    if let chat { return try await answer(conversations: chat, by: reference, in: run) }
    if let prompts = input.promptFile { return try await answer(prompts: prompts, by: reference, in: run) }
    let text = try await run.text(input)
    let seed = seedOption.seed ?? run.context.randomSeed()
    let saver = try run.saver(kept)
    var report = GenerationReport(model: reference, seed: seed, text: text)
    var writer = CompletionWriter(console: run.console, form: outputForm, total: returned ?? 1)
    do {
      let open = try await open(reference, in: run)
      let prompt = try await open.tokens(text)
      let context = open.context(prompt: prompt.map(\.token.id))
      let plan = try GenerationPlan(planOptions, open.information, context, promptCount: prompt.count, seed: seed)
      writer.total = plan.sequences
      report.begin(plan, prompt.map(\.token), loadSeconds: open.information.loadSeconds)
      run.console.note("seed \(seed)")
      saver?.add(open)
      let generation = GenerationRun(
        open: open, plan: plan, writer: writer, prompt: open.information.family == .causal ? text : "",
        saved: saver.map { SavedPrompt($0, text, prompt, of: open) })
      try await generation.run(into: &report)
    } catch {
      guard CommandError(error) == .interrupted else { throw error }
      report.interrupt()
    }
    try writer.finish(report)
    try saver?.close()
    return report.isInterrupted ? EndSignal.interrupt.exitCode : 0
  }
}

extension Generate {
  /// Opens the model and checks the options against it.
  func open(
    _ reference: ModelReference, in run: CommandRun, families: [ModelFamily] = [.causal, .seq2seq],
    command: String = "generate"
  ) async throws -> OpenModel {
    let open = try await run.open(reference, with: model, cache: cache.type)
    run.noteUnknownKeys(of: open)
    let other =
      families.contains(.seq2seq)
      ? "masked models use 'triptych fill-mask'" : "encoder-decoder models use 'triptych translate'"
    try open.require(families, for: command, hint: "for \(other)")
    try open.check(chain)
    try open.check(processors)
    run.noteEndOptions(of: open, chain, processors)
    return open
  }
}

/// Writes texts as they are generated, in one of the three output forms.
struct CompletionWriter {
  let console: Console
  let form: OutputForm
  /// The number of texts.
  var total: Int

  /// Starts a text. A terminal shows the prompt before it; a pipe gets the new text only.
  func begin(_ number: Int, prompt: String, score: Double? = nil) throws(CommandError) {
    guard form == .text else { return }
    if total > 1 {
      let dash = console.glyphs.rule + console.glyphs.rule
      let value = score.map { " \(console.glyphs.separator) score \(NumberText.fixed($0, decimals: 4))" } ?? ""
      try console.writeLine(console.ink("\(dash) \(number + 1) of \(total)\(value) \(dash)", .heading))
    }
    if console.isTerminal, !prompt.isEmpty { try console.write(console.ink(prompt.safeForTerminal, .dim)) }
  }

  /// Writes a token and the text that became final with it.
  func write(_ token: ScoredToken, text: String, sequence: Int) throws(CommandError) {
    switch form {
    case .object: break
    case .lines:
      let head: JSONObject = ["type": "token", "sequence": .integer(sequence)]
      try console.write(head.followed(by: token.generatedJSON))
    case .text:
      if !text.isEmpty { try console.write(console.ink(console.modelText(text), probability: token.logprob)) }
    }
  }

  /// Writes text without a token: text held back, or all of it.
  func write(_ text: String) throws(CommandError) {
    if form == .text, !text.isEmpty { try console.write(console.modelText(text)) }
  }

  /// Ends a text with a newline.
  func end() throws(CommandError) {
    if form == .text { try console.writeLine() }
  }

  /// Writes the end of the output.
  func finish(_ report: GenerationReport) throws(CommandError) {
    if form != .text, report.ending == .time { console.note("ended by \(FinishReason.time.words)") }
    switch form {
    case .object: try console.write(report.json)
    case .lines: try console.write(report.lastLine)
    case .text:
      let speed = report.tokensPerSecond.map { ", \(NumberText.rate($0))" } ?? ""
      let ending = report.ending.map { ", ended by \($0.words)" } ?? ""
      let guesses =
        report.guesses.map { made, right in
          let share = NumberText.fixed(Double(right) / Double(made) * 100, decimals: 0)
          return ", \(share) % of \(NumberText.grouped(made)) guesses right"
        } ?? ""
      console.note("\(NumberText.counted(report.tokens, "token"))\(speed)\(ending)\(guesses)")
    }
  }
}

extension FinishReason {
  /// The reason in words.
  fileprivate var words: String {
    switch self {
    case .stop: "a stop string"
    case .length: "the limit of tokens"
    case .time: "the limit of time"
    case .endOfText: "end of text"
    case .interrupted: "a signal"
    case .failed: "an error"
    }
  }
}
