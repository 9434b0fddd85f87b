/// A set of characters in a regular expression.
struct RegexSet: Sendable {
  /// One part of a set; a character is in the set when any part has it.
  enum Part: Sendable {
    case range(ClosedRange<UInt32>)
    case property(RegexProperty, negated: Bool)
    case set(RegexSet)
    case intersection(RegexSet, RegexSet)
  }

  private(set) var parts: [Part]
  private(set) var negated: Bool
  private(set) var ignoresCase: Bool

  /// The answers for ASCII, bit by bit.
  private var ascii: (UInt64, UInt64) = (0, 0)

  init(_ parts: [Part], negated: Bool = false, ignoresCase: Bool = false) {
    self.parts = parts
    self.negated = negated
    self.ignoresCase = ignoresCase
    for code in UInt32(0)..<64 where compute(code) { ascii.0 |= 1 << UInt64(code) }
    for code in UInt32(64)..<128 where compute(code) { ascii.1 |= 1 << UInt64(code - 64) }
  }

  /// A set of one character.
  init(character: UInt32, ignoresCase: Bool) {
    self.init([.range(character...character)], ignoresCase: ignoresCase)
  }

  @inline(__always) func contains(_ code: UInt32) -> Bool {
    if code < 64 { return ascii.0 >> UInt64(code) & 1 == 1 }
    if code < 128 { return ascii.1 >> UInt64(code - 64) & 1 == 1 }
    return compute(code)
  }

  private func compute(_ code: UInt32) -> Bool {
    var found = has(code)
    if ignoresCase, !found { found = Self.otherCases(code).contains { has($0) } }
    return found != negated
  }

  private func has(_ code: UInt32) -> Bool {
    for part in parts {
      switch part {
      case .range(let range): if range.contains(code) { return true }
      case .property(let property, let negated): if property.contains(code) != negated { return true }
      case .set(let set): if set.contains(code) { return true }
      case .intersection(let a, let b): if a.contains(code), b.contains(code) { return true }
      }
    }
    return false
  }

  /// The characters that are the same but for their case, by mappings of one character: `K` has `k` and the Kelvin
  /// sign.
  private static func otherCases(_ code: UInt32) -> [UInt32] {
    guard let scalar = Unicode.Scalar(code) else { return [] }
    var cases: [UInt32] = []
    func add(_ text: String) {
      let scalars = Array(text.unicodeScalars)
      if scalars.count == 1, scalars[0].value != code { cases.append(scalars[0].value) }
    }
    add(scalar.properties.lowercaseMapping)
    add(scalar.properties.uppercaseMapping)
    for other in cases {
      guard let scalar = Unicode.Scalar(other) else { continue }
      add(scalar.properties.lowercaseMapping)
      add(scalar.properties.uppercaseMapping)
    }
    switch code {
    case 0x73, 0x53: cases.append(0x17F)
    case 0x6B, 0x4B: cases.append(0x212A)
    case 0xE5, 0xC5: cases.append(0x212B)
    default: break
    }
    return cases
  }
}
