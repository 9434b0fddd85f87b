import EngineAPI
import JSONText
import Platform
import TerminalUI

/// The beams of all sides for one text, each with its score under every side.
struct ComparedTranslations: Sendable {
  /// A translation.
  struct Translation: Sendable {
    /// The index of the side that made it.
    let side: Int
    /// What the side's search found.
    let completion: Completion
    /// The sum of the natural logarithms of its tokens' probabilities, under each side; `nil` if one is not known.
    let logprobs: [Double?]
    /// The same as scores of a beam search: divided by a power of the length, the side's length penalty.
    let scores: [Double?]
  }

  /// The names of the sides.
  let names: [String]
  /// Whether all sides have the same vocabulary. Otherwise each side scores its own tokens of the text.
  let hasOneVocabulary: Bool
  /// The translations: those of the first side, the best first, then those of the next.
  let translations: [Translation]

  /// Translates a text with each side, with the beams of the model's files, and scores all translations under all
  /// sides.
  /// - Parameter prefixes: what each side puts before the text; empty for nothing.
  init(
    _ sides: [TextComparison.Side], of text: String, prefixes: [String], hasOneVocabulary: Bool
  ) async throws {
    names = sides.map(\.open.reference.description)
    self.hasOneVocabulary = hasOneVocabulary
    var sources: [[Int]] = []
    for (index, side) in sides.enumerated() {
      let ids = try await side.open.tokens((prefixes.isEmpty ? "" : prefixes[index]) + text).map(\.token.id)
      sources.append(ids)
    }
    var found: [Translation] = []
    for (index, side) in sides.enumerated() {
      let decoding = side.open.information.decoding
      let beams = decoding.beams.count ?? Limits.defaultBeams
      let request = BeamRequest(
        context: ModelContext(model: side.open.reference, encoderIDs: sources[index], ids: []), beams: beams,
        returned: beams, maxTokens: max(1, decoding.newTokens(after: 1) ?? Limits.defaultTokens),
        lengthPenalty: decoding.beams.lengthPenalty ?? 1,
        earlyStopping: decoding.beams.earlyStopping ?? .heuristic,
        settings: side.settings ?? decoding.settings(after: 1))
      let result = try await side.open.engine.beamSearch(request) { _ in }
      for completion in result.completions {
        var logprobs: [Double?] = []
        var scores: [Double?] = []
        for (other, reader) in sides.enumerated() {
          var ids = completion.tokens.map(\.token.id)
          if other != index, !hasOneVocabulary {
            ids = try await reader.open.tokens(completion.text).map(\.token.id)
          }
          let context = ModelContext(model: reader.open.reference, encoderIDs: sources[other], ids: ids)
          let tokens: [ScoredToken] =
            ids.isEmpty ? [] : try await reader.open.engine.score(ScoreRequest(context: context)) { _ in }
          let known = tokens.compactMap(\.logprob)
          let sum = known.count == tokens.count && !known.isEmpty ? known.reduce(0, +) : nil
          logprobs.append(sum)
          let penalty = reader.open.information.decoding.beams.lengthPenalty ?? 1
          scores.append(sum.map { $0 / pow(Double(max(1, ids.count)), penalty) })
        }
        found.append(Translation(side: index, completion: completion, logprobs: logprobs, scores: scores))
      }
    }
    translations = found
  }

  /// `{"models", "same_vocabulary", "translations": [{"side", "text", "score", "logprobs", "scores", …}]}`.
  var json: JSONObject {
    [
      "models": .array(names.map { .text($0) }), "same_vocabulary": .bool(hasOneVocabulary),
      "translations": .objects(
        translations.map { one in
          [
            "side": .integer(one.side), "text": .text(one.completion.text), "score": .number(one.completion.score),
            "finish_reason": .text(one.completion.finishReason.name),
            "logprobs": .array(one.logprobs.map { .number($0) }), "scores": .array(one.scores.map { .number($0) }),
          ]
        }),
    ]
  }

  /// Writes the translations of each side, with the score under every side.
  func write(to console: Console) throws(CommandError) {
    let letters = names.indices.map(ModelReference.letter)
    var table = Table([.left("by"), .left("translation")] + letters.map { .right("score \($0)") })
    for one in translations {
      let best = one.scores.indices.max { (one.scores[$0] ?? -.infinity) < (one.scores[$1] ?? -.infinity) }
      table.add(
        [.init(letters[one.side]), .init(one.completion.text.onOneLine.fitted(to: 60))]
          + one.scores.enumerated().map { side, score in
            .init(score.map { NumberText.fixed($0, decimals: 4) } ?? "-", side == best ? .accent : nil)
          })
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
  }
}
