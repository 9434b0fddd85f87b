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
        triptych score -m cloze "The cat sat on the moon." --words
        triptych score -m interpreter "How are you?" --target "Comment allez-vous ?"

      Masked models give the pseudo-log-likelihood, one token masked at a time. With
      --words they also name what would be likelier than the least likely words.
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
  @Flag(help: "Word by word too, with the least likely words marked.")
  var words = false
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "At each token, the probability that the text goes on with this; may be repeated.", valueName: "text"),
    transform: OptionValue.text("--watch"))
  var watch: [String] = []
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
        "cache": .text(String(describing: cache.type)), "words": .bool(words),
        "watch": .array(watch.map { .text($0) }),
      ]
      code = try await batch.answer(by: reference, settings) { prompt, _ in
        prompt
      } finish: { prompt in
        let scored = try await score(prompt.text, prompt.target, open, saver) { _ in }
        let head: JSONObject = outputForm == .text ? JSONObject() : ["tokens": .objects(scored.tokensJSON)]
        return head.followed(by: scored.words?.json ?? [:]).followed(by: scored.summary.json)
      }
    } else {
      let progress = run.console.progress
      let scored = try await score(text, target, open, saver) { progress.show("scoring", $0) }
      try write(scored, of: reference, to: run.console)
    }
    try saver?.close()
    return code
  }

  /// Scores a text and adds it to the session.
  private func score(
    _ text: String, _ target: String?, _ open: OpenModel, _ saver: SessionSaver?,
    progress: @escaping @Sendable (Double) -> Void
  ) async throws -> ScoredText {
    let (context, spans) = try await scored(text, target, open)
    if !watch.isEmpty, open.information.family == .masked {
      throw CommandError.badValue(
        option: "--watch", expected: "a model that goes on with a text", found: "\(open.reference), a masked model",
        hint: "triptych inspect --watch follows a token at a mask")
    }
    let request = ScoreRequest(context: context, topCount: open.listed(topLogprobs), stride: stride)
    let tokens = try await open.engine.score(request, progress: progress)
    if let saver {
      let source = target == nil ? nil : (text: text, spans: try await open.tokens(text))
      saver.add(tokens, of: target ?? text, spans, source: source, open.reference)
    }
    var words = words ? ScoredWords(target ?? text, tokens, spans) : nil
    if open.information.family == .masked {
      try await words?.findLikelier(context, open, count: max(topLogprobs, Limits.defaultFillings))
    }
    let watched = watch.isEmpty ? [] : try await open.engine.watch(WatchRequest(context: context, strings: watch))
    return ScoredText(
      tokens: tokens, summary: ScoreSummary(tokens, ranges: spans.map(\.range)), words: words, watch: watch,
      watched: watched)
  }

  /// Writes a scored text in one of the three output forms.
  private func write(_ scored: ScoredText, of reference: ModelReference, to console: Console) throws {
    let words = scored.words?.json ?? [:]
    let end = words.followed(by: scored.summary.json).followed(by: ["model": .text(reference.description)])
    switch outputForm {
    case .text:
      try write(scored, to: console)
      try scored.words?.write(to: console)
      for line in scored.summary.lines { try console.writeLine(line) }
    case .object:
      let head: JSONObject = ["schema": 1, "tokens": .objects(scored.tokensJSON)]
      try console.write(head.followed(by: end))
    case .lines:
      for token in scored.tokensJSON { try console.write(JSONObject(["type": "token"]).followed(by: token)) }
      let head: JSONObject = ["type": "finished", "schema": 1]
      try console.write(head.followed(by: end))
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

  private func write(_ scored: ScoredText, to console: Console) throws {
    let tokens = scored.tokens
    let titles: [Table.Column] = [
      .right("#"), .left("token"), .right("prob."), .right("log p"), .right("rank"), .right("entropy"),
    ]
    let watched = watch.map { Table.Column.right(visible($0, glyphs: console.glyphs)) }
    var table = Table(titles + watched + (topLogprobs > 0 ? [.left("instead")] : []))
    for (index, token) in tokens.enumerated() {
      let cells: [Table.Cell] = [
        Cells.count(index), Cells.token(token.token, glyphs: console.glyphs, logprob: token.logprob),
        token.cell(token.logprob, Cells.percent(_:)), token.cell(token.logprob, Cells.number),
        token.cell(token.rank, Cells.count), token.cell(token.entropy, Cells.number),
      ]
      let others = token.top.map { Cells.token($0.token, glyphs: console.glyphs).text }
      let watched = scored.watched.indices.contains(index) ? scored.watched[index].map { Cells.percent($0) } : []
      table.add(cells + watched + (topLogprobs > 0 ? [.init(others.joined(separator: "  "), .dim)] : []))
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
    try console.writeLine()
  }
}

/// A scored text with everything that was asked for.
private struct ScoredText {
  let tokens: [ScoredToken]
  let summary: ScoreSummary
  let words: ScoredWords?
  /// The watched strings, and for each token the logarithm of the probability that the text goes on with each of them.
  let watch: [String]
  let watched: [[Double?]]

  /// The tokens, each with its watched strings.
  var tokensJSON: [JSONObject] {
    tokens.enumerated().map { index, token in
      guard watched.indices.contains(index) else { return token.scoredJSON }
      var found = JSONObject()
      for (text, logprob) in zip(watch, watched[index]) { found[text] = .number(logprob) }
      return token.scoredJSON.followed(by: ["watched": .object(found)])
    }
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
