// The grammar of expressions, in order of increasing precedence. Unlike in Python, `~` binds tighter than `+`, `**` is
// left-associative, and a sign binds tighter than `**`.
extension Parser {
  /// Parses a tuple (expressions separated by commas, parentheses optional) or a single expression.
  /// - Parameters:
  ///   - end: a name that ends the tuple.
  ///   - isClosed: true inside parentheses, where an empty tuple is allowed.
  mutating func tuple(
    withConditional: Bool = true, end: Text? = nil, isClosed: Bool = false
  ) throws(TemplateError) -> Expression {
    var elements: [Expression] = []
    var isTuple = false
    while !isTupleEnd(end) {
      elements.append(try withConditional ? expression() : disjunction())
      guard accept(.comma) else { break }
      isTuple = true
    }
    if isTuple || (elements.isEmpty && isClosed) { return .tuple(elements) }
    guard let first = elements.first else { throw unexpected("an expression") }
    return first
  }

  private func isTupleEnd(_ end: Text?) -> Bool {
    switch current.token {
    case .printEnd, .blockEnd, .symbol(.rightParenthesis): true
    case .name(let name): name == end
    default: false
    }
  }

  mutating func expression() throws(TemplateError) -> Expression {
    try nested { (parser) throws(TemplateError) in
      var value = try parser.disjunction()
      while parser.accept("if") {
        let condition = try parser.disjunction()
        let other = parser.accept("else") ? try parser.expression() : nil
        value = .conditional(condition: condition, value: value, other: other)
      }
      return value
    }
  }

  private mutating func disjunction() throws(TemplateError) -> Expression {
    var operands = [try conjunction()]
    while accept("or") { operands.append(try conjunction()) }
    return operands.count == 1 ? operands[0] : .any(operands)
  }

  private mutating func conjunction() throws(TemplateError) -> Expression {
    var operands = [try negation()]
    while accept("and") { operands.append(try negation()) }
    return operands.count == 1 ? operands[0] : .all(operands)
  }

  private mutating func negation() throws(TemplateError) -> Expression {
    guard accept("not") else { return try comparison() }
    return .not(try nested { (parser) throws(TemplateError) in try parser.negation() })
  }

  private mutating func comparison() throws(TemplateError) -> Expression {
    let first = try sum()
    var operands: [(relation: Relation, operand: Expression, offset: Int)] = []
    while true {
      let offset = current.offset
      guard let relation = acceptRelation() else { break }
      operands.append((relation, try sum(), offset))
    }
    return operands.isEmpty ? first : .comparison(first, operands)
  }

  private mutating func acceptRelation() -> Relation? {
    switch current.token {
    case .symbol(let symbol):
      guard let relation = Relation(rawValue: symbol.rawValue) else { return nil }
      advance()
      return relation
    case .name("in"):
      advance()
      return .isIn
    case .name("not") where index + 1 < tokens.count && tokens[index + 1].token == .name("in"):
      index += 2
      return .isNotIn
    default: return nil
    }
  }

  private mutating func sum() throws(TemplateError) -> Expression {
    try arithmetic([.plus, .minus]) { (parser) throws(TemplateError) in try parser.concatenation() }
  }

  private mutating func concatenation() throws(TemplateError) -> Expression {
    var operands = [try product()]
    while accept(.tilde) { operands.append(try product()) }
    return operands.count == 1 ? operands[0] : .concatenation(operands)
  }

  private mutating func product() throws(TemplateError) -> Expression {
    try arithmetic([.times, .divide, .floorDivide, .modulo]) { (parser) throws(TemplateError) in
      try parser.arithmetic([.power]) { (parser) throws(TemplateError) in try parser.signed(withFilters: true) }
    }
  }

  /// Parses operands joined by any of the given operators.
  private mutating func arithmetic(
    _ symbols: [Symbol], operand: (inout Parser) throws(TemplateError) -> Expression
  ) throws(TemplateError) -> Expression {
    let first = try operand(&self)
    var operands: [(operation: Arithmetic, operand: Expression, offset: Int)] = []
    while case .symbol(let symbol) = current.token, symbols.contains(symbol),
      let operation = Arithmetic(rawValue: symbol.rawValue)
    {
      let offset = current.offset
      advance()
      operands.append((operation, try operand(&self), offset))
    }
    return operands.isEmpty ? first : .arithmetic(first, operands)
  }

