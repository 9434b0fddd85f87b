/// ROUGE (Lin 2004) as Google's `rouge_score` computes it: lowercase, words of the letters a to z and digits.
public struct ROUGE: Sendable, Hashable {
  /// Which parts of the texts are compared.
  public enum Variant: Sendable, Hashable {
    /// N-grams of words.
    case ngrams(Int)
    /// The longest common subsequence of the whole texts (`rougeL`).
    case longestSubsequence
    /// For each line of the reference, the union of its longest common subsequences with all lines of the hypothesis
    /// (`rougeLsum`).
    case summary
  }

  /// Which parts of the texts are compared.
  public var variant: Variant
  /// Whether words of more than three letters are reduced to their stems (Porter 1980, with NLTK's extensions).
  public var usesStems = false

  /// A variant without stems.
  public init(_ variant: Variant) { self.variant = variant }

  /// The three figures of a comparison, from 0 to 1.
  public struct Score: Sendable, Hashable {
    /// The share of the hypothesis that is in the reference.
    public var precision: Double
    /// The share of the reference that is in the hypothesis.
    public var recall: Double
    /// Their harmonic mean.
    public var fMeasure: Double

    init(matches: Int, found: Int, expected: Int) {
      precision = Double(matches) / Double(max(found, 1))
      recall = Double(matches) / Double(max(expected, 1))
      fMeasure = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
  }

  /// The comparison of a hypothesis with a reference.
  public func score(_ hypothesis: String, reference: String) -> Score {
    var numbers = WordNumbers()
    switch variant {
    case .ngrams(let order):
      let found = NgramCounts(numbers(words(hypothesis)), order: order)
      let expected = NgramCounts(numbers(words(reference)), order: order)
      return Score(matches: found.matches(expected), found: found.total, expected: expected.total)
    case .longestSubsequence:
      let (found, expected) = (numbers(words(hypothesis)), numbers(words(reference)))
      guard !found.isEmpty, !expected.isEmpty else { return Score(matches: 0, found: 0, expected: 0) }
      let matches = Self.subsequence(expected, found).count
      return Score(matches: matches, found: found.count, expected: expected.count)
    case .summary:
      let lines = { (text: String) in text.split(separator: "\n").map { numbers(words(String($0))) } }
      return Self.summary(lines(hypothesis), lines(reference))
    }
  }

  /// The comparison with the reference that gives the highest F-measure; of equal ones the first.
  /// - Throws: ``MetricError`` without references.
  public func score(_ hypothesis: String, references: [String]) throws(MetricError) -> Score {
    let scores = references.map { score(hypothesis, reference: $0) }
    guard var best = scores.first else {
      throw MetricError("no reference", at: "ROUGE", expected: "at least one", found: "none")
    }
    for score in scores where score.fMeasure > best.fMeasure { best = score }
    return best
  }

  /// The means over pairs of texts.
  /// - Throws: ``MetricError`` if the lists are empty, have different lengths or a hypothesis has no reference.
  public func mean(_ hypotheses: [String], references: [[String]]) throws(MetricError) -> Score {
    try MetricError.checkCounts(hypotheses.count, references.count, of: "hypotheses and references")
    guard !hypotheses.isEmpty else {
      throw MetricError("no hypothesis", at: "ROUGE", expected: "at least one", found: "none")
    }
    var sum = Score(matches: 0, found: 0, expected: 0)
    for (hypothesis, references) in zip(hypotheses, references) {
      let score = try score(hypothesis, references: references)
      sum.precision += score.precision
      sum.recall += score.recall
      sum.fMeasure += score.fMeasure
    }
    let count = Double(hypotheses.count)
    sum.precision /= count
    sum.recall /= count
    sum.fMeasure /= count
    return sum
  }

  private func words(_ text: String) -> [String] {
    let isLetter = { (byte: UInt8) in byte &- 0x61 < 26 || byte &- 0x30 < 10 }
    return text.lowercased().utf8.split { !isLetter($0) }.map { part in
      let word = Array(part)
      return String(decoding: usesStems && word.count > 3 ? PorterStemmer.stem(word) : word, as: UTF8.self)
    }
  }

  /// The indices in `first` of a longest common subsequence.
  private static func subsequence(_ first: [UInt32], _ second: [UInt32]) -> [Int] {
    let width = second.count + 1
    var lengths = [Int32](repeating: 0, count: (first.count + 1) * width)
    for i in first.indices {
      for j in second.indices {
        lengths[(i + 1) * width + j + 1] =
          first[i] == second[j]
          ? lengths[i * width + j] + 1 : max(lengths[i * width + j + 1], lengths[(i + 1) * width + j])
      }
    }
    var (i, j) = (first.count, second.count)
    var indices: [Int] = []
    while i > 0, j > 0 {
      if first[i - 1] == second[j - 1] {
        indices.append(i - 1)
        i -= 1
        j -= 1
      } else if lengths[i * width + j - 1] > lengths[(i - 1) * width + j] {
        j -= 1
      } else {
        i -= 1
      }
    }
    return indices.reversed()
  }

  /// Each word counts at most as often as it occurs in both texts.
  private static func summary(_ found: [[UInt32]], _ expected: [[UInt32]]) -> Score {
    let (foundCount, expectedCount) = (found.joined().count, expected.joined().count)
    guard foundCount > 0, expectedCount > 0 else { return Score(matches: 0, found: 0, expected: 0) }
    let tally = { (lines: [[UInt32]]) in Dictionary(lines.joined().map { ($0, 1) }, uniquingKeysWith: +) }
    var (foundLeft, expectedLeft) = (tally(found), tally(expected))
    var matches = 0
    for line in expected {
      let union = Set(found.flatMap { subsequence(line, $0) })
      for index in union.sorted() {
        let word = line[index]
        guard let own = foundLeft[word], own > 0, let other = expectedLeft[word], other > 0 else { continue }
        matches += 1
        foundLeft[word] = own - 1
        expectedLeft[word] = other - 1
      }
    }
    return Score(matches: matches, found: foundCount, expected: expectedCount)
  }
}
