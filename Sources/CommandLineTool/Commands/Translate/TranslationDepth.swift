import ArgumentParser
import EngineAPI
import JSONText
import TerminalUI

/// The options of `translate` for a forced beginning, word alignment and back-translation.
struct TranslationDepthOptions: ParsableArguments, Sendable {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Begin each translation with this text; the model goes on from it.", valueName: "text"))
  var begin: String?
  @Flag(help: "Show which words of the text each word of the translation attends to, and the other way round.")
  var align = false
  @Flag(help: "Translate the best translation back, and show how probable either text is after the other.")
  var back = false

  /// Whether the translations of a line need further passes.
  var isDeep: Bool { align || back }
}

/// What is known of a line's best translation beyond its text.
struct TranslationDepth {
  /// The alignment of words; `nil` if not asked for.
  var alignment: WordAlignment?
  /// The way back; `nil` if not asked for.
  var back: BackTranslation?

  /// `alignment` and `back`, as far as they are known.
  var json: JSONObject {
    var object: JSONObject = [:]
    if let alignment { object["alignment"] = .object(alignment.json) }
    if let back { object["back"] = .object(back.json) }
    return object
  }

  /// The tables of the text output.
  func lines(_ console: Console) -> [String] {
    (alignment?.lines(console) ?? []) + (back?.lines(console) ?? [])
  }
}

/// A translation that was translated back.
struct BackTranslation {
  /// The best translation of the translation.
  var text: String
  /// The score of that translation in beam search.
  var score: Double?
  /// ln p(translation | text), the end of the text included.
  var forward: Double?
  /// ln p(text | translation), the end of the text included.
  var backward: Double?

  var json: JSONObject {
    [
      "text": .text(text), "score": .number(score), "logprob": .number(forward), "logprob_back": .number(backward),
    ]
  }

  func lines(_ console: Console) -> [String] {
    var table = Table([.left("back"), .right("log p"), .right("log p back")])
    table.add([
      .init(text.onOneLine), Cells.known(forward, Cells.number), Cells.known(backward, Cells.number),
    ])
    return table.lines(console.ink)
  }
}

extension WordAlignment {
  var json: JSONObject {
    [
      "source": .array(source.map { .text($0) }), "target": .array(target.map { .text($0) }),
      "weights": .array(weights.map { .array($0.map { .double($0) }) }),
    ]
  }

  /// The source word with the highest weight for each target word, and the target word with the highest weight on each
  /// source word.
  func lines(_ console: Console) -> [String] {
    guard !source.isEmpty, !target.isEmpty else { return [] }
    var table = Table([.left("translation"), .left("attends to"), .right("weight")])
    for (word, row) in zip(target, weights) {
      let best = row.indices.max { row[$0] < row[$1] } ?? 0
      table.add([.init(word.onOneLine), .init(source[best].onOneLine), .init(NumberText.percent(row[best]))])
    }
    var reverse = Table([.left("text"), .left("attended to most by"), .right("weight")])
    for (index, word) in source.enumerated() {
      let best = target.indices.max { weights[$0][index] < weights[$1][index] } ?? 0
      reverse.add([
        .init(word.onOneLine), .init(target[best].onOneLine), .init(NumberText.percent(weights[best][index])),
      ])
    }
    return table.lines(console.ink) + reverse.lines(console.ink)
  }
}

extension Translate {
  /// The ids that a translation begins with: those of `--begin`, after the token that the model puts before every
  /// translation, if it has one (a language's, for example).
  /// - Parameter source: the encoder's input.
  func begun(_ source: [Int], _ open: OpenModel) async throws -> [Int] {
    guard let begin = depth.begin, !begin.isEmpty else { return [] }
    var spans = try await open.tokens(begin)
    while let last = spans.last, last.isSpecial, last.range.isEmpty { spans.removeLast() }
    let own = spans.drop { $0.isSpecial && $0.range.isEmpty }.map(\.token.id)
    let step = BeamRequest(context: open.context(prompt: source), beams: 1, maxTokens: 1)
    let first = try await open.engine.beamSearch(step) { _ in }.completions.first
    guard let id = first?.tokens.first?.token.id, first?.finishReason == .length, try await isSpecial(id, open) else {
      return own
    }
    return [id] + own
  }

  /// Whether a token is left out of texts.
  private func isSpecial(_ id: Int, _ open: OpenModel) async throws -> Bool {
    let shown = try await open.engine.detokenize([id], model: open.reference, skippingSpecialTokens: true)
    return try await open.engine.detokenize([id], model: open.reference, skippingSpecialTokens: false) != shown
  }

  /// The word alignment and back-translation of the best translation of a line, as far as they are asked for.
  /// - Parameters:
  ///   - ids: the translation's ids, what it was begun with included.
  ///   - tokens: the same as tokens.
  func deepen(
    _ line: String, _ prefix: String, source: [TokenSpan], target tokens: [TokenValue], text: String,
    _ rewriter: Rewriter, _ open: OpenModel
  ) async throws -> TranslationDepth {
    var found = TranslationDepth()
    let context = ModelContext(model: open.reference, encoderIDs: source.map(\.token.id), ids: tokens.map(\.id))
    if depth.align, !tokens.isEmpty {
      let answer = try await open.engine.inspect(InspectionRequest(context: context, parts: [.attention]))
      var bytes = tokens.map(\.bytes)
      for (index, token) in tokens.enumerated() where try await isSpecial(token.id, open) { bytes[index] = [] }
      var end = 0
      let ranges = bytes.map { bytes -> Range<Int> in
        end += bytes.count
        return (end - bytes.count)..<end
      }
      found.alignment = WordAlignment(
        answer.attention.filter { $0.kind == .cross },
        source: WordAlignment.Word.all(
          in: Array((prefix + line).utf8), source.map { $0.isSpecial ? 0..<0 : $0.range }, from: prefix.utf8.count),
        target: WordAlignment.Word.all(in: bytes.flatMap(\.self), ranges))
    }
    if depth.back, !text.isEmpty {
      let way = try await open.engine.translationPrefix(from: to, to: from, model: open.reference)
      let input = try await open.tokens(way + text).map(\.token.id)
      let best = try await rewriter.rewrite(input).result.completions.first
      var original = try await open.tokens(line).map(\.token.id)
      // A target begins with the same token as the model's own translations.
      if let first = best?.tokens.first?.token.id, original.first != first, try await isSpecial(first, open) {
        original.insert(first, at: 0)
      }
      found.back = BackTranslation(
        text: best?.text ?? "", score: best?.score, forward: try await logprob(context, open),
        backward: try await logprob(ModelContext(model: open.reference, encoderIDs: input, ids: original), open))
    }
    return found
  }

  /// The log-probability of a target after its source; `nil` if the engine does not know it.
  private func logprob(_ context: ModelContext, _ open: OpenModel) async throws -> Double? {
    guard !context.ids.isEmpty else { return nil }
    let scored = try await open.engine.score(ScoreRequest(context: context)) { _ in }
    return scored.contains { $0.logprob == nil } ? nil : scored.reduce(0) { $0 + ($1.logprob ?? 0) }
  }
}
