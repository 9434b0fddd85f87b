/// Finds texts that share most of their shingles (runs of words) with an earlier one: MinHash (Broder 1997) with
/// locality-sensitive hashing.
///
/// A text has a signature of 128 numbers, each the minimum of another hash over its shingles. The share of equal
/// numbers estimates the Jaccard similarity of two sets of shingles. Only texts that agree in a band of 4 numbers are
/// compared; texts of similarity 0.5 do so with probability 0.87, of 0.7 with 0.9998.
public struct NearDuplicates: Sendable {
  private let similarity: Double
  /// The signatures of all texts, one after the other.
  private var signatures: [UInt32] = []
  /// The hash table of bands: for each hash of a band, the newest entry. Band `band` of text `text` is entry
  /// `text * bandCount + band`.
  private var heads: [UInt64: Int] = [:]
  /// For each entry, the next older entry with the same hash; -1 for none.
  private var previous: [Int] = []

  private static let numbers = 128
  private static let rows = 4
  private static let shingleWords = 5

  /// - Parameter similarity: the least similarity of near duplicates, from 0 to 1.
  public init(similarity: Double) { self.similarity = similarity }

  /// Whether an earlier text is nearly the same.
  public func contains(_ text: String) -> Bool {
    let signature = Self.signature(text)
    return contains(signature, Self.keys(signature))
  }

  /// Adds a text unless an earlier one is nearly the same; returns whether it was added.
  public mutating func insert(_ text: String) -> Bool {
    let signature = Self.signature(text)
    let keys = Self.keys(signature)
    if contains(signature, keys) { return false }
    signatures += signature
    for key in keys {
      let entry = previous.count
      previous.append(heads.updateValue(entry, forKey: key) ?? -1)
    }
    return true
  }

  private func contains(_ signature: [UInt32], _ keys: [UInt64]) -> Bool {
    for key in keys {
      var entry = heads[key] ?? -1
      while entry >= 0 {
        if isNear(entry / keys.count, signature) { return true }
        entry = previous[entry]
      }
    }
    return false
  }

  private func isNear(_ text: Int, _ signature: [UInt32]) -> Bool {
    var equal = 0
    for index in 0..<Self.numbers where signatures[text * Self.numbers + index] == signature[index] { equal += 1 }
    return Double(equal) >= similarity * Double(Self.numbers)
  }

  /// The signature of a text. Case, punctuation and white space don't count. Texts of fewer words than a shingle are
  /// one shingle.
  private static func signature(_ text: String) -> [UInt32] {
    let words = text.lowercased().unicodeScalars.split { !isWordCharacter($0) }
      .map { word in word.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { mixed($0 ^ UInt64($1.value)) } }
    var signature = [UInt32](repeating: .max, count: numbers)
    let last = max(0, words.count - shingleWords)
    for start in 0...last {
      let shingle = words[start..<min(start + shingleWords, words.count)].reduce(UInt64(7)) { mixed($0 &* 31 &+ $1) }
      var state = shingle
      for index in 0..<numbers {
        state &+= 0x9E37_79B9_7F4A_7C15
        let value = UInt32(truncatingIfNeeded: mixed(state) >> 32)
        if value < signature[index] { signature[index] = value }
      }
    }
    return signature
  }

  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value | 0x20 &- 0x61 < 26 && scalar.value >= 0x41 || scalar.value &- 0x30 < 10 }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  private static func keys(_ signature: [UInt32]) -> [UInt64] {
    stride(from: 0, to: numbers, by: rows).map { band in
      signature[band..<band + rows].reduce(UInt64(band)) { mixed($0 &* 0x100_0000_01B3 ^ UInt64($1)) }
    }
  }
}

/// The finalizer of MurmurHash3.
@inline(__always) func mixed(_ value: UInt64) -> UInt64 {
  var value = value
  value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
  value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
  return value ^ (value >> 33)
}
