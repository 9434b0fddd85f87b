import EngineAPI
import JSONText
import TerminalUI

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The figures of a whole text.
struct ScoreSummary {
  /// The sum of the scored tokens' natural logarithms; `nil` where the engine does not know one of them.
  let totalLogprob: Double?
  /// How many tokens something predicted.
  let scoredTokens: Int
  /// The bytes of the text that the scored tokens stand for, each counted once.
  let scoredBytes: Int

  /// The figures of tokens and their places in the text. (Tokens that share a character may share its bytes.)
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

  /// exp of the mean surprise; `nil` where nothing was scored or the total is not known.
  var perplexity: Double? { totalLogprob.flatMap { scoredTokens > 0 ? exp(-$0 / Double(scoredTokens)) : nil } }

  /// The surprise in bits for each byte of the text; `nil` where the tokens stand for none or the total is not known.
  var bitsPerByte: Double? { totalLogprob.flatMap { scoredBytes > 0 ? -$0 / log(2) / Double(scoredBytes) : nil } }

  /// `{"total_logprob", "scored_tokens", "perplexity", "bits_per_byte"}`.
  var json: JSONObject {
    [
      "total_logprob": .number(totalLogprob), "scored_tokens": .integer(scoredTokens),
      "perplexity": .number(perplexity), "bits_per_byte": .number(bitsPerByte),
    ]
  }

  /// For people.
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
