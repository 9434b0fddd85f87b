/// Parses the statements of a template.
struct Parser {
  private let lexer: Lexer
  let tokens: [LocatedToken]
  var index = 0
  private var depth = 0
  private(set) var uses: [NameUse] = []
  private(set) var frames = 1
  private var blocks: Set<Text> = []

  /// The loops, macros and blocks around the current statement, outermost first.
  private var enclosing: [Enclosing] = []

  /// A loop, macro or block that is being parsed.
  private struct Enclosing {
    enum Kind {
      /// A loop; `break` and `continue` apply to it.
      case loop
      case macro
      /// A block that Jinja compiles to a function; `break` cannot leave it.
      case function
    }
    let kind: Kind
    /// The special names that are read inside.
    var reads: Set<Text> = []
  }

  init(_ source: String, options: TemplateOptions) throws(TemplateError) {
    var lexer = Lexer(source, options: options)
    tokens = try lexer.tokenize()
    self.lexer = lexer
  }

  /// The source text; all offsets refer to it.
  var source: [UInt8] { lexer.source }

  /// Parses the whole template.
  mutating func parse() throws(TemplateError) -> [Statement] { try statements(until: [], opened: nil) }

  // MARK: - Statements

  /// Parses statements up to a tag with one of these names. The name is then the current token.
  private mutating func statements(
    until ends: [Text], opened: (tag: String, offset: Int)?
  ) throws(TemplateError) -> [Statement] {
    var body: [Statement] = []
    while true {
      let token = current
      advance()
      switch token.token {
      case .data(let text): body.append(.text(text))
      case .printBegin:
        body.append(.print(try tuple(), offset: token.offset))
        try expect(.printEnd)
      case .blockBegin:
        if case .name(let name) = current.token, ends.contains(name) { return body }
        body += try nested { (parser) throws(TemplateError) in try parser.statement() }
        try expect(.blockEnd)
      default:
        guard let opened else { return body }
        throw error(
          "'\(opened.tag)' is not closed", at: opened.offset,
          expected: ends.map { "'{% \($0.string) %}'" }.joined(separator: " or "), found: "the end of the template")
      }
    }
  }

  /// Parses the rest of an opening tag and the statements up to one of the ends, including the end tag's name.
  private mutating func body(
    _ tag: String, _ offset: Int, until ends: Text...
  ) throws(TemplateError) -> (body: [Statement], end: Text) {
    _ = accept(.colon)
    try expect(.blockEnd)
    let body = try statements(until: ends, opened: (tag, offset))
    return (body, try expectName())
  }

  private mutating func block(_ tag: String, _ offset: Int, until end: Text) throws(TemplateError) -> Block {
    let frame = newFrame()
    return Block(body: try body(tag, offset, until: end).body, frame: frame)
  }

  private mutating func statement() throws(TemplateError) -> [Statement] {
    let offset = current.offset
    let tag = try expectName("the name of a tag")
    switch tag {
    case "if": return [try conditional(offset)]
    case "for": return [.loop(try loop(offset))]
    case "set": return [try assignment(offset)]
    case "macro":
      let name = try newUse()
      return [.macro(try macro(name, tag: "macro", end: "endmacro", offset, parameters: try parameters()))]
    case "call": return [try call(offset)]
    case "filter":
      let filters = try filters(startsWithName: true)
      return [.filtered(filters, try block("filter", offset, until: "endfilter"), offset: offset)]
    case "with": return [try with(offset)]
    case "autoescape":
      // Only `autoescape false` is supported, because chat templates do not produce HTML.
      guard case .literal(.bool(false)) = try expression() else {
        throw error("escapes for HTML", at: offset, expected: "'autoescape false'", found: "'autoescape'")
      }
      return [.with([], try block("autoescape", offset, until: "endautoescape"), offset: offset)]
    case "generation":
      return [
        .generation(
          try function { (parser) throws(TemplateError) in
            try parser.block("generation", offset, until: "endgeneration")
          })
      ]
    case "print": return try print(offset)
    case "block": return [try namedBlock(offset)]
    case "break", "continue":
      guard enclosing.last?.kind == .loop else {
        throw error("'\(tag.string)' outside of a loop", at: offset, expected: "a loop around it", found: "none")
      }
      return [tag == "break" ? .leaveLoop(offset: offset) : .nextIteration(offset: offset)]
    case "include", "import", "from", "extends":
      while current.token != .blockEnd, current.token != .end { advance() }
      return [.otherTemplate(tag: tag.string, offset: offset)]
    default:
      throw error("an unknown tag", at: offset, expected: "a tag of the language", found: "'\(tag.string)'")
    }
  }

