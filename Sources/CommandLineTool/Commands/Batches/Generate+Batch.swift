import EngineAPI
import JSONText

extension Generate {
  /// The number of texts that are generated together. They do not depend on it.
  private static let sideBySide = 32

  /// Answers a file of prompts.
  func answer(prompts path: String, by reference: ModelReference, in run: CommandRun) async throws -> Int32 {
    let batch = try await PromptBatch(path, input, batch, in: run)
    let seed = seedOption.seed ?? batch.earlierSeed ?? run.context.randomSeed()
    let saver = try run.saver(kept)
    let open = try await open(reference, in: run)
    run.console.note("seed \(seed)")
    saver?.add(open)
    let (shared, settings) = try settings(planOptions, open, seed: seed)
    let ahead = shared.search.beams > 1 ? 1 : max(1, Self.sideBySide / shared.sequences)
    let hasTokens = outputForm != .text
    let code = try await batch.answer(by: open.reference, settings, seed: seed, ahead: ahead) { prompt, index in
      let tokens = try await open.tokens(prompt.text)
      let seed = batch.seed(seed, index)
      let plan = try plan(
        open, open.context(prompt: tokens.map(\.token.id)), promptCount: tokens.count, seed: seed)
      var generation = GenerationRun(
        open: open, plan: plan, writer: CompletionWriter(console: run.console, form: .object, total: plan.sequences),
        prompt: "", saved: saver.map { SavedPrompt($0, prompt.text, tokens, of: open) })
      generation.begin()
      return (generation, GenerationReport(model: reference, seed: seed, text: prompt.text))
    } finish: { generation, report in
      var report = report
      try await generation.run(into: &report)
      guard !report.isInterrupted else { throw CommandError.interrupted }
      return ["completions": .objects(report.completions.map { $0.json(tokens: hasTokens) })]
    }
    try saver?.close()
    return code
  }

  /// Answers a file of conversations.
  func answer(conversations path: String, by reference: ModelReference, in run: CommandRun) async throws -> Int32 {
    let batch = try await ConversationBatch(path, batch, in: run)
    let seed = seedOption.seed ?? batch.earlierSeed ?? run.context.randomSeed()
    let saver = try run.saver(kept)
    let open = try await open(reference, in: run, families: [.causal], command: "generate --chat")
    run.console.note("seed \(seed)")
    saver?.add(open)
    var options = planOptions
    (options.beams, options.returned) = (nil, nil)
    let settings = try settings(options, open, seed: seed).json
    let answerer = ChatAnswerer(
      run: run, open: open, options: options, form: outputForm, seed: seed, template: nil, templateName: nil,
      dropsOldest: false, tree: ChatTree(saver))
    var isTold = false
    let code = try await batch.answer(by: open.reference, settings, seed: seed, ahead: Self.sideBySide) { line, index in
      let file = line.conversation
      let prompt = try await answerer.prompt(answerer.request(file.conversation, at: file.place))
      if prompt.isTranscript, !isTold { answerer.noteTranscript() }
      isTold = true
      let place = answerer.tree.with { file.add(to: &$0, prompt, open.reference) }
      let start = try answerer.start(prompt, at: place, seed: batch.seed(seed, index))
      return (prompt, start, open.engine.generate(start.plan.request))
    } finish: { prompt, start, stream in
      var writer: AnswerWriter?
      let answer = try await answerer.follow(stream, start, &writer)
      guard !answer.report.isInterrupted else { throw CommandError.interrupted }
      return answerer.json(answer, prompt)
    }
    try saver?.close()
    return code
  }

  /// What all plans share, the plan for a prompt of one token, and the settings that the answers depend on.
  private func settings(
    _ options: PlanOptions, _ open: OpenModel, seed: UInt64
  ) throws(CommandError) -> (plan: GenerationPlan, json: JSONObject) {
    let shared = try GenerationPlan(options, open.information, open.context(prompt: []), promptCount: 1, seed: seed)
    var settings = shared.json
    settings["seed"] = .integer(Int(clamping: seed))
    settings["cache"] = .text(String(describing: cache.type))
    settings["max_tokens"] = limits.maxTokens.map { .integer($0) } ?? .null
    return (shared, settings)
  }

  /// The plan for a prompt.
  private func plan(
    _ open: OpenModel, _ context: ModelContext, promptCount: Int, seed: UInt64
  ) throws(CommandError) -> GenerationPlan {
    try GenerationPlan(planOptions, open.information, context, promptCount: promptCount, seed: seed)
  }
}
