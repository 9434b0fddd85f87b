// Execution of statements.
extension Renderer {
  /// Runs statements until the end, or until one of them leaves the enclosing loop.
  func run(_ body: [Statement]) throws(TemplateError) -> Flow {
    try enter()
    defer { leave() }
    for statement in body {
      try charge(1)
      let flow = try run(statement)
      if flow != .finished { return flow }
    }
    return .finished
  }

  private func run(_ statement: Statement) throws(TemplateError) -> Flow {
    switch statement {
    case .text(let text): try write(text)
    case .print(let expression, let place): try print(expression, place)
    case .conditional(let branches, let otherwise): return try choose(branches, otherwise)
    case .loop(let loop): return try run(loop)
    case .assignment(let target, let expression, let place):
      let value = try evaluate(expression)
      offset = place
      try assign(value, to: target)
    case .captured(let target, let filters, let block, let place):
      return try capture(target, filters, block, place)
    case .macro(let macro):
      if let variable = macro.variable { set(variable, to: .object(makeMacro(macro))) }
    case .call(let expression, let macro, let place): try call(expression, macro, place)
    case .filtered(let filters, let block, let place): return try filter(filters, block, place)
    case .with(let values, let block, _): return try with(values, block)
    case .generation(let block): try generate(block)
    case .block(_, let block): try runBlock(block)
    case .otherTemplate(let tag, let place):
      offset = place
      throw .runtime(
        "'\(tag)' needs another template", expected: "a single template", found: "'\(tag)'",
        hint: "chat templates cannot load others")
    case .leaveLoop: return .leavesLoop
    case .nextIteration: return .nextIteration
    }
    return .finished
  }

  @inline(never)
  private func print(_ expression: Expression, _ place: Int) throws(TemplateError) {
    let value = try evaluate(expression)
    if case .string(let text) = value { return try write(text) }
    if value.isUndefined { return }
    offset = place
    try write(try printed(value))
  }

  @inline(never)
  private func choose(
    _ branches: [(condition: Expression, body: [Statement])], _ otherwise: [Statement]
  ) throws(TemplateError) -> Flow {
    for branch in branches where try evaluate(branch.condition).isTrue { return try run(branch.body) }
    return otherwise.isEmpty ? .finished : try run(otherwise)
  }

  // MARK: - Assignments

  func assign(_ value: Value, to target: Target) throws(TemplateError) {
    switch target {
    case .name(let use): set(use, to: value)
    case .attribute(let use, let name):
      guard case .object(let object) = try self.value(of: use), let namespace = object as? Namespace else {
        throw .runtime(
          "an attribute of '\(use.name.string)' cannot be set", expected: "a namespace", found: "another value",
          hint: "make it by {% set \(use.name.string) = namespace() %}")
      }
      try namespace.set(name, value, self)
    case .tuple(let targets, let place):
      offset = place
      let values = try unpack(value, count: targets.count)
      for (value, target) in zip(values, targets) { try assign(value, to: target) }
    }
  }

  /// The elements of a value; throws if there are not exactly `count`.
  private func unpack(_ value: Value, count: Int) throws(TemplateError) -> [Value] {
    switch value {
    case .list(let elements), .tuple(let elements):
      if elements.values.count == count { return elements.values }
      throw unpackingError(count, found: "\(elements.values.count)")
    default:
      let iterator = try iterate(value)
      var values: [Value] = []
      while let element = try iterator.next(self) {
        guard values.count < count else { throw unpackingError(count, found: "more") }
        values.append(element)
      }
      guard values.count == count else { throw unpackingError(count, found: "\(values.count)") }
      return values
    }
  }

  private func unpackingError(_ count: Int, found: String) -> TemplateError {
    .runtime("values do not fit the names", expected: "\(count) values", found: found)
  }

  @inline(never)
  private func capture(
    _ target: Target, _ filters: [Access], _ block: Block, _ place: Int
  ) throws(TemplateError) -> Flow {
    var value = Value.none
    let flow = try scoped(block.frame) { () throws(TemplateError) -> Flow in
      let (text, flow) = try capturing { () throws(TemplateError) in try run(block.body) }
      value = try apply(filters, to: .string(text))
      return flow
    }
    if flow == .finished {
      offset = place
      try assign(value, to: target)
    }
    return flow
  }

  // MARK: - Blocks

  @inline(never)
  private func filter(_ filters: [Access], _ block: Block, _ place: Int) throws(TemplateError) -> Flow {
    try scoped(block.frame) { () throws(TemplateError) -> Flow in
      let (text, flow) = try capturing { () throws(TemplateError) in try run(block.body) }
      if flow == .finished { try write(try printed(try apply(filters, to: .string(text)))) }
      return flow
    }
  }

  private func apply(_ filters: [Access], to value: Value) throws(TemplateError) -> Value {
    var value = value
    for filter in filters { value = try access(value, filter) }
    return value
  }

  @inline(never)
  private func with(
    _ values: [(target: Target, value: Expression)], _ block: Block
  ) throws(TemplateError) -> Flow {
    var evaluated: [Value] = []
    for value in values { evaluated.append(try evaluate(value.value)) }
    return try scoped(block.frame) { () throws(TemplateError) -> Flow in
      for (value, entry) in zip(evaluated, values) { try assign(value, to: entry.target) }
      return try run(block.body)
    }
  }

  @inline(never)
  private func generate(_ block: Block) throws(TemplateError) {
    let text = try scoped(block.frame) { () throws(TemplateError) -> Text in
      try capturing { () throws(TemplateError) in try run(block.body) }.text
    }
    noteGenerated(text)
    try write(text)
  }

  /// Runs a named block. It can read the context and the template's top-level variables only.
  @inline(never)
  private func runBlock(_ block: Block) throws(TemplateError) {
    let inner = Frame(slots: program.scopes.slotCounts[block.frame], parent: nil)
    _ = try inside(inner) { () throws(TemplateError) in try run(block.body) }
  }
}
