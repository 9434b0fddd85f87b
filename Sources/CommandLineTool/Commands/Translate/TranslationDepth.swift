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

extension BackTranslation {
  var json: JSONObject {
    [
      "text": .text(text), "score": .number(score), "logprob": .number(forward.logprob),
      "logprob_back": .number(backward.logprob),
    ]
  }

  func lines(_ console: Console) -> [String] {
    var table = Table([.left("back"), .right("log p"), .right("log p back")])
    table.add([
      .init(text.onOneLine), Cells.known(forward.logprob, Cells.number),
      Cells.known(backward.logprob, Cells.number),
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
    guard let id = first?.tokens.first?.token.id, first?.finishReason == .length,
      try await open.engine.isSpecial(id, model: open.reference)
    else { return own }
    return [id] + own
  }

  /// The word alignment and back-translation of the best translation of a line, as far as they are asked for.
  /// - Parameters:
  ///   - source: the encoder's input.
  ///   - tokens: the translation's tokens, what it was begun with included.
  ///   - search: the search that found the translation.
  func deepen(
    _ line: String, _ prefix: String, source: [TokenSpan], target tokens: [TokenValue], text: String,
    _ search: BeamRequest, _ open: OpenModel
  ) async throws -> TranslationDepth {
    var found = TranslationDepth()
    let context = ModelContext(model: open.reference, encoderIDs: source.map(\.token.id), ids: tokens.map(\.id))
    if depth.align, !tokens.isEmpty {
      let answer = try await open.engine.inspect(InspectionRequest(context: context, parts: [.attention]))
      var bytes = tokens.map(\.bytes)
      for (index, token) in tokens.enumerated()
      where try await open.engine.isSpecial(token.id, model: open.reference) { bytes[index] = [] }
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
      found.back = try await open.engine.translateBack(
        BackTranslationRequest(
          original: line, translation: text, from: from, to: to, context: context, search: search))
    }
    return found
  }
}
