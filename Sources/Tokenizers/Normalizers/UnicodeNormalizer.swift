import Foundation

/// The four Unicode normalization forms (UAX #15), with alignment.
///
/// The reference has the tables of Unicode 9, so characters added later neither decompose nor compose.
struct UnicodeNormalizer: Normalizer {
  enum Form: String {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"
  }

  let form: Form

  func normalize(_ text: inout AlignedText) {
    guard !isUnchanged(text.bytes) else { return }
    var tables = DecompositionTables(compatible: form == .nfkc || form == .nfkd)
    var changes = decompose(text.bytes, &tables)
    if form == .nfc || form == .nfkc { changes = compose(changes, tables) }
    text.transform(changes)
  }

  /// Whether the text is trivially normalized: ASCII is in every form, and text below the first combining mark is in
  /// NFC.
  private func isUnchanged(_ bytes: [UInt8]) -> Bool {
    let limit: UInt8 = form == .nfc ? 0xCC : 0x80
    return bytes.allSatisfy { $0 < limit }
  }

  private func decompose(_ bytes: [UInt8], _ tables: inout DecompositionTables) -> [CharacterChange] {
    var changes: [CharacterChange] = []
    changes.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { text in
      var index = 0
      // The index of the first mark that is not yet in canonical order.
      var pending = 0
      while index < text.count {
        let (code, length) = text.scalar(at: index)
        index += length
        if code < 0x80 {
          tables.order(&changes[pending...])
          changes.append(CharacterChange(code: code, change: 0))
          pending = changes.count
          continue
        }
        for (number, part) in tables.decomposition(code).enumerated() {
          if tables.combiningClass(part) == 0 {
            tables.order(&changes[pending...])
            changes.append(CharacterChange(code: part, change: number == 0 ? 0 : 1))
            pending = changes.count
          } else {
            changes.append(CharacterChange(code: part, change: number == 0 ? 0 : 1))
          }
        }
      }
      tables.order(&changes[pending...])
    }
    return changes
  }

  /// Composes each starter with the following marks and starters that are not blocked.
  private func compose(_ parts: [CharacterChange], _ tables: DecompositionTables) -> [CharacterChange] {
    var result: [CharacterChange] = []
    result.reserveCapacity(parts.count)
    // The index in `result` of the current starter, and the combining class of the last mark kept after it.
    var starter: Int?
    var lastClass: UInt8 = 0
    for part in parts {
      let combiningClass = tables.combiningClass(part.code)
      if let index = starter, lastClass == 0 || lastClass < combiningClass,
        let joined = CompositionTable.composition(result[index].code, part.code)
      {
        result[index] = CharacterChange(code: joined, change: result[index].change + part.change - 1)
        continue
      }
      if combiningClass == 0 {
        starter = result.count
        lastClass = 0
      } else if starter != nil {
        lastClass = combiningClass
      }
      result.append(part)
    }
    return result
  }
}

/// Combining classes, and decompositions by Foundation, cached for one text.
struct DecompositionTables {
  let compatible: Bool
  private var decompositions: [UInt32: [UInt32]] = [:]

  init(compatible: Bool) { self.compatible = compatible }

  /// The full decomposition of a character, with its marks in canonical order.
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

  /// Sorts marks by combining class, stably.
  func order(_ marks: inout ArraySlice<CharacterChange>) {
    guard marks.count > 1 else { return }
    let sorted = marks.enumerated().sorted {
      (combiningClass($0.element.code), $0.offset) < (combiningClass($1.element.code), $1.offset)
    }
    for (index, mark) in zip(marks.indices, sorted) { marks[index] = mark.element }
  }
}

/// The pairs of characters that have a canonical composition in Unicode 9, except Hangul syllables.
///
/// Built once, on first use, by inverting the decompositions, because Foundation composes some scripts incorrectly.
enum CompositionTable {
  /// The blocks that contain primary composites: Latin to Greek Extended, operators, kana, and Brahmic scripts.
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

  /// The character that a pair composes to, if there is one.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    // A second character is never below the combining marks, and never an ideograph or a syllable.
    guard second >= 0x300, !(0x3100...0x11000 ~= second) else { return nil }
    return Hangul.composition(first, second) ?? composites[key(first, second)]
  }
}

/// Algorithmic composition of Hangul syllables (Unicode 17, section 3.12).
enum Hangul {
  private static let leading: UInt32 = 0x1100
  private static let vowels: UInt32 = 0x1161
  private static let trailing: UInt32 = 0x11A7
  private static let syllables: UInt32 = 0xAC00
  private static let vowelCount: UInt32 = 21
  private static let trailingCount: UInt32 = 28

  /// Composes a leading consonant with a vowel, or a syllable without trailing consonant with one.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if leading..<leading + 19 ~= first, vowels..<vowels + vowelCount ~= second {
      return syllables + ((first - leading) * vowelCount + second - vowels) * trailingCount
    }
    if syllables...0xD7A3 ~= first, (first - syllables) % trailingCount == 0,
      trailing + 1..<trailing + trailingCount ~= second
    {
      return first + second - trailing
    }
    return nil
  }
}
