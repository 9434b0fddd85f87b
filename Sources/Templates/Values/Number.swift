/// A number, as used in arithmetic.
enum Number {
  case int(Int)
  case big(BigInteger)
  case float(Double)

  /// The number of a value; `nil` if it is not a number. Booleans are 0 and 1, as in Python.
  init?(_ value: Value) {
    switch value {
    case .int(let value): self = .int(value)
    case .bool(let value): self = .int(value ? 1 : 0)
    case .big(let value): self = .big(value)
    case .float(let value): self = .float(value)
    default: return nil
    }
  }

  var value: Value {
    switch self {
    case .int(let value): .int(value)
    case .big(let value): Value(value)
    case .float(let value): .float(value)
    }
  }

  /// The nearest 64-bit floating-point number.
  var double: Double {
    switch self {
    case .int(let value): Double(value)
    case .big(let value): value.double
    case .float(let value): value
    }
  }

  /// The integer; `nil` for floats.
  var integer: BigInteger? {
    switch self {
    case .int(let value): BigInteger(value)
    case .big(let value): value
    case .float: nil
    }
  }

  enum Order {
    case less, equal, greater, unordered
  }

  /// The exact order of two numbers; `nil` if one of the values is not a number.
  static func compare(_ a: Value, _ b: Value) -> Order? {
    if case .int(let a) = a, case .int(let b) = b { return a == b ? .equal : a < b ? .less : .greater }
    guard let a = Number(a), let b = Number(b) else { return nil }
    if case .float(let x) = a, case .float(let y) = b { return order(x, y) }
    if let x = a.integer, let y = b.integer { return order(x, y) }
    // Compare an integer and a float.
    if case .float(let x) = a, let y = b.integer {
      guard x.isFinite else { return order(x, 0) }
      let whole = BigInteger(x)
      return whole == y ? order(x, x.rounded(.towardZero)) : order(whole, y)
    }
    guard case .float(let y) = b, let x = a.integer else { return nil }
    guard y.isFinite else { return order(0, y) }
    let whole = BigInteger(y)
    return whole == x ? order(y.rounded(.towardZero), y) : order(x, whole)
  }

  private static func order<T: Comparable>(_ a: T, _ b: T) -> Order {
    a == b ? .equal : a < b ? .less : a > b ? .greater : .unordered
  }
}
