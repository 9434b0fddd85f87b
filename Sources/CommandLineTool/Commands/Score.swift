import ArgumentParser
import EngineAPI
import JSONText
import Platform
import TerminalUI

/// Shows the probability of each token of a text.
struct Score: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Every token of a text under the model: log-probability, rank, entropy.",
    usage: "triptych score [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych score "It was the best of times."
        triptych score -f story.txt --stride 128 --json
        triptych score -m interpreter "How are you?" --target "Comment allez-vous ?"

      Masked models give the pseudo-log-likelihood, one token masked at a time.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @OptionGroup(title: "Text") var batch: BatchOptions
  @Option(help: ArgumentHelp("The text to score with an encoder-decoder model; TEXT is its input.", valueName: "text"))
  var target: String?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("List the k most probable tokens at each position.", valueName: "k"),
    transform: OptionValue.integer("--top-logprobs", Limits.listed))
  var topLogprobs = 0
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens by which the window moves over a long text (default: half the context).", valueName: "n"),
    transform: OptionValue.integer("--stride", Limits.stride))
  var stride: Int?
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
    if let target, let file = input.promptFile {
      throw .conflict("--target \(target)", "-f \(file)", reason: "each prompt has a target of its own")
    }
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.causal, changes)
    let prompts = input.promptFile
    let batch = if let prompts { try await PromptBatch(prompts, input, batch, in: run) } else { PromptBatch?.none }
    let text = batch == nil ? try await run.text(input) : ""
    let saver = try run.saver(kept)
    let open = try await run.open(reference, with: model, cache: cache.type)
    saver?.add(open)
    var code: Int32 = 0
    if let batch {
      let settings: JSONObject = [
        "stride": stride.map { .integer($0) } ?? .null, "top_logprobs": .integer(topLogprobs),
        "cache": .text(String(describing: cache.type)),
      ]
      code = try await batch.answer(by: reference, settings) { prompt, _ in
        prompt
      } finish: { prompt in
        let (tokens, summary) = try await score(prompt.text, prompt.target, open, saver) { _ in }
        let head: JSONObject =
          outputForm == .text ? JSONObject() : ["tokens": .objects(tokens.map(\.scoredJSON))]
        return head.followed(by: summary.json)
      }
    } else {
      let progress = run.console.progress
      let (tokens, summary) = try await score(text, target, open, saver) { progress.show("scoring", $0) }
      try write(tokens, summary, of: reference, to: run.console)
    }
    try saver?.close()
    return code
  }

  /// Scores a text and adds it to the session.
  private func score(
    _ text: String, _ target: String?, _ open: OpenModel, _ saver: SessionSaver?,
    progress: @escaping @Sendable (Double) -> Void
  ) async throws -> ([ScoredToken], ScoreSummary) {
    let (context, spans) = try await scored(text, target, open)
    let request = ScoreRequest(context: context, topCount: open.listed(topLogprobs), stride: stride)
    let tokens = try await open.engine.score(request, progress: progress)
    if let saver {
      let source = target == nil ? nil : (text: text, spans: try await open.tokens(text))
      saver.add(tokens, of: target ?? text, spans, source: source, open.reference)
    }
    return (tokens, ScoreSummary(tokens, ranges: spans.map(\.range)))
  }

  /// Writes a scored text in one of the three output forms.
  private func write(
    _ tokens: [ScoredToken], _ summary: ScoreSummary, of reference: ModelReference, to console: Console
  ) throws {
    switch outputForm {
    case .text: try write(tokens, summary, to: console)
    case .object:
      let head: JSONObject = ["schema": 1, "tokens": .objects(tokens.map(\.scoredJSON))]
      try console.write(head.followed(by: summary.json).followed(by: ["model": .text(reference.description)]))
    case .lines:
      for token in tokens { try console.write(JSONObject(["type": "token"]).followed(by: token.scoredJSON)) }
      let head: JSONObject = ["type": "finished", "schema": 1]
      try console.write(head.followed(by: summary.json).followed(by: ["model": .text(reference.description)]))
    }
  }

  /// The context to score, and the positions of its tokens in the text.
  private func scored(_ text: String, _ target: String?, _ open: OpenModel) async throws -> (ModelContext, [TokenSpan])
  {
    let spans = try await open.tokens(text)
    let family = open.information.family
    switch (family, target) {
    case (.seq2seq, let target?):
      let targetSpans = try await open.tokens(target)
      let context = ModelContext(
        model: open.reference, encoderIDs: spans.map(\.token.id), ids: targetSpans.map(\.token.id))
      return (context, targetSpans)
    case (.seq2seq, nil):
      throw CommandError.missingOption(option: "--target", model: open.reference.description, family: family)
    case (_, .some):
      throw CommandError.optionWithoutUse(option: "--target", model: open.reference.description, family: family)
    case (_, nil): return (ModelContext(model: open.reference, ids: spans.map(\.token.id)), spans)
    }
  }

  private func write(_ tokens: [ScoredToken], _ summary: ScoreSummary, to console: Console) throws {
    let titles: [Table.Column] = [
      .right("#"), .left("token"), .right("prob."), .right("log p"), .right("rank"), .right("entropy"),
    ]
    var table = Table(titles + (topLogprobs > 0 ? [.left("instead")] : []))
    for (index, token) in tokens.enumerated() {
      let cells: [Table.Cell] = [
        Cells.count(index), Cells.token(token.token, glyphs: console.glyphs, logprob: token.logprob),
        token.cell(token.logprob, Cells.percent(_:)), token.cell(token.logprob, Cells.number),
        token.cell(token.rank, Cells.count), token.cell(token.entropy, Cells.number),
      ]
      let others = token.top.map { Cells.token($0.token, glyphs: console.glyphs).text }
      table.add(cells + (topLogprobs > 0 ? [.init(others.joined(separator: "  "), .dim)] : []))
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
    try console.writeLine()
    for line in summary.lines { try console.writeLine(line) }
  }
}

