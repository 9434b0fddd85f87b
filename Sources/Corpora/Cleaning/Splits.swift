/// The parts that records are divided into.
public enum Split: String, Sendable, CaseIterable {
  /// What a model learns from.
  case train
  /// What decides between settings.
  case validation
  /// What the result is measured by.
  case test
}

/// Shares of the records for validation and test.
public struct SplitShares: Sendable, Equatable {
  /// The values of each share.
  public static let shares = 0...0.9

  /// The share for validation.
  public var validation: Double
  /// The share for the test.
  public var test: Double

  /// Shares, together below 1.
  /// - Throws: ``CorpusError`` for other numbers.
  public init(validation: Double, test: Double) throws(CorpusError) {
    guard Self.shares.contains(validation), Self.shares.contains(test), validation + test < 1 else {
      throw .setting(
        "shares of validation and test",
        expected: "numbers from 0 to \(Self.shares.upperBound) that are together below 1",
        found: "\(validation) and \(test)")
    }
    self.validation = validation
    self.test = test
  }

  /// The split of a text. It depends on the text alone, so that it stays the same when records are added, removed or
  /// moved; case and white space don't count, so that such variants of a text stay together.
  public func split(of text: String) -> Split {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for word in text.lowercased().unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
      for scalar in word { hash = (hash ^ UInt64(scalar.value)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0x20) &* 0x100_0000_01B3
    }
    let place = Double(mixed(hash) >> 11) / Double(1 << 53 as UInt64)
    if place < test { return .test }
    return place < test + validation ? .validation : .train
  }
}

/// A record of validation or test that is also, or nearly, in the training data.
public struct Leak: Sendable, Equatable {
  /// The split of the record.
  public var split: Split
  /// Its index in the split.
  public var index: Int
  /// Whether the text is the same except for case and white space.
  public var isExact: Bool
}

/// Finds records of validation and test that are also, or nearly, in the training data.
/// - Parameter similarity: the least similarity of near duplicates, from 0 to 1.
public func leaks(in splits: [Split: [CorpusRecord]], similarity: Double = 0.8) -> [Leak] {
  let held = Split.allCases.filter { $0 != .train && !(splits[$0] ?? []).isEmpty }
  guard !held.isEmpty else { return [] }
  var exact: Set<[UInt8]> = []
  var near = NearDuplicates(similarity: similarity)
  for record in splits[.train] ?? [] {
    let text = record.text
    exact.insert(folded(text))
    _ = near.insert(text)
  }
  return held.flatMap { split in
    (splits[split] ?? []).enumerated().compactMap { index, record in
      let text = record.text
      let isExact = exact.contains(folded(text))
      return isExact || near.contains(text) ? Leak(split: split, index: index, isExact: isExact) : nil
    }
  }
}

/// The text without differences of case and white space.
private func folded(_ text: String) -> [UInt8] {
  let words = text.lowercased().unicodeScalars.split(whereSeparator: \.properties.isWhitespace)
  return Array(words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ").utf8)
}