  private mutating func conditional(_ offset: Int) throws(TemplateError) -> Statement {
    var branches: [(condition: Expression, body: [Statement])] = []
    while true {
      let condition = try tuple(withConditional: false)
      let (body, end) = try body("if", offset, until: "elif", "else", "endif")
      branches.append((condition, body))
      if end == "endif" { return .conditional(branches, otherwise: []) }
      if end == "else" {
        return .conditional(branches, otherwise: try self.body("if", offset, until: "endif").body)
      }
    }
  }

  private mutating func loop(_ offset: Int) throws(TemplateError) -> Loop {
    let start = index
    let target = try assignmentTarget(end: "in")
    if current.token == .name("in"), tokens[index - 1].token == .name("loop") {
      throw error("a loop over 'loop'", at: offset, expected: "another name", found: "'loop'")
    }
    let end = index
    try expect("in")
    let sequence = try tuple(withConditional: false, end: "recursive")
    var filter: (target: Target, condition: Expression, frame: Int)?
    if accept("if") {
      let condition = try expression()
      // The condition is a separate scope with its own copy of the target, so parse the target twice.
      let behind = index
      index = start
      filter = (try assignmentTarget(end: "in"), condition, newFrame())
      index = max(behind, end)
    }
    let isRecursive = accept("recursive")
    let frame = newFrame()
    enclosing.append(Enclosing(kind: .loop))
    let (body, tag) = try body("for", offset, until: "endfor", "else")
    let reads = enclosing.removeLast().reads
    let variable = isRecursive || reads.contains("loop") ? use("loop", at: offset) : nil
    var otherwise = Block(body: [], frame: newFrame())
    if tag == "else" {
      otherwise.body =
        isRecursive
        ? try function { (parser) throws(TemplateError) in try parser.body("for", offset, until: "endfor").body }
        : try self.body("for", offset, until: "endfor").body
    }
    return Loop(
      target: target, sequence: sequence, filter: filter, isRecursive: isRecursive, variable: variable,
      block: Block(body: body, frame: frame), otherwise: otherwise, offset: offset)
  }

  private mutating func assignment(_ offset: Int) throws(TemplateError) -> Statement {
    let target = try assignmentTarget(withAttributes: true)
    if accept(.assign) { return .assignment(target, try tuple(), offset: offset) }
    let filters = try filters(startsWithName: false)
    return .captured(target, filters: filters, try block("set", offset, until: "endset"), offset: offset)
  }

  private mutating func call(_ offset: Int) throws(TemplateError) -> Statement {
    let parameters = current.token == .symbol(.leftParenthesis) ? try parameters() : ([], [])
    let place = current.offset
    let expression = try expression()
    guard case .chain(_, let steps) = expression, case .call = steps.last else {
      throw error(
        "'call' without a call", at: place, expected: "a macro with its arguments", found: "another expression")
    }
    return .call(
      expression, try macro(nil, tag: "call", end: "endcall", offset, parameters: parameters), offset: offset)
  }

  private mutating func parameters() throws(TemplateError) -> (names: [NameUse], defaults: [Expression]) {
    try expect(.leftParenthesis)
    var names: [NameUse] = []
    var known: Set<Text> = []
    var defaults: [Expression] = []
    while current.token != .symbol(.rightParenthesis) {
      if !names.isEmpty { try expect(.comma) }
      let name = try newUse()
      if !known.insert(name.name).inserted {
        throw error("a parameter twice", at: name.offset, expected: "different names", found: "'\(name.name.string)'")
      }
      names.append(name)
      if accept(.assign) {
        defaults.append(try expression())
      } else if !defaults.isEmpty {
        throw error(
          "a parameter without default after one with a default", at: name.offset, expected: "a default",
          found: "'\(name.name.string)'")
      }
    }
    try expect(.rightParenthesis)
    return (names, defaults)
  }

