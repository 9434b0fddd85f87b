import Platform

/// BLEU (Papineni et al. 2002) with the defaults and rounding of sacrebleu (Post 2018).
public struct BLEU: Sendable, Hashable {
  /// What replaces a precision without matches.
  public enum Smoothing: Sendable, Hashable {
    /// Each zero count halves again: 1/2, 1/4, … matches (NIST's `mteval-v13a`; the default).
    case exponential
    /// This many matches instead of none (sacrebleu's default: 0.1).
    case floor(Double)
    /// This number is added to matches and totals of every order but the first (sacrebleu's default: 1).
    case addK(Double)
    /// No smoothing: one precision of 0 makes the score 0.
    case none
  }

  /// How texts are split into words.
  public var tokenization = ReferenceTokenization.mteval13a
  /// What replaces a precision without matches.
  public var smoothing = Smoothing.exponential
  /// Whether case is ignored.
  public var isLowercased = false
  /// The longest n-grams that count, at least 1.
  public var order = 4
  /// Whether orders without n-grams in the hypothesis are left out. sacrebleu does so for single sentences.
  public var hasEffectiveOrder = false

  /// sacrebleu's defaults for a corpus.
  public init() {}

  /// The sums over a corpus, from which the score is computed.
  public struct Score: Sendable, Hashable {
    /// The score, from 0 to 100.
    public var value: Double
    /// The precision of each order, from 0 to 100.
    public var precisions: [Double]
    /// The factor for hypotheses shorter than their references, from 0 to 1.
    public var brevityPenalty: Double
    /// The words of the hypotheses.
    public var length: Int
    /// The words of the references, those of the closest length for each hypothesis.
    public var referenceLength: Int
    /// The matches of each order.
    public var matches: [Int]
    /// The n-grams of each order in the hypotheses.
    public var totals: [Int]
  }

  /// The score of a corpus.
  /// - Parameter references: for each hypothesis one or more references.
  /// - Throws: ``MetricError`` if the lists have different lengths or a hypothesis has no reference.
  public func score(_ hypotheses: [String], references: [[String]]) throws(MetricError) -> Score {
    try MetricError.checkCounts(hypotheses.count, references.count, of: "hypotheses and references")
    let order = max(1, order)
    var matches = [Int](repeating: 0, count: order)
    var totals = matches
    var (length, referenceLength) = (0, 0)
    for (number, (hypothesis, references)) in zip(hypotheses, references).enumerated() {
      guard !references.isEmpty else {
        throw MetricError("no reference", at: "hypothesis \(number + 1)", expected: "at least one", found: "none")
      }
      var numbers = WordNumbers()
      let words = numbers(self.words(hypothesis))
      let expected = references.map { numbers(self.words($0)) }
      length += words.count
      referenceLength += Self.closestLength(to: words.count, among: expected.map(\.count))
      for n in 1...order {
        var union = NgramCounts([], order: n)
        for reference in expected { union.formUnion(NgramCounts(reference, order: n)) }
        let found = NgramCounts(words, order: n)
        matches[n - 1] += found.matches(union)
        totals[n - 1] += found.total
      }
    }
    return score(matches: matches, totals: totals, length: length, referenceLength: referenceLength)
  }

  /// The score of one sentence, with effective order as in sacrebleu's `sentence_bleu`.
  /// - Throws: ``MetricError`` without references.
  public func sentenceScore(_ hypothesis: String, references: [String]) throws(MetricError) -> Score {
    var metric = self
    metric.hasEffectiveOrder = true
    return try metric.score([hypothesis], references: [references])
  }

  private func words(_ text: String) -> [String] {
    tokenization.words(isLowercased ? text.lowercased() : text)
  }

  /// The length closest to that of the hypothesis; of two equally close ones the shorter.
  private static func closestLength(to length: Int, among lengths: [Int]) -> Int {
    lengths.min { (abs($0 - length), $0) < (abs($1 - length), $1) } ?? 0
  }

  private func score(matches: [Int], totals: [Int], length: Int, referenceLength: Int) -> Score {
    var score = Score(
      value: 0, precisions: [Double](repeating: 0, count: matches.count), brevityPenalty: 1, length: length,
      referenceLength: referenceLength, matches: matches, totals: totals)
    if length < referenceLength {
      score.brevityPenalty = length > 0 ? exp(1 - Double(referenceLength) / Double(length)) : 0
    }
    guard matches.contains(where: { $0 > 0 }) else { return score }
    var halving = 1.0
    var effective = matches.count
    for n in matches.indices {
      var (found, total) = (Double(matches[n]), Double(totals[n]))
      if case .addK(let k) = smoothing, n > 0 {
        found += k
        total += k
      }
      if total == 0 { break }
      if hasEffectiveOrder { effective = n + 1 }
      if found > 0 {
        score.precisions[n] = 100 * found / total
        continue
      }
      switch smoothing {
      case .exponential:
        halving *= 2
        score.precisions[n] = 100 / (halving * total)
      case .floor(let value): score.precisions[n] = 100 * value / total
      case .addK, .none: break
      }
    }
    // sacrebleu's logarithm of 0.
    let logarithms = score.precisions[..<effective].map { $0 == 0 ? -9_999_999_999 : log($0) }
    score.value = score.brevityPenalty * exp(logarithms.reduce(0, +) / Double(effective))
    return score
  }
}
