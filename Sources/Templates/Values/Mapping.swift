/// An immutable dictionary with ordered entries.
final class Mapping {
  let entries: [(key: Value, value: Value)]
  /// The nesting depth of the value.
  let depth: Int
  private let indices: [MappingKey: Int]

  fileprivate init(_ builder: MappingBuilder) throws(TemplateError) {
    entries = builder.entries
    indices = builder.indices
    let keys = try nestedDepth(builder.entries.lazy.map(\.key))
    depth = max(keys, try nestedDepth(builder.entries.lazy.map(\.value)))
  }

  var count: Int { entries.count }

  subscript(key: Text) -> Value? { indices[.string(key)].map { entries[$0].value } }
  subscript(key: MappingKey) -> Value? { indices[key].map { entries[$0].value } }
}

/// A builder for dictionaries.
struct MappingBuilder {
  fileprivate(set) var entries: [(key: Value, value: Value)] = []
  fileprivate var indices: [MappingKey: Int] = [:]

  /// Sets the value of a key. An existing key keeps its position and its original form.
  mutating func set(_ key: MappingKey, _ original: Value, _ value: Value) {
    if let index = indices[key] {
      entries[index].value = value
    } else {
      indices[key] = entries.count
      entries.append((original, value))
    }
  }

  mutating func set(_ key: Text, _ value: Value) { set(.string(key), .string(key), value) }

  mutating func set(_ key: Value, _ value: Value, _ renderer: Renderer) throws(TemplateError) {
    set(try MappingKey(key, renderer), key, value)
  }

  func build() throws(TemplateError) -> Mapping { try Mapping(self) }
}

/// The lookup form of a key: equal keys of different types (`1`, `1.0`, `true`) are the same key.
enum MappingKey: Hashable {
  case undefined
  case none
  case int(Int)
  case big(BigInteger)
  case float(Double)
  case string(Text)
  case tuple([MappingKey])
  case object(ObjectIdentifier)

  init(_ value: Value, _ renderer: Renderer) throws(TemplateError) {
    switch value {
    case .undefined: self = .undefined
    case .none: self = .none
    case .bool(let value): self = .int(value ? 1 : 0)
    case .int(let value): self = .int(value)
    case .big(let value): self = .big(value)
    case .float(let value):
      if let integer = Int(exactly: value) {
        self = .int(integer)
      } else if value.isFinite, value == value.rounded() {
        self = .big(BigInteger(value))
      } else {
        self = .float(value)
      }
    case .string(let text): self = .string(text)
    case .tuple(let elements):
      try renderer.charge(2 + elements.values.count)
      var keys: [MappingKey] = []
      for element in elements.values { keys.append(try MappingKey(element, renderer)) }
      self = .tuple(keys)
    case .object(let object) where (object as? DictionaryView).map({ $0.part == .values }) ?? true:
      self = .object(ObjectIdentifier(object))
    case .list, .dictionary, .object:
      throw .runtime(
        "unhashable type '\(value.typeName)'", expected: "a key that cannot change", found: value.typeName)
    }
  }
}
