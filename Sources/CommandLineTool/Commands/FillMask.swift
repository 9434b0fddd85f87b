import ArgumentParser
import EngineAPI
import JSONText
import Sessions
import TerminalUI

/// Fills the masks in a text.
struct FillMask: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill-mask",
    abstract: "Candidates for each gap of a text, and for several gaps together.",
    usage: "triptych fill-mask [<text>] [<options>]",
    discussion: """
      EXAMPLES
        triptych fill-mask "The capital of France is [MASK]."
        triptych fill-mask "The capital of [MASK] is [MASK]." --top-k 10
        triptych fill-mask "She [MASK] the door." --targets opened,closed --json

      Gaps are marked with the model's own mask token: [MASK], <mask>.
      """)

  @OptionGroup(title: "Text") var input: TextOptions
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Candidates for each gap (default: \(Limits.defaultFillings)).", valueName: "k"),
    transform: OptionValue.integer("--top-k", Limits.fillings))
  var topK: Int?
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Only these words, each one token; may be repeated.", valueName: "a,b,…"),
    transform: OptionValue.text("--targets"))
  var targets: [String] = []
  @Flag(help: "The text is a list of token ids, used as it is.")
  var ids = false
  @Flag(help: "Do not fill all gaps together, which takes about 20 passes over the text for each gap.")
  var noJoint = false
  @OptionGroup(title: "Text") var batch: BatchOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Changes inside the model") var changes: ChangeOptions
  @OptionGroup(visibility: .hidden) var seed: SeedOption
  @OptionGroup(title: "Output") var kept: SessionOption
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) { try batch.check(input) }

  func run(in run: CommandRun) async throws -> Int32 {
    let reference = try model.reference(default: DefaultModel.masked, changes)
    let prompts = input.promptFile
    let batch = if let prompts { try await PromptBatch(prompts, input, batch, in: run) } else { PromptBatch?.none }
    let text = batch == nil ? try await run.text(input) : ""
    let saver = try run.saver(kept)
    let open = try await run.open(reference, with: model)
    try open.require(.masked, for: "fill-mask")
    saver?.add(open)
    var code: Int32 = 0
    if let batch {
      let settings: JSONObject = [
        "top_k": topK.map { .integer($0) } ?? .null, "targets": .array(targets.map { .text($0) }), "ids": .bool(ids),
        "joint": .bool(!noJoint),
      ]
      code = try await batch.answer(by: reference, settings) { prompt, _ in
        prompt.text
      } finish: { text in
        try await fill(text, open, saver).json(tokens: outputForm == .object)
      }
    } else {
      let answer = try await fill(text, open, saver)
      if outputForm == .object {
        let head: JSONObject = ["schema": 1]
        try run.console.write(
          head.followed(by: answer.json(tokens: true)).followed(by: ["model": .text(reference.description)]))
      } else {
        try FillMaskText(console: run.console).write(answer.result, joint: topK ?? Limits.defaultFillings)
      }
    }
    try saver?.close()
    return code
  }

  /// A text with gaps and what fills them.
  private struct Answer {
    var tokens: [TokenValue]
    var result: FillMaskResult

    /// The members of the JSON output.
    func json(tokens hasTokens: Bool) -> JSONObject {
      let head: JSONObject = hasTokens ? ["tokens": .objects(tokens.map(\.json))] : JSONObject()
      return head.followed(by: [
        "masks": .objects(result.masks.map(\.json)), "joint": .objects(result.joint.map(\.json)),
      ])
    }
  }

  /// Fills the gaps of a text.
  private func fill(_ text: String, _ open: OpenModel, _ saver: SessionSaver?) async throws -> Answer {
    let list = ids ? try IDList.parse(text) : nil
    let spans = list == nil ? try await open.tokens(text) : []
    let tokens =
      if let list { try await open.engine.tokens(of: list, model: open.reference) } else { spans.map(\.token) }
    let targetIDs = try await targetTokens(open)
    let request = FillMaskRequest(
      context: ModelContext(model: open.reference, ids: tokens.map(\.id)),
      topK: open.listed(topK ?? max(Limits.defaultFillings, targetIDs.count)), targets: targetIDs, joint: !noJoint)
    let result = try await open.engine.fillMask(request)
    if let saver {
      // A list of ids is a text of their tokens.
      let place = saver.type(
        list == nil ? text : tokens.map(\.text).joined(),
        list == nil ? spans : TokenSpan.consecutive(tokens), open.reference)
      saver.add(result.filled(saver.written(place)), by: .filling(request), after: place, isSource: true)
    }
    return Answer(tokens: tokens, result: result)
  }

  /// The ids of the target words, each of which must be one token.
  private func targetTokens(_ open: OpenModel) async throws -> [Int] {
    var result: [Int] = []
    for word in targets.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }).map(String.init) {
      let spans = try await open.engine.tokenize(word, model: open.reference, addingSpecialTokens: false)
      guard spans.count == 1, let span = spans.first else {
        throw CommandError.targetPieces(word, pieces: spans.map { "'\($0.token.text)'" })
      }
      // The unknown token is special. A special token given by name is a valid target.
      guard !span.isSpecial || span.token.text == word else {
        throw CommandError.unknownTarget(word, model: open.reference.description)
      }
      if !result.contains(span.token.id) { result.append(span.token.id) }
    }
    return result
  }
}

