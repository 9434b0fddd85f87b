/// Parses the regular expressions found in tokenizer files: Oniguruma's syntax without captures, back references and
/// subexpression calls.
struct RegexParser {
  /// A syntax error: the character offset and what was expected there.
  struct Failure: Error {
    var offset: Int
    var expected: String
  }

  let pattern: [UInt32]
  var index = 0
  var ignoresCase = false
  var depth = 0

  /// The maximum nesting depth of groups and sets.
  static let deepest = 64

  /// The largest count in `{n,m}`.
  static let mostRepeats = 1000

  init(_ pattern: String) { self.pattern = pattern.unicodeScalars.map(\.value) }

  static func parse(_ pattern: String) throws(Failure) -> RegexNode {
    var parser = RegexParser(pattern)
    let node = try parser.readAlternatives()
    guard parser.index == parser.pattern.count else { throw parser.failure("a '(' before this ')'") }
    return node
  }

  func failure(_ expected: String) -> Failure { Failure(offset: index, expected: expected) }

  var next: Unicode.Scalar? { index < pattern.count ? Unicode.Scalar(pattern[index]) : nil }

  func peek(_ text: String) -> Bool {
    pattern[index...].starts(with: text.unicodeScalars.lazy.map(\.value))
  }

  mutating func accept(_ text: String) -> Bool {
    guard peek(text) else { return false }
    index += text.unicodeScalars.count
    return true
  }

  mutating func take() throws(Failure) -> UInt32 {
    guard index < pattern.count else { throw failure("more characters") }
    defer { index += 1 }
    return pattern[index]
  }

  mutating func readAlternatives() throws(Failure) -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw failure("at most \(Self.deepest) levels of groups") }
    let outerCase = ignoresCase
    var branches = [try readSequence()]
    while accept("|") { branches.append(try readSequence()) }
    ignoresCase = outerCase
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func readSequence() throws(Failure) -> RegexNode {
    var parts: [RegexNode] = []
    while let character = next, character != "|", character != ")" {
      parts.append(try readRepetition(of: try readAtom()))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func readRepetition(of atom: RegexNode) throws(Failure) -> RegexNode {
    var node = atom
    var count = 0
    while let character = next {
      let bounds: (min: Int, max: Int?)
      var isInterval = false
      switch character {
      case "*": bounds = (0, nil)
      case "+": bounds = (1, nil)
      case "?": bounds = (0, 1)
      case "{":
        guard let read = try readInterval() else { return node }
        bounds = read
        isInterval = true
      default: return node
      }
      count += 1
      guard count <= Self.deepest else { throw failure("at most \(Self.deepest) repetitions of one thing") }
      if !isInterval { index += 1 }
      var kind = RegexNode.RepetitionKind.greedy
      if accept("?") {
        kind = .lazy
      } else if !isInterval, accept("+") {
        kind = .possessive
      }
      node = .repeated(node, min: bounds.min, max: bounds.max, kind: kind)
    }
    return node
  }

  /// Parses `{n}`, `{n,}`, `{,m}` or `{n,m}`; returns `nil` if the brace is a literal.
  private mutating func readInterval() throws(Failure) -> (min: Int, max: Int?)? {
    let start = index
    index += 1
    let low = readNumber()
    var high = low
    if accept(",") { high = readNumber() } else if low == nil { high = -1 }
    guard low != nil || high != nil, high != -1, accept("}") else {
      index = start
      return nil
    }
    guard (low ?? 0) <= high ?? .max, max(low ?? 0, high ?? 0) <= Self.mostRepeats else {
      throw failure("counts in order and at most \(Self.mostRepeats)")
    }
    return (low ?? 0, high)
  }

  private mutating func readNumber() -> Int? {
    var value: Int?
    while index < pattern.count, pattern[index] &- 0x30 < 10 {
      value = min((value ?? 0) * 10 + Int(pattern[index] - 0x30), 1_000_000)
      index += 1
    }
    return value
  }

  private mutating func readAtom() throws(Failure) -> RegexNode {
    switch next {
    case "(": return try readGroup()
    case "[": return .set(try readSet())
    case ".":
      index += 1
      return .set(RegexSet([.range(0x0A...0x0A)], negated: true))
    case "^":
      index += 1
      return .assertion(.lineStart)
    case "$":
      index += 1
      return .assertion(.lineEnd)
    case "\\": return try readEscape()
    case "*", "+", "?": throw failure("something to repeat")
    case "{" where try isInterval(): throw failure("something to repeat")
    default: return .set(RegexSet(character: try take(), ignoresCase: ignoresCase))
    }
  }

  private func isInterval() throws(Failure) -> Bool {
    var copy = self
    return try copy.readInterval() != nil
  }
}
