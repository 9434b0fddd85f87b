// Evaluation of expressions.
extension Renderer {
  func evaluate(_ expression: Expression) throws(TemplateError) -> Value {
    try charge(1)
    switch expression {
    case .literal(let literal): return Value(literal)
    case .name(let use): return try value(of: use)
    default:
      try enter()
      defer { leave() }
      return try compose(expression)
    }
  }

  /// Evaluates an expression that contains other expressions.
  private func compose(_ expression: Expression) throws(TemplateError) -> Value {
    switch expression {
    case .literal, .name: return .none
    case .list(let elements): return try .list(evaluate(elements))
    case .tuple(let elements): return try .tuple(evaluate(elements))
    case .dictionary(let entries, let place): return try dictionary(entries, place)
    case .concatenation(let operands): return try concatenate(operands)
    case .arithmetic(let first, let operands): return try arithmetic(first, operands)
    case .all(let operands): return try decide(operands, until: false)
    case .any(let operands): return try decide(operands, until: true)
    case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
    case .negative(let operand, let place): return try sign(operand, place, isNegative: true)
    case .positive(let operand, let place): return try sign(operand, place, isNegative: false)
    case .comparison(let first, let operands): return try compare(first, operands)
    case .conditional(let condition, let value, let other): return try choose(condition, value, other)
    case .chain(let base, let steps): return try follow(base, steps)
    }
  }

  @inline(never)
  private func evaluate(_ expressions: [Expression]) throws(TemplateError) -> [Value] {
    try reserve(expressions.count * MemoryLayout<Value>.stride)
    var values: [Value] = []
    values.reserveCapacity(expressions.count)
    for expression in expressions { values.append(try evaluate(expression)) }
    return values
  }

  @inline(never)
  private func dictionary(
    _ entries: [(key: Expression, value: Expression)], _ place: Int
  ) throws(TemplateError) -> Value {
    try reserveEntries(entries.count)
    var builder = MappingBuilder()
    for entry in entries {
      let key = try evaluate(entry.key)
      let value = try evaluate(entry.value)
      offset = place
      try builder.set(key, value, self)
    }
    return .dictionary(try builder.build())
  }

  @inline(never)
  private func concatenate(_ operands: [Expression]) throws(TemplateError) -> Value {
    var text = Text.empty
    for operand in operands {
      let part = try printed(try evaluate(operand))
      try reserve(part.bytes.count)
      text.bytes += part.bytes
    }
    return .string(text)
  }

  @inline(never)
  private func arithmetic(
    _ first: Expression, _ operands: [(operation: Arithmetic, operand: Expression, offset: Int)]
  ) throws(TemplateError) -> Value {
    var value = try evaluate(first)
    for (operation, operand, place) in operands {
      let other = try evaluate(operand)
      offset = place
      value = try calculate(operation, value, other)
    }
    return value
  }

  /// `and` and `or`: the value of the first operand that decides the result, or of the last one.
  @inline(never)
  private func decide(_ operands: [Expression], until truth: Bool) throws(TemplateError) -> Value {
    var value = Value.none
    for operand in operands {
      value = try evaluate(operand)
      if value.isTrue == truth { break }
    }
    return value
  }

  @inline(never)
  private func sign(_ operand: Expression, _ place: Int, isNegative: Bool) throws(TemplateError) -> Value {
    let value = try evaluate(operand)
    offset = place
    return try isNegative ? negated(value) : positive(value)
  }

  @inline(never)
  private func compare(
    _ first: Expression, _ operands: [(relation: Relation, operand: Expression, offset: Int)]
  ) throws(TemplateError) -> Value {
    var left = try evaluate(first)
    for (relation, operand, place) in operands {
      let right = try evaluate(operand)
      offset = place
      guard try holds(relation, left, right) else { return .bool(false) }
      left = right
    }
    return .bool(true)
  }

  @inline(never)
  private func choose(
    _ condition: Expression, _ value: Expression, _ other: Expression?
  ) throws(TemplateError) -> Value {
    if try evaluate(condition).isTrue { return try evaluate(value) }
    return try other.map { (other) throws(TemplateError) in try evaluate(other) }
      ?? .missing("the condition does not hold, and there is no 'else'")
  }

  // MARK: - Accesses

  @inline(never)
  private func follow(_ base: Expression, _ steps: [Access]) throws(TemplateError) -> Value {
    var value = try evaluate(base)
    for step in steps { value = try access(value, step) }
    return value
  }

  /// Applies an access (attribute, element, call, filter, test) to a value.
  func access(_ value: Value, _ step: Access) throws(TemplateError) -> Value {
    try charge(1)
    switch step {
    case .attribute(let name, let place):
      offset = place
      return try attribute(name, of: value)
    case .item(let key, let place):
      let key = try evaluate(key)
      offset = place
      return try item(key, of: value)
    case .slice(let start, let stop, let step, let place):
      let bounds = try (bound(start), bound(stop), bound(step))
      offset = place
      return try slice(value, bounds.0, bounds.1, bounds.2)
    case .call(let arguments, let place):
      let arguments = try evaluate(arguments)
      offset = place
      return try call(value, arguments)
    case .filter(let name, let arguments, let place):
      let arguments = try evaluate(arguments)
      offset = place
      return try filter(name, value, arguments)
    case .test(let name, let arguments, let isNegated, let place):
      let arguments = try evaluate(arguments)
      offset = place
      return .bool(try test(name, value, arguments) != isNegated)
    }
  }

  private func bound(_ expression: Expression?) throws(TemplateError) -> Value? {
    guard let expression else { return nil }
    let value = try evaluate(expression)
    return value.isNone ? nil : value
  }

  @inline(never)
  func evaluate(_ arguments: CallArguments) throws(TemplateError) -> Arguments {
    var values = Arguments()
    for argument in arguments.positional { values.positional.append(try evaluate(argument)) }
    for argument in arguments.named { values.named.append((argument.name, try evaluate(argument.value))) }
    if let spread = arguments.spread {
      let iterator = try iterate(try evaluate(spread))
      while let value = try iterator.next(self) { values.positional.append(value) }
      try reserve(values.positional.count * MemoryLayout<Value>.stride)
    }
    guard let spread = arguments.namedSpread else { return values }
    let mapping = try evaluate(spread)
    guard case .dictionary(let dictionary) = mapping else {
      throw .runtime("'**' needs a dictionary", expected: "a dictionary", found: mapping.typeName)
    }
    try reserveEntries(dictionary.count)
    let given = Set(values.named.map(\.name))
    for (key, value) in dictionary.entries {
      guard case .string(let name) = key, !given.contains(name) else {
        throw .runtime("an invalid argument name", expected: "different strings", found: "a key of '**'")
      }
      values.named.append((name, value))
    }
    return values
  }

  /// Calls a value and charges its result to the limits.
  func call(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch value {
    case .object(let object):
      let result = try object.call(arguments, self)
      try reserve(result.shallowBytes)
      return result
    case .undefined(let undefined): throw undefined.error
    default: throw .runtime("a value cannot be called", expected: "a function or macro", found: value.typeName)
    }
  }
}
