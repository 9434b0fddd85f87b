extension RegexParser {
  mutating func readSet() throws(Failure) -> RegexSet {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw failure("at most \(Self.deepest) levels of sets") }
    index += 1
    let negated = accept("^")
    var parts: [RegexSet.Part] = []
    var left: RegexSet?
    var isFirst = true
    while isFirst || !peek("]") {
      if accept("&&") {
        left = left.map { RegexSet([.intersection($0, RegexSet(parts))]) } ?? RegexSet(parts)
        parts = []
      } else {
        parts.append(try readSetPart())
      }
      isFirst = false
      guard index < pattern.count else { throw failure("']'") }
    }
    index += 1
    if let left { parts = [.intersection(left, RegexSet(parts))] }
    return RegexSet(parts, negated: negated, ignoresCase: ignoresCase)
  }

  private mutating func readSetPart() throws(Failure) -> RegexSet.Part {
    if accept("[:") {
      let negated = accept("^")
      var name = ""
      while let character = next, character != ":" {
        name.unicodeScalars.append(character)
        index += 1
      }
      guard accept(":]"), let property = RegexProperty(name: name) else { throw failure("a known class") }
      return .property(property, negated: negated)
    }
    if peek("[") { return .set(try readSet()) }
    let part = try readSetCharacter()
    guard case .range(let low) = part, low.count == 1, peek("-"), !peek("-]") else { return part }
    index += 1
    guard case .range(let high) = try readSetCharacter(), high.lowerBound >= low.lowerBound else {
      throw failure("a range in order")
    }
    return .range(low.lowerBound...high.lowerBound)
  }

  private mutating func readSetCharacter() throws(Failure) -> RegexSet.Part {
    if accept("\\") {
      if accept("b") { return .range(0x08...0x08) }
      return try readEscapedPart()
    }
    let code = try take()
    return .range(code...code)
  }
}
