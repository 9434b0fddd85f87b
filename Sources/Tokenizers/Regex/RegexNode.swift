/// The syntax tree of a regular expression.
indirect enum RegexNode {
  case empty
  case set(RegexSet)
  case sequence([RegexNode])
  case alternatives([RegexNode])
  case repeated(RegexNode, min: Int, max: Int?, kind: RepetitionKind)
  case atomic(RegexNode)
  case look(RegexNode, ahead: Bool, negative: Bool)
  case assertion(RegexAssertion)

  enum RepetitionKind { case greedy, lazy, possessive }

  /// The number of characters of every match, if it is constant.
  var fixedLength: Int? {
    switch self {
    case .empty, .look, .assertion: return 0
    case .set: return 1
    case .sequence(let parts):
      var sum = 0
      for part in parts {
        guard let length = part.fixedLength else { return nil }
        sum += length
      }
      return sum
    case .alternatives(let parts):
      let lengths = Set(parts.map(\.fixedLength))
      return lengths.count == 1 ? lengths.first ?? nil : nil
    case .repeated(let part, let min, let max, _):
      guard min == max, let length = part.fixedLength else { return nil }
      let (product, overflow) = length.multipliedReportingOverflow(by: min)
      return overflow ? nil : product
    case .atomic(let part): return part.fixedLength
    }
  }

  /// Whether the empty string matches.
  var matchesEmpty: Bool {
    switch self {
    case .empty, .look, .assertion: true
    case .set: false
    case .sequence(let parts): parts.allSatisfy(\.matchesEmpty)
    case .alternatives(let parts): parts.contains(where: \.matchesEmpty)
    case .repeated(let part, let min, _, _): min == 0 || part.matchesEmpty
    case .atomic(let part): part.matchesEmpty
    }
  }
}

/// A zero-width assertion.
enum RegexAssertion {
  case lineStart, lineEnd, textStart, textEnd, textEndBeforeNewline, wordBoundary, notWordBoundary
}

/// A set of characters in a regular expression.
struct RegexSet: Sendable {
  /// One part of a set. The set is the union of its parts.
  enum Part: Sendable {
    case range(ClosedRange<UInt32>)
    case property(RegexProperty, negated: Bool)
    case set(RegexSet)
    case intersection(RegexSet, RegexSet)
  }

  private(set) var parts: [Part]
  private(set) var negated: Bool
  private(set) var ignoresCase: Bool

  /// Membership of the ASCII characters, as a bit set.
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

  /// The characters that differ from this one only in case, considering single-character mappings: `K` has `k` and the
  /// Kelvin sign.
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
