import EngineAPI
import Platform

/// The numbers of a text's tokens in compact arrays, in the order of the text, with sums over all tokens before each.
/// The figures of any stretch of tokens take constant time.
struct ReadingNumbers: Sendable, Equatable {
  /// The number of likelier tokens that are kept for each token.
  static let listed = 3
  /// Stands for an unknown log-probability, because NaN equals nothing.
  private static let unknown = 1.0

  private var logprobs: [Double] = []
  private var ranks: [Int32] = []
  private var sums = [Sums()]
  /// The most probable ids of each position, `listed` for each, -1 for none, and their log-probabilities.
  private var bestIDs: [Int32] = []
  private var bestLogprobs: [Float] = []
  private var names: [Int32: TokenValue] = [:]

  private struct Sums: Sendable, Equatable {
    var count: Int32 = 0
    var bytes: Int32 = 0
    var logprob = 0.0
    var entropy = 0.0
    var logRank = 0.0
  }

  /// The number of tokens whose numbers have come, in the order of the text.
  var count: Int { logprobs.count }

  /// Adds the next token's numbers; `bytes` is the length of its text.
  mutating func append(_ token: ScoredToken, bytes: Int) {
    var sum = sums[sums.count - 1]
    if let logprob = token.logprob, !logprob.isNaN {
      sum.count += 1
      sum.bytes += Int32(clamping: bytes)
      sum.logprob += logprob
      sum.entropy += token.entropy ?? 0
      sum.logRank += log(Double(max(token.rank ?? 1, 1)))
      logprobs.append(logprob)
    } else {
      logprobs.append(Self.unknown)
    }
    ranks.append(Int32(clamping: token.rank ?? 0))
    sums.append(sum)
    for place in 0..<Self.listed {
      let best = place < token.top.count ? token.top[place] : nil
      bestIDs.append(best.map { Int32(clamping: $0.token.id) } ?? -1)
      bestLogprobs.append(Float(best?.logprob ?? 0))
      if let best { names[Int32(clamping: best.token.id)] = best.token }
    }
  }

  /// The natural logarithm of a token's probability; `nil` if it is not known.
  func logprob(_ index: Int) -> Double? {
    logprobs.indices.contains(index) && logprobs[index] <= 0 ? logprobs[index] : nil
  }

  /// The most probable tokens at a position, with their probabilities.
  func best(_ index: Int) -> [(token: TokenValue, probability: Double)] {
    guard logprobs.indices.contains(index) else { return [] }
    return (index * Self.listed..<(index + 1) * Self.listed).compactMap { place in
      names[bestIDs[place]].map { ($0, Probability.of(logprob: Double(bestLogprobs[place]))) }
    }
  }

  /// The figures of the tokens of a range whose numbers have come; `nil` if none of them has a probability.
  func figures(_ range: Range<Int>) -> ReadingFigures? {
    let known = range.clamped(to: 0..<count)
    let (low, high) = (sums[known.lowerBound], sums[known.upperBound])
    guard high.count > low.count else { return nil }
    let tokens = Int(high.count - low.count)
    // A sum that went through minus infinity has no difference.
    let logprob =
      high.logprob.isFinite
      ? high.logprob - low.logprob : known.reduce(0) { $0 + (self.logprob($1) ?? 0) }
    return ReadingFigures(
      tokens: tokens, bytes: Int(high.bytes - low.bytes), logprob: logprob,
      entropy: (high.entropy - low.entropy) / Double(tokens),
      rank: known.count <= 64
        ? known.reduce(0) { max($0, Int(ranks[$1])) }
        : Int(exp((high.logRank - low.logRank) / Double(tokens)).rounded()),
      typicalRank: exp((high.logRank - low.logRank) / Double(tokens)))
  }
}

/// What is known about a stretch of tokens.
struct ReadingFigures: Sendable, Equatable {
  /// The number of tokens that have a probability.
  var tokens: Int
  /// Their bytes in the text.
  var bytes: Int
  /// The natural logarithm of their probability together.
  var logprob: Double
  /// The mean entropy of the distributions that predicted them, in bits.
  var entropy: Double
  /// The largest rank; of more than 64 tokens, the typical one, so that the cost stays constant.
  var rank: Int
  /// The geometric mean of the ranks.
  var typicalRank: Double

  /// The surprise of all tokens together, in bits.
  var bits: Double { Probability.bits(logprob: logprob) }
  /// The mean surprise of a token, in bits.
  var bitsPerToken: Double { bits / Double(max(tokens, 1)) }
  /// The perplexity: 2 to the power of the mean surprise.
  var perplexity: Double { Probability.power(2, bitsPerToken) }
  /// The surprise per byte of the text, in bits; `nil` without bytes.
  var bitsPerByte: Double? { bytes > 0 ? bits / Double(bytes) : nil }
}