  /// Parses a value with an optional sign and the accesses after it. Filters apply to the signed value.
  private mutating func signed(withFilters: Bool) throws(TemplateError) -> Expression {
    let offset = current.offset
    let value: Expression
    if accept(.minus) {
      value = .negative(
        try nested { (parser) throws(TemplateError) in try parser.signed(withFilters: false) }, offset: offset)
    } else if accept(.plus) {
      value = .positive(
        try nested { (parser) throws(TemplateError) in try parser.signed(withFilters: false) }, offset: offset)
    } else {
      value = try primary()
    }
    var steps = try accesses()
    while withFilters {
      switch current.token {
      case .symbol(.pipe): steps += try filters(startsWithName: false)
      case .name("is"): steps.append(try test())
      case .symbol(.leftParenthesis): steps.append(.call(try arguments(), offset: current.offset))
      default: return steps.isEmpty ? value : .chain(value, steps)
      }
    }
    return steps.isEmpty ? value : .chain(value, steps)
  }

  // MARK: - Values

  private mutating func primary() throws(TemplateError) -> Expression {
    let token = current
    advance()
    switch token.token {
    case .name("true"), .name("True"): return .literal(.bool(true))
    case .name("false"), .name("False"): return .literal(.bool(false))
    case .name("none"), .name("None"): return .literal(.none)
    case .name(let name):
      noteRead(of: name)
      return .name(use(name, at: token.offset))
    case .string(var text):
      while case .string(let more) = current.token {
        text.bytes += more.bytes
        advance()
      }
      return .literal(.string(text))
    case .integer(let integer): return .literal(.integer(integer))
    case .float(let number): return .literal(.float(number))
    case .symbol(.leftParenthesis):
      let value = try nested { (parser) throws(TemplateError) in try parser.tuple(isClosed: true) }
      try expect(.rightParenthesis)
      return value
    case .symbol(.leftBracket):
      var elements: [Expression] = []
      try readElements(until: .rightBracket) { (parser) throws(TemplateError) in
        elements.append(try parser.expression())
      }
      return .list(elements)
    case .symbol(.leftBrace):
      var entries: [(key: Expression, value: Expression)] = []
      try readElements(until: .rightBrace) { (parser) throws(TemplateError) in
        let key = try parser.expression()
        try parser.expect(.colon)
        entries.append((key, try parser.expression()))
      }
      return .dictionary(entries, offset: token.offset)
    default:
      index -= 1
      throw unexpected("an expression")
    }
  }

  /// Parses elements separated by commas up to a closing bracket; a trailing comma is allowed.
  private mutating func readElements(
    until end: Symbol, _ element: (inout Parser) throws(TemplateError) -> Void
  ) throws(TemplateError) {
    var isFirst = true
    while current.token != .symbol(end) {
      if !isFirst { try expect(.comma) }
      if current.token == .symbol(end) { break }
      try element(&self)
      isFirst = false
    }
    try expect(end)
  }

  // MARK: - Postfix operators: attributes, subscripts, calls

  private mutating func accesses() throws(TemplateError) -> [Access] {
    var steps: [Access] = []
    while true {
      let offset = current.offset
      if accept(.dot) {
        steps.append(try attribute(offset))
      } else if accept(.leftBracket) {
        steps.append(try subscripts(offset))
      } else if current.token == .symbol(.leftParenthesis) {
        steps.append(.call(try arguments(), offset: offset))
      } else {
        return steps
      }
    }
  }

  private mutating func attribute(_ offset: Int) throws(TemplateError) -> Access {
    let token = current.token
    advance()
    switch token {
    case .name(let name): return .attribute(name, offset: offset)
    case .integer(let integer): return .item(.literal(.integer(integer)), offset: offset)
    default:
      index -= 1
      throw unexpected("a name or a number")
    }
  }

  private mutating func subscripts(_ offset: Int) throws(TemplateError) -> Access {
    var keys: [Access] = []
    while current.token != .symbol(.rightBracket) {
      if !keys.isEmpty { try expect(.comma) }
      keys.append(try nested { (parser) throws(TemplateError) in try parser.subscriptKey(offset) })
    }
    try expect(.rightBracket)
    if keys.count == 1 { return keys[0] }
    var elements: [Expression] = []
    for key in keys {
      guard case .item(let element, _) = key else {
        throw error("a slice in a tuple", at: offset, expected: "one slice or keys", found: "both")
      }
      elements.append(element)
    }
    return .item(.tuple(elements), offset: offset)
  }

  private mutating func subscriptKey(_ offset: Int) throws(TemplateError) -> Access {
    var start: Expression?
    if current.token != .symbol(.colon) {
      let key = try expression()
      guard current.token == .symbol(.colon) else { return .item(key, offset: offset) }
      start = key
    }
    advance()
    let stop = try sliceBound()
    let step = accept(.colon) ? try sliceBound() : nil
    return .slice(start: start, stop: stop, step: step, offset: offset)
  }

