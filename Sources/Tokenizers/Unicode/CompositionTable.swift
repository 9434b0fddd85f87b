import Foundation

/// Which two characters make one in the canonical composition of Unicode 9, Hangul syllables aside.
///
/// Turned around from the decompositions, once, on first use: a composition asked from Foundation pair by pair is
/// wrong for some scripts.
enum CompositionTable {
  /// The blocks that have primary composites: Latin to Greek extended, operators, kana, and Brahmic scripts.
  private static let blocks: [ClosedRange<UInt32>] = [0xC0...0x233F, 0x3040...0x30FF, 0x11080...0x115FF]

  private static let composites: [UInt64: UInt32] = {
    var whole: [[UInt32]: UInt32] = [:]
    for code in blocks.joined() {
      guard let scalar = Unicode.Scalar(code), !scalar.properties.isFullCompositionExclusion,
        !ScalarClass.isYounger(scalar, than: 9)
      else { continue }
      let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.map(\.value)
      if parts.count > 1 { whole[parts] = code }
    }
    var pairs: [UInt64: UInt32] = [:]
    for (parts, code) in whole {
      guard let last = parts.last else { continue }
      let rest = Array(parts.dropLast())
      guard let first = rest.count == 1 ? rest[0] : whole[rest] else { continue }
      pairs[key(first, last)] = code
    }
    return pairs
  }()

  private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 32 | UInt64(second) }

  /// The character that two make together, if there is one.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    // No second part stands below the combining marks, and none is an ideograph or a syllable.
    guard second >= 0x300, !(0x3100...0x11000 ~= second) else { return nil }
    return Hangul.composition(first, second) ?? composites[key(first, second)]
  }
}
