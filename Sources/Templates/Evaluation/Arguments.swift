/// The arguments of a call.
struct Arguments {
  var positional: [Value] = []
  var named: [(name: Text, value: Value)] = []

  func expectNone(_ function: String) throws(TemplateError) {
    guard positional.isEmpty, named.isEmpty else {
      throw .runtime(
        "too many arguments for '\(function)'", expected: "none", found: "\(positional.count + named.count)")
    }
  }
}

/// The parameters of a built-in function, written as in Python: `"value, width=4, first=false"`.
///
/// A parameter without a default is required. `/` at the end makes all parameters positional-only. `*name` collects
/// further positional arguments in a tuple, `**name` further named arguments in a dictionary.
struct Signature: Sendable {
  let name: String
  private var parameters: [(name: Text, fallback: Literal?)] = []
  private var takesMore = false
  private var takesNamed = false
  private var isPositional = false

  init(_ name: String, _ text: String) {
    self.name = name
    for part in Self.parts(of: text) {
      if part == "/" {
        isPositional = true
      } else if part.hasPrefix("**") {
        takesNamed = true
      } else if part.hasPrefix("*") {
        takesMore = true
      } else {
        let sides = part.split(separator: "=", maxSplits: 1)
        parameters.append((Text(sides[0]), sides.count > 1 ? Self.literal(sides[1]) : nil))
      }
    }
  }

  /// Splits at commas outside of quotes.
  private static func parts(of text: String) -> [Substring] {
    var isQuoted = false
    return text.split {
      if $0 == "'" { isQuoted.toggle() }
      return $0 == "," && !isQuoted
    }.map { $0.drop { $0 == " " } }
  }

  private static func literal(_ text: Substring) -> Literal {
    switch text {
    case "none": .none
    case "true": .bool(true)
    case "false": .bool(false)
    default:
      if text.hasPrefix("'") {
        .string(Text(text.dropFirst().dropLast()))
      } else if text.contains(".") {
        .float(Double(text) ?? 0)
      } else {
        .integer(BigInteger(Int(text) ?? 0))
      }
    }
  }

  /// Returns the values of all parameters in order, then the tuple and the dictionary of further arguments.
  func bind(_ arguments: Arguments, _ renderer: Renderer) throws(TemplateError) -> [Value] {
    try renderer.charge(arguments.named.count)
    var values: [Value?] = Array(arguments.positional.prefix(parameters.count))
    values += [Value?](repeating: nil, count: parameters.count - values.count)
    var further = MappingBuilder()
    for (name, value) in arguments.named {
      if !isPositional, let index = parameters.firstIndex(where: { $0.name == name }) {
        guard values[index] == nil else { throw error("the argument '\(name.string)' twice", "one value") }
        values[index] = value
      } else if takesNamed {
        further.set(name, value)
      } else {
        throw error("no argument '\(name.string)'", isPositional ? "arguments without names" : "another name")
      }
    }
    let rest = Array(arguments.positional.dropFirst(parameters.count))
    guard takesMore || rest.isEmpty else {
      throw error("\(arguments.positional.count) arguments", "at most \(parameters.count)")
    }
    var bound: [Value] = []
    bound.reserveCapacity(values.count)
    for (value, parameter) in zip(values, parameters) {
      guard let value = value ?? parameter.fallback.map(Value.init) else {
        throw error("no argument '\(parameter.name.string)'", "the argument '\(parameter.name.string)'")
      }
      bound.append(value)
    }
    if takesMore { bound.append(try .tuple(rest)) }
    if takesNamed { bound.append(.dictionary(try further.build())) }
    return bound
  }

  private func error(_ found: String, _ expected: String) -> TemplateError {
    .runtime("wrong arguments for '\(name)'", expected: expected, found: found)
  }
}

extension Value {
  init(_ literal: Literal) {
    switch literal {
    case .none: self = .none
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = Value(value)
    case .float(let value): self = .float(value)
    case .string(let text): self = .string(text)
    }
  }

  /// The value as an integer. Throws an error that names the parameter if the value is not an integer.
  func int(_ name: String) throws(TemplateError) -> Int {
    switch self {
    case .int(let value): return value
    case .bool(let value): return value ? 1 : 0
    case .undefined(let undefined): throw undefined.error
    case .big(let value): return value.isNegative ? .min : .max
    default: throw .runtime("'\(name)' is not an integer", expected: "an integer", found: typeName)
    }
  }

  func text(_ name: String) throws(TemplateError) -> Text {
    switch self {
    case .string(let text): return text
    case .undefined(let undefined): throw undefined.error
    default: throw .runtime("'\(name)' is not a string", expected: "a string", found: typeName)
    }
  }
}
