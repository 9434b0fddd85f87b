extension Parser {
  /// The next token to parse; ``Token/end`` at the end.
  var current: LocatedToken { tokens[min(index, tokens.count - 1)] }

  mutating func advance() { index += 1 }

  mutating func accept(_ symbol: Symbol) -> Bool {
    guard current.token == .symbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func accept(_ name: Text) -> Bool {
    guard current.token == .name(name) else { return false }
    advance()
    return true
  }

  mutating func expect(_ token: Token) throws(TemplateError) {
    guard current.token == token else { throw unexpected(token.description) }
    advance()
  }

  mutating func expect(_ symbol: Symbol) throws(TemplateError) { try expect(.symbol(symbol)) }

  mutating func expect(_ name: Text) throws(TemplateError) { try expect(.name(name)) }

  mutating func expectName(_ expected: String = "a name") throws(TemplateError) -> Text {
    guard case .name(let name) = current.token else { throw unexpected(expected) }
    advance()
    return name
  }

  /// An error for a current token that is not the expected one.
  func unexpected(_ expected: String) -> TemplateError {
    error("unexpected text", at: current.offset, expected: expected, found: current.token.description)
  }
}
