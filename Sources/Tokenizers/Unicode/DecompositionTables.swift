import Foundation

/// Decompositions, compositions and combining classes, asked from Foundation once a character and text.
struct DecompositionTables {
  let compatible: Bool
  private var decompositions: [UInt32: [UInt32]] = [:]
  private var compositions: [UInt64: UInt32] = [:]

  init(compatible: Bool) { self.compatible = compatible }

  /// The full decomposition of a character, its marks in canonical order.
  mutating func decomposition(_ code: UInt32) -> [UInt32] {
    if let known = decompositions[code] { return known }
    let parts = Self.compute(code, compatible)
    decompositions[code] = parts
    return parts
  }

  private static func compute(_ code: UInt32, _ compatible: Bool) -> [UInt32] {
    guard let scalar = Unicode.Scalar(code), !ScalarClass.isYounger(scalar, than: 9) else { return [code] }
    let text = String(scalar)
    let parts = compatible ? text.decomposedStringWithCompatibilityMapping : text.decomposedStringWithCanonicalMapping
    return parts.unicodeScalars.map(\.value)
  }

  /// The canonical combining class; 0 for starters.
  func combiningClass(_ code: UInt32) -> UInt8 {
    guard code >= 0x300, let scalar = Unicode.Scalar(code) else { return 0 }
    let rawValue = scalar.properties.canonicalCombiningClass.rawValue
    return rawValue == 0 || ScalarClass.isYounger(scalar, than: 9) ? 0 : rawValue
  }

  /// The character that two make together, if there is one.
  mutating func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    guard second >= 0x300, combiningClass(second) != 0 || Self.joiningStarters.contains(second) else { return nil }
    let key = UInt64(first) << 32 | UInt64(second)
    if let known = compositions[key] { return known == 0 ? nil : known }
    let joined = Self.compute(first, second)
    compositions[key] = joined ?? 0
    return joined
  }

  private static func compute(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if let syllable = Hangul.composition(first, second) { return syllable }
    guard let a = Unicode.Scalar(first), let b = Unicode.Scalar(second) else { return nil }
    var pair = String(a)
    pair.unicodeScalars.append(b)
    let joined = Array(pair.precomposedStringWithCanonicalMapping.unicodeScalars)
    guard joined.count == 1, !ScalarClass.isYounger(joined[0], than: 9) else { return nil }
    return joined[0].value
  }

  /// Starters that can be the second part of a composition: vowel signs of Indic scripts, and Hangul's vowels and finals.
  private static let joiningStarters: Set<UInt32> = Set(
    [
      0x9BE, 0x9D7, 0xB3E, 0xB56, 0xB57, 0xBBE, 0xBD7, 0xCC2, 0xCD5, 0xCD6, 0xD3E, 0xD57, 0xDCF, 0xDDF, 0x102E, 0x1B35,
      0x1133E, 0x11357, 0x114B0, 0x114BA, 0x114BD, 0x115AF,
    ] + Array(0x1161...0x1175) + Array(0x11A8...0x11C2))

  /// Sorts marks by their class, equal ones in their order.
  func order(_ marks: inout ArraySlice<CharacterChange>) {
    guard marks.count > 1 else { return }
    let sorted = marks.enumerated().sorted {
      (combiningClass($0.element.code), $0.offset) < (combiningClass($1.element.code), $1.offset)
    }
    for (index, mark) in zip(marks.indices, sorted) { marks[index] = mark.element }
  }
}
