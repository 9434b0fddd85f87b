// Filters that apply a filter or test to each element, and filters that output values.
extension Filters {
  static let selections = [
    Builtin("map", "value, *args, **kwargs") { (renderer, values) throws(TemplateError) in try mapped(renderer, values)
    },
    Builtin("select", "value, *args, **kwargs") { (renderer, values) throws(TemplateError) in
      try selected(renderer, values, keeps: true, byAttribute: false)
    },
    Builtin("reject", "value, *args, **kwargs") { (renderer, values) throws(TemplateError) in
      try selected(renderer, values, keeps: false, byAttribute: false)
    },
    Builtin("selectattr", "value, *args, **kwargs") { (renderer, values) throws(TemplateError) in
      try selected(renderer, values, keeps: true, byAttribute: true)
    },
    Builtin("rejectattr", "value, *args, **kwargs") { (renderer, values) throws(TemplateError) in
      try selected(renderer, values, keeps: false, byAttribute: true)
    },
    Builtin("default", "value, default_value='', boolean=false", body: replaced),
    Builtin("d", "value, default_value='', boolean=false", body: replaced),
    Builtin("attr", "obj, name") { (renderer, values) throws(TemplateError) in
      let name = try values[1].text("name")
      if case .undefined(let undefined) = values[0] {
        if name.bytes.starts(with: [0x5F, 0x5F]) { return values[0] }
        throw undefined.error
      }
      return try renderer.ownAttribute(name, of: values[0])
        ?? .undefined(Undefined(.member(type: values[0].typeName, name: name.string)))
    },
    Builtin("tojson", "x, ensure_ascii=false, indent=none, separators=none, sort_keys=false") {
      (renderer, values) throws(TemplateError) in try json(renderer, values)
    },
  ]

  @Sendable private static func replaced(_ renderer: Renderer, _ values: [Value]) -> Value {
    values[0].isUndefined || values[2].isTrue && !values[0].isTrue ? values[1] : values[0]
  }

  // MARK: - Lazy filters

  /// The arguments after the value, as passed by the caller.
  private static func arguments(_ values: [Value]) throws(TemplateError) -> Arguments {
    var arguments = Arguments()
    if case .tuple(let positional) = values[1] { arguments.positional = positional.values }
    if case .dictionary(let named) = values[2] {
      for (name, value) in named.entries { arguments.named.append((try name.text("a name"), value)) }
    }
    return arguments
  }

  /// A lazy sequence: `element` is called for each element of the value when the result is iterated.
  private static func lazy(
    _ renderer: Renderer, _ values: [Value],
    _ element: @escaping (Value, Arguments) throws(TemplateError) -> Value?
  ) throws(TemplateError) -> Value {
    let value = values[0]
    let arguments = try arguments(values)
    var source: ValueIterator?
    let depth = try nestedDepth(values)
    return .object(
      try ValueIterator(over: depth) { () throws(TemplateError) -> Value? in
        guard value.isTrue else { return nil }
        if source == nil { source = try renderer.iterate(value) }
        while let next = try source?.next(renderer) {
          if let result = try element(next, arguments) { return result }
        }
        return nil
      })
  }

  private static func mapped(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    try lazy(renderer, values) { (value, arguments) throws(TemplateError) in
      var arguments = arguments
      if arguments.positional.isEmpty, let attribute = arguments.named.first(where: { $0.name == "attribute" }) {
        if let other = arguments.named.first(where: { $0.name != "attribute" && $0.name != "default" }) {
          throw .runtime("'map' has no such argument", expected: "'attribute' or 'default'", found: other.name.string)
        }
        let fallback = arguments.named.first { $0.name == "default" }?.value
        return try renderer.value(
          at: renderer.path(attribute.value), of: value, default: fallback.flatMap { $0.isNone ? nil : $0 })
      }
      guard case .string(let name) = arguments.positional.first else {
        throw .runtime("'map' needs a filter", expected: "the name of a filter or an attribute", found: "none")
      }
      arguments.positional.removeFirst()
      return try renderer.filter(name, value, arguments)
    }
  }

  private static func selected(
    _ renderer: Renderer, _ values: [Value], keeps: Bool, byAttribute: Bool
  ) throws(TemplateError) -> Value {
    try lazy(renderer, values) { (value, arguments) throws(TemplateError) in
      var arguments = arguments
      var subject = value
      if byAttribute {
        guard let attribute = arguments.positional.first else {
          throw .runtime("the filter needs an attribute", expected: "the name of one", found: "none")
        }
        arguments.positional.removeFirst()
        subject = try renderer.value(at: renderer.path(attribute), of: value)
      }
      guard let first = arguments.positional.first else { return subject.isTrue == keeps ? value : nil }
      arguments.positional.removeFirst()
      return try renderer.test(try first.text("the name of a test"), subject, arguments) == keeps ? value : nil
    }
  }

  // MARK: - JSON

  private static func json(_ renderer: Renderer, _ values: [Value]) throws(TemplateError) -> Value {
    var writer = JSONWriter(renderer)
    writer.isASCII = values[1].isTrue
    writer.sortsKeys = values[4].isTrue
    switch values[2] {
    case .none: break
    case .string(let indent): writer.indent = indent
    default: writer.indent = try renderer.repeated(" ", try values[2].int("indent"))
    }
    if writer.indent != nil { writer.itemSeparator = "," }
    if !values[3].isNone {
      let separators = try renderer.list(values[3])
      guard separators.count == 2 else {
        throw .runtime("wrong separators", expected: "two strings", found: "\(separators.count)")
      }
      writer.itemSeparator = try separators[0].text("a separator")
      writer.keySeparator = try separators[1].text("a separator")
    }
    return .string(try writer.text(of: values[0]))
  }
}
