import JSONText

/// A value of the template language, with Python's semantics.
enum Value {
  case undefined(Undefined)
  case none
  case bool(Bool)
  case int(Int)
  /// An integer beyond 64 bits.
  case big(BigInteger)
  case float(Double)
  case string(Text)
  case list(Elements)
  case tuple(Elements)
  case dictionary(Mapping)
  case object(TemplateObject)

  /// The value for an integer; 64-bit if it fits.
  init(_ integer: BigInteger) { self = integer.int.map(Value.int) ?? .big(integer) }
}

/// The elements of a list or tuple. Immutable: the sandbox rejects mutating methods.
final class Elements {
  let values: [Value]
  /// The nesting depth of the value.
  let depth: Int
  /// The names of a named tuple's elements.
  let names: [Text]

  init(_ values: [Value], names: [Text] = []) throws(TemplateError) {
    self.values = values
    self.names = names
    depth = try nestedDepth(values)
  }
}

/// The nesting depth of a value with these elements: one more than the deepest element.
/// - Throws: an error of kind `limit` if it is too deep, so that recursion over values cannot overflow the stack.
func nestedDepth(_ values: some Sequence<Value>) throws(TemplateError) -> Int {
  var deepest = 0
  for value in values { deepest = max(deepest, value.depth) }
  guard deepest < TemplateLimits.valueDepth else {
    throw TemplateError(
      .limit, "a value nests too deep", expected: "at most \(TemplateLimits.valueDepth) levels", found: "more")
  }
  return deepest + 1
}

/// An undefined value, with the reason for the error when it is used.
struct Undefined {
  enum Reason {
    /// No variable has this name.
    case variable(Text)
    /// A value of this type has no attribute or element with this name.
    case member(type: String, name: String)
    /// The sandbox rejects the attribute.
    case unsafe(type: String, name: String)
    /// Another reason, as a sentence.
    case other(String)
  }
  /// Boxed, so that a value stays small.
  private final class Box {
    let reason: Reason
    init(_ reason: Reason) { self.reason = reason }
  }
  private let box: Box

  init(_ reason: Reason) { box = Box(reason) }

  var error: TemplateError {
    switch box.reason {
    case .variable(let name):
      .runtime("'\(name.string)' is undefined", expected: "a variable of this name", found: "none")
    case .member(let type, let name):
      .runtime("'\(type)' has no member '\(name)'", expected: "a member of this name", found: "none")
    case .unsafe(let type, let name):
      .runtime(
        "access to '\(name)' of '\(type)' is refused", expected: "a method that changes nothing", found: name,
        hint: "lists and dictionaries cannot be changed; build new ones, or use a namespace")
    case .other(let sentence): .runtime(sentence, expected: "a value", found: "undefined")
    }
  }
}

extension Value {
  static func text(_ string: String) -> Value { .string(Text(string)) }
  static func list(_ values: [Value]) throws(TemplateError) -> Value { .list(try Elements(values)) }
  static func tuple(_ values: [Value]) throws(TemplateError) -> Value { .tuple(try Elements(values)) }
  static func missing(_ sentence: String) -> Value { .undefined(Undefined(.other(sentence))) }

  /// The name of the type in Python.
  var typeName: String {
    switch self {
    case .undefined: "Undefined"
    case .none: "NoneType"
    case .bool: "bool"
    case .int, .big: "int"
    case .float: "float"
    case .string(let text): text.isMarkup ? "Markup" : "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .object(let object): object.typeName
    }
  }

  /// Whether the value is true in a condition.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .int(let value): value != 0
    case .big: true
    case .float(let value): value != 0
    case .string(let text): !text.isEmpty
    case .list(let elements), .tuple(let elements): !elements.values.isEmpty
    case .dictionary(let dictionary): dictionary.count > 0
    case .object(let object): object.isTrue
    }
  }

  var isUndefined: Bool {
    if case .undefined = self { return true }
    return false
  }

  var isNone: Bool {
    if case .none = self { return true }
    return false
  }

  /// The nesting depth of the value; 0 for values that contain no others.
  var depth: Int {
    switch self {
    case .list(let elements), .tuple(let elements): elements.depth
    case .dictionary(let dictionary): dictionary.depth
    case .object(let object): object.depth
    default: 0
    }
  }

  /// The approximate size of the value in bytes, without the values it contains.
  var shallowBytes: Int {
    switch self {
    case .string(let text): text.bytes.count
    case .list(let elements), .tuple(let elements): elements.values.count * MemoryLayout<Value>.stride
    case .dictionary(let dictionary): dictionary.count * 64
    case .big(let integer): integer.limbs.count * 4
    case .object: 128
    default: 0
    }
  }

  /// The value of an integer or Boolean if it fits 64 bits; `nil` otherwise.
  var index: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
}

extension Value {
  /// Converts JSON data to a value.
  init(_ json: JSONValue) throws(TemplateError) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .int(value)
    case .double(let value): self = .float(value)
    case .string(let string): self = .string(Text(string.bytes))
    case .array(let array):
      var values: [Value] = []
      values.reserveCapacity(array.count)
      for element in array { values.append(try Value(element)) }
      self = try .list(values)
    case .object(let object):
      var dictionary = MappingBuilder()
      for (key, value) in object.members { dictionary.set(Text(key.bytes), try Value(value)) }
      self = .dictionary(try dictionary.build())
    }
  }
}
