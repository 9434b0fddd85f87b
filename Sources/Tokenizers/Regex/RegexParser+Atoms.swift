extension RegexParser {
  mutating func readGroup() throws(Failure) -> RegexNode {
    index += 1
    let outerCase = ignoresCase
    defer { ignoresCase = outerCase }
    let node: RegexNode
    if accept("?:") {
      node = try readAlternatives()
    } else if accept("?=") {
      node = .look(try readAlternatives(), ahead: true, negative: false)
    } else if accept("?!") {
      node = .look(try readAlternatives(), ahead: true, negative: true)
    } else if accept("?<=") {
      node = .look(try readAlternatives(), ahead: false, negative: false)
    } else if accept("?<!") {
      node = .look(try readAlternatives(), ahead: false, negative: true)
    } else if accept("?>") {
      node = .atomic(try readAlternatives())
    } else if accept("?<") {
      while try take() != 0x3E {}
      node = try readAlternatives()
    } else if accept("?") {
      let flag = try readFlags()
      if accept(")") {
        // The flag applies up to the end of the enclosing group, including later alternatives.
        let rest = try readAlternativesWith(flag)
        return rest
      }
      guard accept(":") else { throw failure("':' or ')' after flags") }
      ignoresCase = flag
      node = try readAlternatives()
    } else {
      node = try readAlternatives()
    }
    guard accept(")") else { throw failure("')'") }
    return node
  }

  private mutating func readAlternativesWith(_ flag: Bool) throws(Failure) -> RegexNode {
    ignoresCase = flag
    return try readAlternatives()
  }

  private mutating func readFlags() throws(Failure) -> Bool {
    var on = true
    var flag = ignoresCase
    while let character = next, character != ":", character != ")" {
      switch character {
      case "-": on = false
      case "i": flag = on
      default: throw failure("the flag i")
      }
      index += 1
    }
    return flag
  }
}

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

extension RegexParser {
  mutating func readEscape() throws(Failure) -> RegexNode {
    index += 1
    switch next {
    case "A": return try assertion(.textStart)
    case "z": return try assertion(.textEnd)
    case "Z": return try assertion(.textEndBeforeNewline)
    case "b": return try assertion(.wordBoundary)
    case "B": return try assertion(.notWordBoundary)
    case "R":
      index += 1
      let breaks = RegexSet([.range(0x0A...0x0D), .range(0x85...0x85), .range(0x2028...0x2029)])
      let pair: RegexNode = .sequence([
        .set(RegexSet(character: 0x0D, ignoresCase: false)), .set(RegexSet(character: 0x0A, ignoresCase: false)),
      ])
      return .atomic(.alternatives([pair, .set(breaks)]))
    default:
      return .set(RegexSet([try readEscapedPart()], ignoresCase: ignoresCase))
    }
  }

  private mutating func assertion(_ assertion: RegexAssertion) throws(Failure) -> RegexNode {
    index += 1
    return .assertion(assertion)
  }

  /// Parses the character after a backslash, inside or outside a set.
  mutating func readEscapedPart() throws(Failure) -> RegexSet.Part {
    guard let letter = Unicode.Scalar(try take()) else { throw failure("a character") }
    switch letter {
    case "d": return .property(.digit, negated: false)
    case "D": return .property(.digit, negated: true)
    case "s": return .property(.whitespace, negated: false)
    case "S": return .property(.whitespace, negated: true)
    case "w": return .property(.word, negated: false)
    case "W": return .property(.word, negated: true)
    case "h": return .property(.hexDigit, negated: false)
    case "H": return .property(.hexDigit, negated: true)
    case "p", "P": return try readProperty(negated: letter == "P")
    case "n": return .range(0x0A...0x0A)
    case "r": return .range(0x0D...0x0D)
    case "t": return .range(0x09...0x09)
    case "f": return .range(0x0C...0x0C)
    case "v": return .range(0x0B...0x0B)
    case "a": return .range(0x07...0x07)
    case "e": return .range(0x1B...0x1B)
    case "x": return try readHexadecimal(digits: accept("{") ? nil : 1...2)
    case "u": return try readHexadecimal(digits: 4...4)
    case "0": return .range(0...0)
    case "1"..."9", "k", "g", "G", "K", "X", "y", "Y", "N", "O", "c", "C", "M":
      index -= 1
      throw failure("an escape that is supported")
    default: return .range(letter.value...letter.value)
    }
  }

  private mutating func readHexadecimal(digits: ClosedRange<Int>?) throws(Failure) -> RegexSet.Part {
    var value: UInt32 = 0
    var count = 0
    while count < digits?.upperBound ?? 8, index < pattern.count, let scalar = Unicode.Scalar(pattern[index]),
      let digit = Character(scalar).hexDigitValue
    {
      value = value << 4 | UInt32(digit)
      count += 1
      index += 1
    }
    guard count >= digits?.lowerBound ?? 1, digits != nil || accept("}"), Unicode.Scalar(value) != nil else {
      throw failure("a code point in hexadecimal")
    }
    return .range(value...value)
  }

  private mutating func readProperty(negated: Bool) throws(Failure) -> RegexSet.Part {
    guard accept("{") else { throw failure("'{' and the name of a property") }
    let inverse = accept("^")
    var name = ""
    while let character = next, character != "}" {
      name.unicodeScalars.append(character)
      index += 1
    }
    guard accept("}"), let property = RegexProperty(name: name) else { throw failure("a known property") }
    return .property(property, negated: negated != inverse)
  }
}
