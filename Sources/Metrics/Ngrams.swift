/// The n-grams of one order in a sequence, with how often each occurs.
struct NgramCounts {
  /// The count of each n-gram.
  private(set) var counts: [ArraySlice<UInt32>: Int] = [:]

  /// Counts the n-grams of `order` symbols.
  init(_ symbols: [UInt32], order: Int) {
    guard order > 0, symbols.count >= order else { return }
    counts.reserveCapacity(symbols.count - order + 1)
    for start in 0...symbols.count - order { counts[symbols[start..<start + order], default: 0] += 1 }
  }

  /// The number of n-grams, repetitions included.
  var total: Int { counts.values.reduce(0, +) }

  /// Raises each count to that of another sequence, if it is higher there.
  mutating func formUnion(_ other: NgramCounts) { counts.merge(other.counts, uniquingKeysWith: max) }

  /// The number of n-grams that both have, each at most as often as in the other (clipped).
  func matches(_ other: NgramCounts) -> Int {
    counts.reduce(0) { sum, entry in sum + min(entry.value, other.counts[entry.key] ?? 0) }
  }
}

/// Numbers words in the order of their first occurrence, so that n-grams of words are compared as numbers.
struct WordNumbers {
  // The keys are bytes, because strings compare by canonical equivalence.
  private var numbers: [[UInt8]: UInt32] = [:]

  /// The numbers of words.
  mutating func callAsFunction(_ words: [String]) -> [UInt32] {
    words.map { word in
      let bytes = Array(word.utf8)
      if let number = numbers[bytes] { return number }
      let number = UInt32(truncatingIfNeeded: numbers.count)
      numbers[bytes] = number
      return number
    }
  }
}

extension String {
  /// The parts between white space, as Python's `str.split()` returns them.
  var spaceSeparated: [String] {
    unicodeScalars.split(whereSeparator: \.separatesWords).map { String(String.UnicodeScalarView($0)) }
  }
}

extension Unicode.Scalar {
  /// Whether Python's `str.isspace` is true: White_Space and the four separators U+001C to U+001F.
  var separatesWords: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }
}
