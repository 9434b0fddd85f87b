import EngineAPI
import JSONText

extension Generate {
  /// The number of texts that are generated together. They do not depend on it.
  private static let sideBySide = 32

  /// Answers a file of prompts.
  func answer(prompts path: String, by reference: ModelReference, in run: CommandRun) async throws -> Int32 {
    let batch = try await Batch(path, input, batch, in: run)
    let seed = seedOption.seed ?? batch.earlierSeed ?? run.context.randomSeed()
    let saver = try run.saver(kept)
    let open = try await open(reference, in: run)
    run.console.note("seed \(seed)")
    saver?.add(open)
    // What all plans share: the plan for a prompt of one token.
    let shared = try plan(open, open.context(prompt: []), promptCount: 1, seed: seed)
    var settings = shared.json
    settings["seed"] = .integer(Int(clamping: seed))
    settings["cache"] = .text(String(describing: cache.type))
    settings["max_tokens"] = limits.maxTokens.map { .integer($0) } ?? .null
    let ahead = shared.search.beams > 1 ? 1 : max(1, Self.sideBySide / shared.sequences)
    let hasTokens = outputForm != .text
    let code = try await batch.answer(by: open.reference, settings, ahead: ahead) { prompt, index in
      let tokens = try await open.tokens(prompt.text)
      let seed = Batch.seed(seed, index)
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
      return [
        "seed": .integer(Int(clamping: report.seed)),
        "completions": .objects(report.completions.map { $0.json(tokens: hasTokens) }),
      ]
    }
    try saver?.close()
    return code
  }

  /// The plan for a prompt.
  private func plan(
    _ open: OpenModel, _ context: ModelContext, promptCount: Int, seed: UInt64
  ) throws(CommandError) -> GenerationPlan {
    try GenerationPlan(planOptions, open.information, context, promptCount: promptCount, seed: seed)
  }
}
