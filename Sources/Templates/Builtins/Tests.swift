/// The table of tests (after `is`) by name. A test's first argument is the tested value.
enum Tests {
  static let table = Builtin.table(kinds + comparisons + questions)

  private static func kind(_ name: String, _ holds: @escaping @Sendable (Value) -> Bool) -> Builtin {
    Builtin(name, "value") { (_, values) throws(TemplateError) in .bool(holds(values[0])) }
  }

  private static let kinds = [
    kind("defined") { !$0.isUndefined },
    kind("undefined") { $0.isUndefined },
    kind("none") { $0.isNone },
    kind("boolean") { if case .bool = $0 { true } else { false } },
    kind("true") { if case .bool(true) = $0 { true } else { false } },
    kind("false") { if case .bool(false) = $0 { true } else { false } },
    kind("integer") { value in
      switch value {
      case .int, .big: true
      default: false
      }
    },
    kind("float") { if case .float = $0 { true } else { false } },
    kind("number") { Number($0) != nil },
    kind("string") { if case .string = $0 { true } else { false } },
    kind("mapping") { if case .dictionary = $0 { true } else { false } },
    kind("sequence") { value in
      switch value {
      case .string, .list, .tuple, .dictionary: true
      // Jinja's undefined value has `__len__` and `__getitem__`, so it counts as a sequence.
      case .undefined: true
      case .object(let object): object.isSequence
      default: false
      }
    },
    kind("callable") { value in
      switch value {
      case .object(let object): object.isCallable
      // Undefined values count as callable, although calling one is an error.
      case .undefined: true
      default: false
      }
    },
    kind("escaped") { if case .string(let text) = $0 { text.isMarkup } else { false } },
    Builtin("iterable", "value") { (renderer, values) throws(TemplateError) in
      try .bool(renderer.iterator(values[0]) != nil)
    },
    Builtin("lower", "value") { (renderer, values) throws(TemplateError) in
      try cased(renderer, values[0], Methods.isLower)
    },
    Builtin("upper", "value") { (renderer, values) throws(TemplateError) in
      try cased(renderer, values[0], Methods.isUpper)
    },
    Builtin("sameas", "value, other") { (_, values) throws(TemplateError) in .bool(areSame(values[0], values[1])) },
  ]

  private static func cased(
    _ renderer: Renderer, _ value: Value, _ holds: ([UInt32]) -> Bool
  ) throws(TemplateError) -> Value {
    let text = try renderer.printed(value)
    try renderer.scan(text)
    return .bool(holds(text.codePoints))
  }

  private static let questions = [
    Builtin("filter", "value") { (_, values) throws(TemplateError) in .bool(named(values[0], Filters.table)) },
    Builtin("test", "value") { (_, values) throws(TemplateError) in .bool(isTest(values[0])) },
  ]

  private static func isTest(_ value: Value) -> Bool { named(value, table) }

  private static func named(_ value: Value, _ table: [Text: Builtin]) -> Bool {
    guard case .string(let name) = value else { return false }
    return table[name] != nil
  }

  private static let comparisons =
    [
      ("==", Relation.equal), ("eq", .equal), ("equalto", .equal), ("!=", .unequal), ("ne", .unequal), ("<", .less),
      ("lt", .less), ("lessthan", .less), ("<=", .lessOrEqual), ("le", .lessOrEqual), (">", .greater),
      ("gt", .greater), ("greaterthan", .greater), (">=", .greaterOrEqual), ("ge", .greaterOrEqual), ("in", .isIn),
    ].map { (name, relation) in
      Builtin(name, "value, other") { (renderer, values) throws(TemplateError) in
        try .bool(renderer.holds(relation, values[0], values[1]))
      }
    } + [
      Builtin("odd", "value") { (renderer, values) throws(TemplateError) in
        try remainder(renderer, values[0], .int(2), is: .int(1))
      },
      Builtin("even", "value") { (renderer, values) throws(TemplateError) in
        try remainder(renderer, values[0], .int(2), is: .int(0))
      },
      Builtin("divisibleby", "value, num") { (renderer, values) throws(TemplateError) in
        try remainder(renderer, values[0], values[1], is: .int(0))
      },
    ]

  private static func remainder(
    _ renderer: Renderer, _ value: Value, _ divisor: Value, is expected: Value
  ) throws(TemplateError) -> Value {
    try .bool(renderer.areEqual(renderer.calculate(.modulo, value, divisor), expected))
  }

  /// Whether two values are the same object, as far as Python templates can tell.
  private static func areSame(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.none, .none): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.float(let a), .float(let b)): a == b
    case (.string(let a), .string(let b)): a == b && a.isMarkup == b.isMarkup
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a === b
    case (.dictionary(let a), .dictionary(let b)): a === b
    case (.object(let a), .object(let b)): a === b
    default: false
    }
  }
}

extension Renderer {
  /// `value is name(arguments)`
  func test(_ name: Text, _ value: Value, _ arguments: Arguments) throws(TemplateError) -> Bool {
    guard let test = Tests.table[name] else {
      throw .runtime("an unknown test", expected: "a test of Jinja", found: "'\(name.string)'")
    }
    var all = arguments
    all.positional.insert(value, at: 0)
    return try test.body(self, try test.signature.bind(all, self)).isTrue
  }
}
