/// A built-in method or function: parameters and implementation. For methods, the first value is the receiver.
struct Builtin: Sendable {
  typealias Body = @Sendable (Renderer, [Value]) throws(TemplateError) -> Value

  let signature: Signature
  let body: Body

  init(_ name: String, _ parameters: String, body: @escaping Body) {
    signature = Signature(name, parameters)
    self.body = body
  }

  func bound(to receiver: Value) throws(TemplateError) -> Value {
    .object(try NativeFunction(signature, receiver: receiver, body: body))
  }

  /// A table of built-ins by name.
  static func table(_ entries: [Builtin]) -> [Text: Builtin] {
    [Text: Builtin](entries.map { (Text($0.signature.name), $0) }) { first, _ in first }
  }
}

/// The methods of Python's types that do not mutate the receiver.
enum Methods {
  /// Mutating methods, which the sandbox rejects.
  static let changingList: Set<Text> = [
    "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove",
  ]
  static let changingDictionary: Set<Text> = ["clear", "pop", "popitem", "setdefault", "update"]

  static let text = Builtin.table(cases + searches + parts + fields + questions)

  static let dictionary = Builtin.table([
    Builtin("items", "") { (renderer, values) throws(TemplateError) in try view(values[0], .items) },
    Builtin("keys", "") { (renderer, values) throws(TemplateError) in try view(values[0], .keys) },
    Builtin("values", "") { (renderer, values) throws(TemplateError) in try view(values[0], .values) },
    Builtin("copy", "") { (_, values) throws(TemplateError) in values[0] },
    Builtin("get", "key, default=none, /") { (renderer, values) throws(TemplateError) in
      guard case .dictionary(let dictionary) = values[0] else { return .none }
      return dictionary[try MappingKey(values[1], renderer)] ?? values[2]
    },
    Builtin("fromkeys", "iterable, value=none, /") { (renderer, values) throws(TemplateError) in
      try fromKeys.body(renderer, Array(values.dropFirst()))
    },
  ])

  /// The methods of lists and tuples.
  fileprivate static let sequence: [Text: Signature] = [
    "count": Signature("count", "value, /"), "index": Signature("index", "value, start=0, stop=none, /"),
    "copy": Signature("copy", ""),
  ]

  /// `dict.fromkeys(keys, value)`
  static let fromKeys = Builtin("fromkeys", "iterable, value=none, /") { (renderer, values) throws(TemplateError) in
    var builder = MappingBuilder()
    let iterator = try renderer.iterate(values[0])
    while let key = try iterator.next(renderer) {
      try renderer.reserveEntries(1)
      try builder.set(key, values[1], renderer)
    }
    return .dictionary(try builder.build())
  }

  private static func view(_ value: Value, _ part: DictionaryView.Part) throws(TemplateError) -> Value {
    guard case .dictionary(let dictionary) = value else { return .none }
    return .object(try DictionaryView(dictionary, part))
  }
}

/// `count`, `index` and `copy` of lists and tuples.
func sequenceMethod(_ name: Text, of value: Value) throws(TemplateError) -> Value? {
  guard let signature = Methods.sequence[name] else { return nil }
  return .object(
    try NativeFunction(signature, receiver: value) { (renderer, values) throws(TemplateError) in
      if name == "copy" { return try .list(renderer.list(values[0])) }
      let elements = try renderer.list(values[0])
      try renderer.charge(elements.count)
      if name == "count" {
        var count = 0
        for element in elements where try renderer.areEqual(element, values[1]) { count += 1 }
        return .int(count)
      }
      let stop = values[3].isNone ? elements.count : try values[3].int("stop")
      let start = try values[2].int("start")
      let bounds = SliceIndices(.int(start), .int(stop), nil, count: elements.count)
      for offset in 0..<(bounds?.count ?? 0) {
        let place = (bounds?.start ?? 0) + offset
        if try renderer.areEqual(elements[place], values[1]) { return .int(place) }
      }
      throw .runtime("the value is not in the list", expected: "an element", found: "another value")
    })
}
