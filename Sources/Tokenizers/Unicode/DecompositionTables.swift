import Foundation

/// Decompositions, asked from Foundation once a character and text, and combining classes.
struct DecompositionTables {
  let compatible: Bool
  private var decompositions: [UInt32: [UInt32]] = [:]

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

  /// Sorts marks by their class, equal ones in their order.
  func order(_ marks: inout ArraySlice<CharacterChange>) {
    guard marks.count > 1 else { return }
    let sorted = marks.enumerated().sorted {
      (combiningClass($0.element.code), $0.offset) < (combiningClass($1.element.code), $1.offset)
    }
    for (index, mark) in zip(marks.indices, sorted) { marks[index] = mark.element }
  }
}
