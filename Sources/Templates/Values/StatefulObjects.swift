/// An object with mutable values. The renderer empties all of them at its end, which breaks reference cycles.
protocol Emptied: AnyObject {
  func empty()
}

/// `namespace(…)`: an object whose attributes can be set in any scope.
final class Namespace: TemplateObject, Emptied {
  private(set) var attributes: [(name: Text, value: Value)] = []
  /// Whether the attributes are being printed.
  private var isInUse = false

  override var typeName: String { "Namespace" }

  /// - Throws: for names that begin with an underscore, which transformers rejects.
  func set(_ name: Text, _ value: Value, _ renderer: Renderer) throws(TemplateError) {
    guard name.bytes.first != UInt8(ascii: "_") else {
      throw .runtime(
        "a namespace refuses the attribute '\(name.string)'", expected: "a name without a leading underscore",
        found: name.string, hint: "rename the attribute")
    }
    try renderer.charge(attributes.count / 16)
    if let index = attributes.firstIndex(where: { $0.name == name }) {
      attributes[index].value = value
    } else {
      try renderer.reserve(64)
      attributes.append((name, value))
    }
  }

  override func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? {
    try renderer.charge(attributes.count / 16)
    return attributes.first { $0.name == name }?.value
  }

  override func item(_ key: Value, _ renderer: Renderer) throws(TemplateError) -> Value? {
    guard case .string(let name) = key else { return nil }
    return try attribute(name, renderer)
  }

  func empty() { attributes = [] }
}

/// `joiner(separator)`: the first call returns an empty string, each further call the separator.
final class Joiner: TemplateObject {
  private let separator: Value
  private var isUsed = false

  init(_ separator: Value) { self.separator = separator }

  override var typeName: String { "Joiner" }
  override var depth: Int { separator.depth + 1 }
  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) -> Value {
    try arguments.expectNone("joiner")
    defer { isUsed = true }
    return isUsed ? separator : .string(.empty)
  }
}

/// `cycler(a, b, …)`: returns its items in turn.
final class Cycler: TemplateObject {
  private static let next = Signature("next", "")
  private static let reset = Signature("reset", "")
  private let items: Elements
  private var position = 0

  init(_ items: Elements) { self.items = items }

  override var typeName: String { "Cycler" }
  override var depth: Int { items.depth + 1 }

  override func attribute(_ name: Text, _ renderer: Renderer) throws(TemplateError) -> Value? {
    switch name {
    case "current": return items.values[position]
    case "items": return .tuple(items)
    case "pos": return .int(position)
    case "next":
      return .object(
        try NativeFunction(Self.next, receiver: .object(self)) { (_, _) throws(TemplateError) in
          defer { self.position = (self.position + 1) % self.items.values.count }
          return self.items.values[self.position]
        })
    case "reset":
      return .object(
        try NativeFunction(Self.reset, receiver: .object(self)) { (_, _) throws(TemplateError) in
          self.position = 0
          return .none
        })
    default: return nil
    }
  }
}

extension Namespace {
  /// Calls `body` with the attributes as a dictionary, or with `nil` in a nested call: a namespace may contain itself.
  func withAttributes(_ body: (Mapping?) throws(TemplateError) -> Void) throws(TemplateError) {
    guard !isInUse else { return try body(nil) }
    isInUse = true
    defer { isInUse = false }
    var builder = MappingBuilder()
    for (name, value) in attributes { builder.set(name, value) }
    try body(try builder.build())
  }
}
