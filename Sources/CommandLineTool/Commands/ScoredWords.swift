import EngineAPI
import JSONText
import TerminalUI

/// A scored text word by word: the log-probability of each word, the least likely ones marked and, of a masked model,
/// what would be likelier there.
struct ScoredWords: Sendable {
  /// A word.
  struct Word: Sendable {
    /// Its text.
    let text: String
    /// The indices of its tokens.
    let tokens: [Int]
    /// The sum of the natural logarithms of its tokens' probabilities; `nil` if one is not known.
    let logprob: Double?
    /// Whether it is one of the least likely ones.
    var isLeast = false
    /// Single tokens that are likelier in its place, the most probable first; empty unless it is one of the least
    /// likely.
    var likelier: [RankedToken] = []
  }

  /// The words in the order of the text.
  private(set) var words: [Word]

  /// The words of a scored text.
  init(_ text: String, _ tokens: [ScoredToken], _ spans: [TokenSpan]) {
    words = WordAlignment.Word.all(in: Array(text.utf8), spans.map(\.range)).map { word in
      let logprobs = word.tokens.map { tokens.indices.contains($0) ? tokens[$0].logprob : nil }
      let isKnown = logprobs.allSatisfy { $0 != nil }
      return Word(
        text: word.text, tokens: word.tokens, logprob: isKnown ? logprobs.compactMap(\.self).reduce(0, +) : nil)
    }
    let least = Set(LeastLikely.indices(of: words.map(\.logprob)))
    for index in words.indices { words[index].isLeast = least.contains(index) }
  }

  /// Finds tokens that a masked model ranks above each of the least likely words: the candidates of one mask
  /// that are more probable than the word.
  mutating func findLikelier(_ context: ModelContext, _ open: OpenModel, count: Int) async throws {
    guard let mask = open.information.maskToken?.id else { return }
    for index in words.indices where words[index].isLeast {
      guard let first = words[index].tokens.first, let last = words[index].tokens.last, let own = words[index].logprob
      else { continue }
      var masked = context
      masked.ids.replaceSubrange(first...last, with: [mask])
      let request = FillMaskRequest(context: masked, topK: open.listed(count), joint: false)
      let answer = try await open.engine.fillMask(request).masks.first { $0.position == first }
      words[index].likelier = (answer?.candidates ?? []).map(\.ranked).filter { ($0.logprob ?? -.infinity) > own }
    }
  }

  /// `{"words": [{"text", "tokens", "logprob", "least", "likelier"}]}`.
  var json: JSONObject {
    let all = words.map { word -> JSONObject in
      [
        "text": .text(word.text), "tokens": .array(word.tokens.map { .integer($0) }), "logprob": .number(word.logprob),
        "least": .bool(word.isLeast), "likelier": .objects(word.likelier.map(\.rankedJSON)),
      ]
    }
    return ["words": .objects(all)]
  }

  /// Writes the words as a table.
  func write(to console: Console) throws(CommandError) {
    var table = Table([.left("word"), .right("log p"), .left(""), .left("likelier")])
    for word in words {
      let likelier = word.likelier.map { ranked in
        Cells.token(ranked.token, glyphs: console.glyphs).text + " "
          + (ranked.logprob.map { NumberText.fixed($0, decimals: 2) } ?? "-")
      }
      table.add([
        .init(visible(word.text, glyphs: console.glyphs)), Cells.number(word.logprob),
        .init(word.isLeast ? "least likely" : "", .accent), .init(likelier.joined(separator: "  "), .dim),
      ])
    }
    for line in table.lines(console.ink) { try console.writeLine(line) }
    try console.writeLine()
  }
}
