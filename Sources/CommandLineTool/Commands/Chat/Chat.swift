import ArgumentParser
import EngineAPI
import JSONText
import Sessions

/// Talks with a model.
struct Chat: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "A dialogue with a model, by its chat template.",
    usage: "triptych chat [<options>]",
    discussion: """
      EXAMPLES
        triptych chat -m ./smollm2
        triptych chat -m ./smollm2 --system "Be brief." --temperature 0.7
        echo "Why is the sea salty?" | triptych chat -m ./smollm2
        triptych chat -m ./smollm2 --messages messages.json --json

      On a terminal and over a pipe, each line is a message; lines that begin with / are commands, and /help lists \
      them. Ctrl-C stops an answer, twice leaves. With --messages the answer is the next message of a \
      conversation; a last message of the assistant is continued. FILE has the form that 'tokenize --chat' reads. A \
      model without a chat template reads a transcript with User: and Assistant: before the messages.
      """)

  @Option(
    help: ArgumentHelp("The system message.", valueName: "text"), transform: OptionValue.text("--system"))
  var system: String?
  @Option(
    help: ArgumentHelp("Answer this conversation, in JSON; - reads standard input.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("--messages"))
  var messages: String?
  @OptionGroup var templates: TemplateOptions
  @Flag(help: "Leave the oldest turns out when the context is full.")
  var dropOldest = false
  @OptionGroup var limits: LimitOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(title: "Sampling") var seedOption: SeedOption
  @OptionGroup(title: "Sampling") var drawing: SampleOption
  @OptionGroup(title: "Sampling") var chain: ChainOptions
  @OptionGroup(title: "Processors") var processors: ProcessorOptions
  @OptionGroup(title: "Speculation") var guessing: SpeculationOptions
  @OptionGroup(title: "Output") var kept: SessionOption
  @OptionGroup(title: "Output") var form: JSONStreamOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  /// A dialogue stops its answers itself.
  var handlesSignals: Bool { messages == nil }

  /// The options that a plan is made of.
  var planOptions: PlanOptions {
    PlanOptions(limits: limits, chain: chain, processors: processors, guessing: guessing, sample: drawing.sample)
  }

  mutating func readSettings(in run: CommandRun) throws(CommandError) { try chain.readPreset(in: run) }

  func check() throws(CommandError) {
    try form.check()
    try templates.check()
    try planOptions.check()
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal, changes)
    let conversation =
      if let messages { try await ConversationFile(messages, system: system, in: run) } else { ConversationFile?.none }
    let template = try await templates.text(in: run)
    let seed = seedOption.seed ?? run.context.randomSeed()
    let saver = try run.saver(kept)
    let open = try await run.open(reference, with: model, cache: cache.type)
    run.noteUnknownKeys(of: open)
    try open.require(.causal, for: "chat", hint: "for encoder-decoder models use 'triptych translate'")
    try open.check(chain)
    try open.check(processors)
    run.noteEndOptions(of: open, chain, processors)
    run.console.note("seed \(seed)")
    saver?.add(open)
    let answerer = ChatAnswerer(
      run: run, open: open, options: planOptions, form: outputForm, seed: seed, template: template,
      templateName: templates.templateName, dropsOldest: dropOldest, tree: ChatTree(saver))
    if let conversation {
      let code = try await conversation.answer(answerer)
      try saver?.close()
      return code
    }
    let dialogue = ChatDialogue(answerer, system: system ?? "")
    let code = try await ChatLoop(dialogue: dialogue, run: run, form: outputForm).run()
    try saver?.close()
    return code
  }
}

/// A chat template in place of the model's own.
struct TemplateOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp("A Jinja template in place of the model's own.", valueName: "file"),
    completion: .file(), transform: OptionValue.text("--template"))
  var template: String?

  @Option(
    help: ArgumentHelp(
      "One of the model's templates (default: tool_use if it has one and there are tools, else default).",
      valueName: "name"),
    transform: OptionValue.text("--template-name"))
  var templateName: String?

  /// Refuses two templates.
  func check() throws(CommandError) {
    guard let template, let templateName else { return }
    throw .conflict("--template \(template)", "--template-name \(templateName)", reason: nil)
  }

  /// The first option that was given.
  var given: String? { template != nil ? "--template" : templateName != nil ? "--template-name" : nil }

  /// The text of the template; `nil` for the model's own.
  func text(in run: CommandRun) async throws(CommandError) -> String? {
    guard let template else { return nil }
    return try await TextInput(context: run.context).whole(file: template)
  }
}

extension CommandRun {
  /// The local time that templates write. `SOURCE_DATE_EPOCH` fixes it, so that a text with the date can be reproduced.
  var templateSeconds: Int {
    let fixed = context.environment["SOURCE_DATE_EPOCH"].flatMap { Int($0) }
    let latest = 1 << 40
    return min(max(fixed ?? context.localSeconds(), -latest), latest)
  }
}