extension MaskAnswer {
  fileprivate var json: JSONObject {
    let object: JSONObject = [
      "position": .integer(position), "entropy": .number(entropy),
      "candidates": .objects(
        candidates.map {
          [
            "id": .integer($0.ranked.token.id), "text": .text($0.ranked.token.text),
            "probability": .number($0.ranked.probability), "logprob": .number($0.ranked.logprob),
            "rank": .whole($0.ranked.rank), "sequence": .text($0.sequence),
          ]
        }),
    ]
    return object.followed(by: coverage.json)
  }
}

extension JointFilling {
  fileprivate var json: JSONObject {
    [
      "texts": .array(tokens.map { .text($0.text) }), "ids": .wholes(tokens.map(\.id)), "logprob": .double(logprob),
      "sequence": .text(sequence),
    ]
  }
}

/// Writes the text output: a table per mask, then the joint fillings of all masks.
struct FillMaskText {
  let console: Console

  /// - Parameter joint: The number of joint fillings shown.
  func write(_ result: FillMaskResult, joint: Int) throws(CommandError) {
    for (index, mask) in result.masks.enumerated() {
      if index > 0 { try console.writeLine() }
      let entropy = mask.entropy.map { "\(NumberText.fixed($0, decimals: 2)) bits" } ?? "not known"
      let known = mask.coverage.words(glyphs: console.glyphs).map { "; known: \($0)" } ?? ""
      let name = result.masks.count > 1 ? "mask \(index + 1)" : "mask"
      try console.writeLine(console.ink("\(name): entropy \(entropy)\(known)", .heading))
      try write(mask)
    }
    guard !result.joint.isEmpty else { return }
    try console.writeLine()
    try console.writeLine(console.ink("together", .heading))
    var table = Table([.right("log p"), .left("text")])
    for filling in result.joint.prefix(joint) {
      table.add([Cells.number(filling.logprob), .init(filling.sequence.onOneLine)])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }

  private func write(_ mask: MaskAnswer) throws(CommandError) {
    var table = Table([.right("#"), .left("token"), .left(""), .right("prob."), .right("log p"), .left("text")])
    for candidate in mask.candidates {
      let ranked = candidate.ranked
      table.add([
        Cells.known(ranked.rank, Cells.count),
        Cells.token(ranked.token, glyphs: console.glyphs, logprob: ranked.logprob),
        Cells.bar(ranked.logprob, glyphs: console.glyphs), Cells.known(ranked.logprob, Cells.percent(_:)),
        Cells.known(ranked.logprob, Cells.number),
        .init(candidate.sequence.onOneLine, .dim),
      ])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}

extension FillMaskResult {
  /// The filled texts, of a text of these tokens, best first: of all masks together or, if there is one mask, of its
  /// candidates.
  fileprivate func filled(_ tokens: [TokenValue]) -> [(tokens: [ScoredToken], outcome: Outcome)] {
    guard joint.isEmpty else {
      return joint.map { filling in
        var filled = tokens.map(ScoredToken.init(unpredicted:))
        for (mask, token) in zip(masks, filling.tokens) where tokens.indices.contains(mask.position) {
          filled[mask.position].token = token.written(inPlaceOf: tokens[mask.position])
        }
        return (filled, Outcome(.length, score: filling.logprob))
      }
    }
    guard masks.count == 1, tokens.indices.contains(masks[0].position) else { return [] }
    return masks[0].candidates.map { candidate in
      var filled = tokens.map(ScoredToken.init(unpredicted:))
      filled[masks[0].position] = ScoredToken(
        token: candidate.ranked.token.written(inPlaceOf: tokens[masks[0].position]), logprob: candidate.ranked.logprob,
        rank: candidate.ranked.rank,
        entropy: masks[0].entropy, coverage: masks[0].coverage)
      return (filled, Outcome(.length, score: candidate.ranked.logprob))
    }
  }
}

extension TokenSpan {
  /// The tokens of a list as the tokens of their joined text.
  fileprivate static func consecutive(_ tokens: [TokenValue]) -> [TokenSpan] {
    var start = 0
    return tokens.map { token in
      defer { start += token.text.utf8.count }
      return TokenSpan(token: token, range: start..<(start + token.text.utf8.count), isSpecial: false)
    }
  }
}
