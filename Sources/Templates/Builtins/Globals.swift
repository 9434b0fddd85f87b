/// The names defined in every template.
enum Globals {
  /// The value of a global name; `nil` if the name is not defined.
  static func make(_ name: Text) throws(TemplateError) -> Value? {
    switch name {
    case "range": return try function("range", "*bounds", range)
    case "dict": return .object(DictionaryType())
    case "namespace": return try function("namespace", "*attributes, **named", namespace)
    case "joiner":
      return try function("joiner", "sep=', '") { (_, values) throws(TemplateError) in .object(Joiner(values[0])) }
    case "cycler": return try function("cycler", "*items", cycler)
    case "raise_exception":
      return try function("raise_exception", "message") { (renderer, values) throws(TemplateError) in
        let message = try renderer.printed(values[0]).string
        throw TemplateError(
          .raised, message, expected: "what the template asks for", found: "a conversation that it refuses")
      }
    case "strftime_now":
      return try function("strftime_now", "format") { (renderer, values) throws(TemplateError) in
        let format = try values[0].text("format")
        try renderer.reserve(format.bytes.count, of: 256)
        return .string(renderer.time.formatted(format))
      }
    default: return nil
    }
  }

  private static func function(
    _ name: String, _ parameters: String, _ body: @escaping NativeFunction.Body
  ) throws(TemplateError) -> Value {
    .object(try NativeFunction(Signature(name, parameters), body: body))
  }

  private static func range(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    guard case .tuple(let bounds) = values[0], (1...3).contains(bounds.values.count) else {
      throw .runtime("wrong arguments for 'range'", expected: "one to three integers", found: "another number of them")
    }
    var numbers: [Int] = []
    for bound in bounds.values { numbers.append(try bound.int("a bound")) }
    let step = numbers.count > 2 ? numbers[2] : 1
    guard step != 0 else { throw .runtime("a range of step 0", expected: "another step", found: "0") }
    return .object(
      try RangeObject(start: numbers.count > 1 ? numbers[0] : 0, stop: numbers[numbers.count > 1 ? 1 : 0], step: step))
  }

  private static func namespace(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    let namespace = Namespace()
    try renderer.charge(10)
    renderer.keep(namespace)
    for (key, value) in try dictionary(renderer, values).entries {
      try namespace.set(try key.text("a name"), value, renderer)
    }
    return .object(namespace)
  }

  private static func cycler(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    guard case .tuple(let items) = values[0], !items.values.isEmpty else {
      throw .runtime("nothing to cycle through", expected: "one item or more", found: "none")
    }
    return .object(Cycler(items))
  }

  /// `dict(mapping or pairs, name=value)`, with bound arguments.
  fileprivate static func dictionary(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Mapping {
    var builder = MappingBuilder()
    if case .tuple(let sources) = values[0], let source = sources.values.first {
      guard sources.values.count == 1 else {
        throw .runtime("too many arguments for 'dict'", expected: "at most 1", found: "\(sources.values.count)")
      }
      if case .undefined(let undefined) = source { throw undefined.error }
      if case .dictionary(let dictionary) = source {
        try renderer.reserveEntries(dictionary.count)
        for (key, value) in dictionary.entries { try builder.set(key, value, renderer) }
      } else {
        let iterator = try renderer.iterate(source)
        while let pair = try iterator.next(renderer) {
          let sides = try renderer.list(pair)
          guard sides.count == 2 else {
            throw .runtime("no pair for 'dict'", expected: "a key and a value", found: "\(sides.count) values")
          }
          try renderer.reserveEntries(1)
          try builder.set(sides[0], sides[1], renderer)
        }
      }
    }
    if case .dictionary(let named) = values[1] {
      try renderer.reserveEntries(named.count)
      for (key, value) in named.entries { try builder.set(key, value, renderer) }
    }
    return try builder.build()
  }
}

/// `dict`: the function, which also has the method `fromkeys`.
private final class DictionaryType: TemplateObject {
  private static let signature = Signature("dict", "*sources, **named")

  override var typeName: String { "TemplateDict" }
  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) -> Value {
    let values = try Self.signature.bind(arguments, renderer)
    return .dictionary(try Globals.dictionary(renderer, values))
  }

  override func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? {
    guard name == "fromkeys" else { return nil }
    return .object(
      try NativeFunction(Methods.fromKeys.signature, receiver: nil) { (renderer, values) throws(TemplateError) in
        try Methods.fromKeys.body(renderer, values)
      })
  }
}