  private mutating func macro(
    _ name: NameUse?, tag: String, end: Text, _ offset: Int,
    parameters: (names: [NameUse], defaults: [Expression])
  ) throws(TemplateError) -> MacroDefinition {
    enclosing.append(Enclosing(kind: .macro))
    let block = try block(tag, offset, until: end)
    let reads = enclosing.removeLast().reads
    let names = parameters.names.map(\.name)
    let special = { (name: Text, parser: inout Parser) in
      reads.contains(name) && !names.contains(name) ? parser.use(name, at: offset) : nil
    }
    if reads.contains("caller"), let place = names.firstIndex(of: "caller"),
      place < names.count - parameters.defaults.count
    {
      throw error("the parameter 'caller' has no default", at: offset, expected: "a default", found: "none")
    }
    return MacroDefinition(
      variable: name, parameters: parameters.names, defaults: parameters.defaults,
      caller: special("caller", &self), varargs: special("varargs", &self), kwargs: special("kwargs", &self),
      block: block, offset: offset)
  }

  private mutating func with(_ offset: Int) throws(TemplateError) -> Statement {
    var values: [(target: Target, value: Expression)] = []
    while current.token != .blockEnd {
      if !values.isEmpty { try expect(.comma) }
      let target = try assignmentTarget()
      try expect(.assign)
      values.append((target, try expression()))
    }
    return .with(values, try block("with", offset, until: "endwith"), offset: offset)
  }

  private mutating func print(_ offset: Int) throws(TemplateError) -> [Statement] {
    var statements: [Statement] = []
    while current.token != .blockEnd {
      if !statements.isEmpty { try expect(.comma) }
      statements.append(.print(try expression(), offset: offset))
    }
    return statements
  }

  private mutating func namedBlock(_ offset: Int) throws(TemplateError) -> Statement {
    let name = try expectName()
    guard blocks.insert(name).inserted else {
      throw error("a block twice", at: offset, expected: "different names", found: "'\(name.string)'")
    }
    while accept("scoped") || accept("required") {}
    let block = try function { (parser) throws(TemplateError) in
      try parser.block("block", offset, until: "endblock")
    }
    if current.token == .name(name) { advance() }
    return .block(name: name, block)
  }

  // MARK: - Scopes

  private mutating func newFrame() -> Int {
    defer { frames += 1 }
    return frames
  }

  /// Registers a use of a variable.
  mutating func use(_ name: Text, at offset: Int) -> NameUse {
    let use = NameUse(name: name, number: uses.count, offset: offset)
    uses.append(use)
    return use
  }

  /// Parses a name that is assigned to.
  mutating func newUse() throws(TemplateError) -> NameUse {
    let offset = current.offset
    return use(try expectName(), at: offset)
  }

  /// Whether a loop encloses the current statement. If so, `loop` cannot be assigned.
  var isInLoop: Bool { enclosing.contains { $0.kind == .loop } }

  /// Registers a read of a special variable in all enclosing loops and macros.
  mutating func noteRead(of name: Text) {
    guard ["loop", "caller", "varargs", "kwargs"].contains(name) else { return }
    for index in enclosing.indices { enclosing[index].reads.insert(name) }
  }

  private mutating func function<R>(
    _ body: (inout Parser) throws(TemplateError) -> R
  ) throws(TemplateError) -> R {
    enclosing.append(Enclosing(kind: .function))
    defer { enclosing.removeLast() }
    return try body(&self)
  }

  /// Runs a nested parse. Throws if the nesting is too deep, because the parser is recursive.
  mutating func nested<R>(_ body: (inout Parser) throws(TemplateError) -> R) throws(TemplateError) -> R {
    guard depth < TemplateLimits.syntaxDepth else {
      throw TemplateError(
        .limit, "the template nests too deep", at: TemplatePlace(offset: current.offset, in: source),
        expected: "at most \(TemplateLimits.syntaxDepth) levels", found: "more")
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  func error(_ what: String, at offset: Int, expected: String, found: String) -> TemplateError {
    lexer.error(what, at: offset, expected: expected, found: found)
  }
}