  private mutating func sliceBound() throws(TemplateError) -> Expression? {
    switch current.token {
    case .symbol(.colon), .symbol(.rightBracket), .symbol(.comma): nil
    default: try expression()
    }
  }

  /// Parses filters after pipes. The first filter of a `filter` block has no pipe.
  mutating func filters(startsWithName: Bool) throws(TemplateError) -> [Access] {
    var steps: [Access] = []
    while (startsWithName && steps.isEmpty) || accept(.pipe) {
      let offset = current.offset
      let name = try dottedName()
      let hasArguments = current.token == .symbol(.leftParenthesis)
      steps.append(.filter(name, hasArguments ? try arguments() : CallArguments(), offset: offset))
    }
    return steps
  }

  private mutating func dottedName() throws(TemplateError) -> Text {
    var name = try expectName()
    while accept(.dot) { name.bytes += [UInt8(ascii: ".")] + (try expectName()).bytes }
    return name
  }

  /// Parses `is [not] NAME`, with arguments in parentheses or a single one without.
  private mutating func test() throws(TemplateError) -> Access {
    let offset = current.offset
    advance()
    let isNegated = accept("not")
    let name = try dottedName()
    var arguments = CallArguments()
    switch current.token {
    case .symbol(.leftParenthesis): arguments = try self.arguments()
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"): throw unexpected("one test, joined to the next by 'and'")
    case .name, .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace):
      let value = try primary()
      let steps = try accesses()
      arguments.positional = [steps.isEmpty ? value : .chain(value, steps)]
    default: break
    }
    return .test(name, arguments, isNegated: isNegated, offset: offset)
  }

  mutating func arguments() throws(TemplateError) -> CallArguments {
    let offset = current.offset
    try expect(.leftParenthesis)
    var arguments = CallArguments()
    var names: Set<Text> = []
    try readElements(until: .rightParenthesis) { (parser) throws(TemplateError) in
      try parser.argument(into: &arguments, &names, offset)
    }
    return arguments
  }

  private func wrongOrder(_ offset: Int) -> TemplateError {
    error(
      "arguments in a wrong order", at: offset, expected: "positional ones, then named ones, '*' and '**'",
      found: "another order")
  }

  private mutating func argument(
    into arguments: inout CallArguments, _ names: inout Set<Text>, _ offset: Int
  ) throws(TemplateError) {
    if accept(.times) {
      guard arguments.spread == nil, arguments.namedSpread == nil else { throw wrongOrder(offset) }
      arguments.spread = try expression()
    } else if accept(.power) {
      guard arguments.namedSpread == nil else { throw wrongOrder(offset) }
      arguments.namedSpread = try expression()
    } else if case .name(let name) = current.token, index + 1 < tokens.count,
      tokens[index + 1].token == .symbol(.assign)
    {
      guard arguments.namedSpread == nil else { throw wrongOrder(offset) }
      index += 2
      guard names.insert(name).inserted else {
        throw error("an argument twice", at: offset, expected: "different names", found: "'\(name.string)'")
      }
      arguments.named.append((name, try expression()))
    } else {
      guard arguments.spread == nil, arguments.namedSpread == nil, arguments.named.isEmpty else {
        throw wrongOrder(offset)
      }
      arguments.positional.append(try expression())
    }
  }

  // MARK: - Targets

  /// Parses the target of an assignment or loop: a name, an attribute of a namespace, or a tuple of these.
  mutating func assignmentTarget(
    withAttributes: Bool = false, end: Text? = nil
  ) throws(TemplateError) -> Target {
    let offset = current.offset
    var targets: [Target] = []
    var isTuple = false
    while !isTupleEnd(end) {
      targets.append(try singleTarget(withAttributes))
      guard accept(.comma) else { break }
      isTuple = true
    }
    if isTuple { return .tuple(targets, offset: offset) }
    guard let first = targets.first else { throw unexpected("a name to assign to") }
    return first
  }

  private mutating func singleTarget(_ withAttributes: Bool) throws(TemplateError) -> Target {
    let offset = current.offset
    if accept(.leftParenthesis) {
      let target = try nested { (parser) throws(TemplateError) in
        try parser.assignmentTarget(withAttributes: withAttributes)
      }
      try expect(.rightParenthesis)
      return target
    }
    let reserved: [Text] = ["true", "false", "none", "True", "False", "None"]
    guard case .name(let name) = current.token, !reserved.contains(name), name != "loop" || !isInLoop else {
      throw unexpected("a name to assign to")
    }
    advance()
    let use = use(name, at: offset)
    return withAttributes && accept(.dot) ? .attribute(of: use, try expectName()) : .name(use)
  }
}