/// The summary of a scored text.
struct ScoreSummary {
  /// The sum of the natural log probabilities of the scored tokens; `nil` if the engine does not know one of them.
  let totalLogprob: Double?
  /// The number of scored tokens.
  let scoredTokens: Int
  /// The bytes of the text covered by scored tokens, each counted once.
  let scoredBytes: Int

  /// Computes the figures. Tokens that share a character may share its bytes.
  init(_ tokens: [ScoredToken], ranges: [Range<Int>]) {
    var total = 0.0
    var count = 0
    var covered: [Range<Int>] = []
    for (index, token) in tokens.enumerated() {
      guard let logprob = token.logprob else { continue }
      total += logprob
      count += 1
      if index < ranges.count { covered.append(ranges[index]) }
    }
    // A sum without the unknown terms would be a better score than the text has.
    let isKnown = tokens.allSatisfy { $0.logprob != nil || $0.coverage == .whole }
    totalLogprob = isKnown ? total : nil
    scoredTokens = count
    var end = 0
    var bytes = 0
    for range in covered.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > end {
      bytes += range.upperBound - max(end, range.lowerBound)
      end = range.upperBound
    }
    scoredBytes = bytes
  }

  /// Perplexity: exp of the mean surprisal; `nil` if nothing was scored or the total is not known.
  var perplexity: Double? { totalLogprob.flatMap { scoredTokens > 0 ? exp(-$0 / Double(scoredTokens)) : nil } }

  /// Bits per byte of the text; `nil` if the tokens cover none or the total is not known.
  var bitsPerByte: Double? { totalLogprob.flatMap { scoredBytes > 0 ? -$0 / log(2) / Double(scoredBytes) : nil } }

  /// `{"total_logprob", "scored_tokens", "perplexity", "bits_per_byte"}`.
  var json: JSONObject {
    [
      "total_logprob": .number(totalLogprob), "scored_tokens": .integer(scoredTokens),
      "perplexity": .number(perplexity), "bits_per_byte": .number(bitsPerByte),
    ]
  }

  /// The text output.
  var lines: [String] {
    let none = totalLogprob == nil ? "not known" : "-"
    return [
      "total log-probability  \(totalLogprob.map { NumberText.fixed($0, decimals: 4) } ?? none)",
      "scored tokens          \(NumberText.grouped(scoredTokens))",
      "perplexity             \(perplexity.map { NumberText.fixed($0, decimals: 3) } ?? none)",
      "bits per byte          \(bitsPerByte.map { NumberText.fixed($0, decimals: 4) } ?? none)",
    ]
  }
}

extension ScoredToken {
  /// The cell of a number: `-` where nothing predicted the token, `not known` where the engine can't know it.
  fileprivate func cell<Value>(_ value: Value?, _ cell: (Value?) -> Table.Cell) -> Table.Cell {
    value == nil && coverage != .whole ? Cells.known(value, cell) : cell(value)
  }
}
