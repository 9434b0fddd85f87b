/// chrF (Popović 2015) and, with word n-grams, chrF++ (Popović 2017), with the defaults of sacrebleu.
public struct CharacterFScore: Sendable, Hashable {
  /// The longest character n-grams, at least 1.
  public var characterOrder = 6
  /// The longest word n-grams: 0 for chrF, 2 for chrF++.
  public var wordOrder = 0
  /// How much more recall weighs than precision.
  public var beta = 2.0
  /// Whether case is ignored.
  public var isLowercased = false
  /// Whether white space is part of character n-grams.
  public var keepsSpaces = false
  /// Whether the F-scores of the orders are averaged, each at least 10⁻¹⁶, as chrF++.py, Moses and NLTK do. Otherwise
  /// precision and recall are averaged over the orders that occur.
  public var smoothsOrders = false

  /// chrF.
  public init() {}

  /// chrF++.
  public static var plusPlus: CharacterFScore {
    var metric = CharacterFScore()
    metric.wordOrder = 2
    return metric
  }

  /// The n-grams of one order: those of the hypothesis, those of the reference, and those that both have.
  private struct Counts {
    var hypothesis = 0
    var reference = 0
    var matches = 0
  }

  /// The score of a corpus, from 0 to 100. Of several references the one counts that gives its hypothesis the highest
  /// score.
  /// - Throws: ``MetricError`` if the lists have different lengths or a hypothesis has no reference.
  public func score(_ hypotheses: [String], references: [[String]]) throws(MetricError) -> Double {
    try MetricError.checkCounts(hypotheses.count, references.count, of: "hypotheses and references")
    var sums = [Counts](repeating: Counts(), count: max(1, characterOrder) + max(0, wordOrder))
    for (number, (hypothesis, references)) in zip(hypotheses, references).enumerated() {
      guard !references.isEmpty else {
        throw MetricError("no reference", at: "hypothesis \(number + 1)", expected: "at least one", found: "none")
      }
      var numbers = WordNumbers()
      let own = ngrams(hypothesis, &numbers)
      var best: (score: Double, counts: [Counts])?
      for reference in references {
        let counts = zip(own, ngrams(reference, &numbers)).map(Self.compare)
        let score = fScore(counts)
        if score > best?.score ?? -1 { best = (score, counts) }
      }
      guard let best else { continue }
      for index in sums.indices {
        sums[index].hypothesis += best.counts[index].hypothesis
        sums[index].reference += best.counts[index].reference
        sums[index].matches += best.counts[index].matches
      }
    }
    return fScore(sums)
  }

  /// The score of one sentence, from 0 to 100.
  /// - Throws: ``MetricError`` without references.
  public func sentenceScore(_ hypothesis: String, references: [String]) throws(MetricError) -> Double {
    try score([hypothesis], references: [references])
  }

  /// The n-grams of each order: characters first, then words.
  private func ngrams(_ text: String, _ numbers: inout WordNumbers) -> [NgramCounts] {
    let text = isLowercased ? text.lowercased() : text
    let characters = text.unicodeScalars.filter { keepsSpaces || !$0.separatesWords }.map(\.value)
    var result = (1...max(1, characterOrder)).map { NgramCounts(characters, order: $0) }
    guard wordOrder > 0 else { return result }
    let words = numbers(text.spaceSeparated.flatMap(Self.splitPunctuation))
    result += (1...wordOrder).map { NgramCounts(words, order: $0) }
    return result
  }

  /// Splits one ASCII punctuation character off a word: the last, or else the first.
  private static func splitPunctuation(_ word: String) -> [String] {
    let scalars = Array(word.unicodeScalars)
    guard scalars.count > 1, let first = scalars.first, let last = scalars.last else { return [word] }
    let text = { (part: ArraySlice<Unicode.Scalar>) in String(String.UnicodeScalarView(part)) }
    if isPunctuation(last) { return [text(scalars.dropLast()), String(last)] }
    if isPunctuation(first) { return [String(first), text(scalars.dropFirst())] }
    return [word]
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "!"..."/", ":"..."@", "["..."`", "{"..."~": true
    default: false
    }
  }

  /// Without n-grams in the reference, those of the hypothesis don't count.
  private static func compare(_ hypothesis: NgramCounts, _ reference: NgramCounts) -> Counts {
    Counts(
      hypothesis: reference.counts.isEmpty ? 0 : hypothesis.total, reference: reference.total,
      matches: hypothesis.matches(reference))
  }

  private func fScore(_ counts: [Counts]) -> Double {
    let least = 1e-16
    let factor = beta * beta
    var (sum, precisions, recalls) = (0.0, 0.0, 0.0)
    var orders = 0
    for count in counts {
      let precision = count.hypothesis > 0 ? Double(count.matches) / Double(count.hypothesis) : least
      let recall = count.reference > 0 ? Double(count.matches) / Double(count.reference) : least
      let weight = factor * precision + recall
      sum += weight > 0 ? (1 + factor) * precision * recall / weight : least
      if count.hypothesis > 0, count.reference > 0 {
        precisions += precision
        recalls += recall
        orders += 1
      }
    }
    if smoothsOrders { return 100 * sum / Double(counts.count) }
    guard orders > 0 else { return 0 }
    precisions /= Double(orders)
    recalls /= Double(orders)
    guard precisions + recalls > 0 else { return 0 }
    return 100 * ((1 + factor) * precisions * recalls / (factor * precisions + recalls))
  }
}
