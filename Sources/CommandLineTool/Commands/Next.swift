import ArgumentParser
import EngineAPI
import JSONText
import Sampling
import TerminalUI

/// Shows the distribution of the next token and the effect of each sampler stage.
struct Next: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next",
    abstract: "The next-token distribution, and what each stage of the sampler chain does to it.",
    usage: "triptych next [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych next "Once upon a time there"
        triptych next "She opened the" --temp 0.7 --top-p 0.9 --top-logprobs 20
        triptych next -f prompt.txt --samplers top-k,temperature --top-k 40 --json

      Log-probabilities and ranks are the model's own; the stages show the probabilities after each.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many tokens to list (default: \(Limits.defaultListed)).", valueName: "k"),
    transform: OptionValue.integer("--top-logprobs", Limits.listed))
  var topLogprobs = Limits.defaultListed
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(title: "Model") var cache: CacheOption
  @OptionGroup(title: "Sampler chain") var chain: ChainOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  mutating func readSettings(in run: CommandRun) throws(CommandError) { try chain.readPreset(in: run) }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal, changes)
    let text = try await run.text(input)
    let open = try await run.open(reference, with: model, cache: cache.type)
    run.noteUnknownKeys(of: open)
    try open.require(.causal, .seq2seq, for: "next", hint: "for masked models use 'triptych fill-mask'")
    try open.check(chain)
    run.noteEndOptions(of: open, chain)
    let prompt = try await open.tokens(text).map(\.token)
    let context = open.context(prompt: prompt.map(\.id))
    let answer = try await open.engine.distribution(
      DistributionRequest(
        context: context, position: context.ids.count,
        settings: chain.settings(
          over: open.information.decoding.settings(
            after: open.information.startCount(promptCount: context.ids.count))),
        window: 0..<open.listed(topLogprobs)))
    if outputForm == .object {
      try run.console.write(json(answer, prompt, reference))
    } else {
      try write(answer, to: run.console)
    }
    return 0
  }

  private func json(_ answer: DistributionAnswer, _ prompt: [TokenValue], _ model: ModelReference) -> JSONObject {
    let stages = answer.stages.map { stages in
      JSONValue.objects(
        stages.map { stage in
          var stage = stage
          stage.top = Array(stage.top.prefix(topLogprobs))
          return stage.json
        })
    }
    let object: JSONObject = [
      "schema": 1, "tokens": .objects(prompt.map(\.json)), "entropy": .number(answer.entropy),
      "vocabulary_size": .whole(answer.vocabularySize),
      "top": .objects(answer.candidates.map(\.ranked.rankedJSON)), "stages": stages ?? .null,
      "model": .text(model.description),
    ]
    return object.followed(by: answer.coverage.json)
  }

  private func write(_ answer: DistributionAnswer, to console: Console) throws {
    let entropy = answer.entropy.map { "\(NumberText.fixed($0, decimals: 2)) bits" } ?? "not known"
    let size = answer.vocabularySize.map { "\(NumberText.grouped($0)) tokens" } ?? "a vocabulary of unknown size"
    let known = answer.coverage.words(glyphs: console.glyphs).map { "; known: \($0)" } ?? ""
    try console.writeLine(console.ink("model: entropy \(entropy) over \(size)\(known)", .heading))
    var candidates = Table([
      .right("#"), .left("token"), .left(""), .right("prob."), .right("log p"), .right("after chain"), .left(""),
    ])
    for candidate in answer.candidates {
      let ranked = candidate.ranked
      candidates.add([
        Cells.known(ranked.rank, Cells.count),
        Cells.token(ranked.token, glyphs: console.glyphs, logprob: ranked.logprob),
        Cells.bar(ranked.logprob, glyphs: console.glyphs), Cells.known(ranked.logprob, Cells.percent(_:)),
        Cells.known(ranked.logprob, Cells.number),
        candidate.removedBy == nil ? Cells.known(candidate.chainProbability, Cells.percent(probability:)) : "-",
        .init(candidate.removedBy.map { "removed by \($0.rawValue)" } ?? "", .dim),
      ])
    }
    for line in candidates.lines(console.ink) { try console.writeLine(line) }
    try console.writeLine()
    try console.writeLine(console.ink("chain", .heading))
    guard let summaries = answer.stages else {
      return try console.writeLine("what the stages do is not known")
    }
    var stages = Table([
      .left("stage"), .right("kept"), .right("removed"), .right("entropy"), .left("first"), .right("prob."),
    ])
    for stage in summaries {
      stages.add([
        .init(stage.stage.rawValue), .init(NumberText.grouped(stage.kept)), .init(NumberText.grouped(stage.removed)),
        Cells.number(stage.entropy), stage.top.first.map { Cells.token($0.token, glyphs: console.glyphs) } ?? "",
        stage.top.first.map { Cells.percent(probability: $0.probability) } ?? "",
      ])
    }
    for line in stages.lines(console.ink) { try console.writeLine(line) }
    try writeWaterfall(answer, to: console)
  }

  /// The candidates after each step of the chain, one column a step.
  private func writeWaterfall(_ answer: DistributionAnswer, to console: Console) throws {
    guard answer.steps.count > 1 else { return }
    try console.writeLine()
    try console.writeLine(console.ink("step by step", .heading))
    let names = answer.steps.map { step in
      switch step.kind {
      case .model: "model"
      case .rules: "rules"
      case .stage(let stage): stage.rawValue
      }
    }
    var table = Table([.left("token")] + names.map { .right($0) })
    for candidate in answer.candidates {
      let cells = candidate.steps.enumerated().map { index, probability -> Table.Cell in
        if probability > 0 { return Cells.percent(probability: probability) }
        // The step that removes the token says so; the cells after it are empty.
        let isRemoval = index > 0 && candidate.steps[index - 1] > 0
        return .init(isRemoval ? "removed" : index == 0 ? "0" : "", .dim)
      }
      table.add([Cells.token(candidate.ranked.token, glyphs: console.glyphs)] + cells)
    }
    table.add([.init("kept", .dim)] + answer.steps.map { .init(NumberText.grouped($0.kept), .dim) })
    table.add([.init("bits", .dim)] + answer.steps.map { .init(NumberText.fixed($0.entropy, decimals: 2), .dim) })
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}
