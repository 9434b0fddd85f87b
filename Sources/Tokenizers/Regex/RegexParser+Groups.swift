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
        // The flag holds to the end of the group around it, alternatives included.
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
