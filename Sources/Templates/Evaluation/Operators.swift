import Platform

// Arithmetic, as in Python.
extension Renderer {
  func calculate(_ operation: Arithmetic, _ a: Value, _ b: Value) throws(TemplateError) -> Value {
    if case .int(let x) = a, case .int(let y) = b, let result = calculate(operation, x, y) { return .int(result) }
    if case .undefined(let undefined) = a { throw undefined.error }
    if case .string(let format) = a, operation == .modulo { return .string(try percentFormat(format, b)) }
    if case .undefined(let undefined) = b { throw undefined.error }
    if let x = Number(a), let y = Number(b) { return try calculate(operation, x, y) }
    let result =
      switch operation {
      case .add: try joined(a, b)
      case .multiply: try repeated(a, b)
      default: Value?.none
      }
    guard let result else {
      throw .runtime(
        "'\(operation.rawValue)' does not take these values", expected: "two values of matching types",
        found: "\(a.typeName) and \(b.typeName)", hint: operation == .add ? "use '~' to join different values" : nil)
    }
    return result
  }

  /// Computes with 64-bit integers; `nil` if the result does not fit or is not an integer.
  private func calculate(_ operation: Arithmetic, _ a: Int, _ b: Int) -> Int? {
    let (result, overflows): (Int, Bool)
    switch operation {
    case .add: (result, overflows) = a.addingReportingOverflow(b)
    case .subtract: (result, overflows) = a.subtractingReportingOverflow(b)
    case .multiply: (result, overflows) = a.multipliedReportingOverflow(by: b)
    default: return nil
    }
    return overflows ? nil : result
  }

  private func calculate(_ operation: Arithmetic, _ a: Number, _ b: Number) throws(TemplateError) -> Value {
    if let x = a.integer, let y = b.integer { return try calculate(operation, x, y) }
    let (x, y) = (try finiteDouble(a), try finiteDouble(b))
    switch operation {
    case .add: return .float(x + y)
    case .subtract: return .float(x - y)
    case .multiply: return .float(x * y)
    case .power: return try power(x, y)
    case .divide, .floorDivide, .modulo:
      guard y != 0 else { throw divisionByZero }
      if operation == .divide { return .float(x / y) }
      return .float(floorDivided(x, y, wantsRemainder: operation == .modulo))
    }
  }

  /// Floor division, or its remainder, which has the divisor's sign. Computed as in CPython.
  private func floorDivided(_ x: Double, _ y: Double, wantsRemainder: Bool) -> Double {
    var remainder = fmod(x, y)
    var quotient = (x - remainder) / y
    if remainder == 0 {
      remainder = copysign(0, y)
    } else if (remainder < 0) != (y < 0) {
      remainder += y
      quotient -= 1
    }
    if wantsRemainder { return remainder }
    guard quotient != 0 else { return copysign(0, x / y) }
    let floor = quotient.rounded(.down)
    return quotient - floor > 0.5 ? floor + 1 : floor
  }

  private var divisionByZero: TemplateError { .runtime("division by zero", expected: "another divisor", found: "0") }

  /// The number as a float. An integer outside the range of floats is an error, as in Python.
  private func finiteDouble(_ number: Number) throws(TemplateError) -> Double {
    let double = number.double
    if case .big = number, double.isInfinite { throw floatTooLarge }
    return double
  }

  private var floatTooLarge: TemplateError {
    .runtime("a result is too large for a float", expected: "at most 1.8e308", found: "more")
  }

  private var numberTooLarge: TemplateError {
    TemplateError(.limit, "a number is too large", expected: "at most \(Self.largestBits) bits", found: "more")
  }

  /// The maximum size of integers, in bits; more than the 4,300 digits that Python prints.
  static let largestBits = 16_384

  // MARK: - Integers

  private func calculate(_ operation: Arithmetic, _ a: BigInteger, _ b: BigInteger) throws(TemplateError) -> Value {
    let result: BigInteger
    switch operation {
    case .add: result = a + b
    case .subtract: result = a - b
    case .multiply:
      try charge(a.limbs.count * b.limbs.count >> 6)
      result = a * b
    case .divide: return .float(try quotient(a, b))
    case .floorDivide, .modulo:
      guard !b.limbs.isEmpty else { throw divisionByZero }
      if let x = a.int, let y = b.int, y != -1 {
        let remainder = x % y
        let isBelow = remainder != 0 && (remainder < 0) != (y < 0)
        return .int(operation == .modulo ? (isBelow ? remainder + y : remainder) : x / y - (isBelow ? 1 : 0))
      }
      try charge(a.limbs.count * b.limbs.count)
      let divided = a.floorDivided(by: b)
      result = operation == .modulo ? divided.remainder : divided.quotient
    case .power: return try power(a, b)
    }
    guard result.bitWidth <= Self.largestBits else { throw numberTooLarge }
    return Value(result)
  }

  /// The quotient of two integers, correctly rounded.
  private func quotient(_ a: BigInteger, _ b: BigInteger) throws(TemplateError) -> Double {
    guard !b.limbs.isEmpty else { throw divisionByZero }
    if a.bitWidth <= 53, b.bitWidth <= 53 { return a.double / b.double }
    // At least 66 bits of the quotient; the last bit is set if there is a remainder (sticky bit).
    let shift = max(66 - (a.bitWidth - b.bitWidth), 0)
    try charge((a.limbs.count + shift / 32) * b.limbs.count)
    let magnitudes = (a.isNegative ? -a : a, b.isNegative ? -b : b)
    let (quotient, remainder) = magnitudes.0.shifted(left: shift).floorDivided(by: magnitudes.1)
    let isExact = remainder.limbs.isEmpty
    let sticky = isExact || quotient.limbs[0] & 1 == 1 ? quotient : quotient + BigInteger(1)
    // Scale in two steps to stay within the range of normal numbers.
    let half = shift / 2
    let result = sticky.double * exp2(Double(-half)) * exp2(Double(half - shift))
    guard result.isFinite else { throw floatTooLarge }
    return a.isNegative != b.isNegative ? -result : result
  }

  private func power(_ base: BigInteger, _ exponent: BigInteger) throws(TemplateError) -> Value {
    if exponent.isNegative {
      guard !base.limbs.isEmpty else { throw divisionByZero }
      return try power(finiteDouble(.big(base)), finiteDouble(.big(exponent)))
    }
    if base.limbs == [1] || base.limbs.isEmpty {
      let isOdd = exponent.limbs.first.map { $0 & 1 == 1 } ?? false
      if exponent.limbs.isEmpty { return .int(1) }
      return .int(base.limbs.isEmpty ? 0 : base.isNegative && isOdd ? -1 : 1)
    }
    guard let count = exponent.int, count <= Self.largestBits, (base.bitWidth - 1) * count <= Self.largestBits else {
      throw numberTooLarge
    }
    var (result, square, left) = (BigInteger(1), base, count)
    while left > 0 {
      try charge(1 + square.limbs.count * square.limbs.count >> 6)
      if left & 1 == 1 { result = result * square }
      left >>= 1
      if left > 0 { square = square * square }
    }
    guard result.bitWidth <= Self.largestBits else { throw numberTooLarge }
    return Value(result)
  }

  private func power(_ base: Double, _ exponent: Double) throws(TemplateError) -> Value {
    if base == 0, exponent < 0 { throw divisionByZero }
    let result = pow(base, exponent)
    guard !result.isNaN || base.isNaN || exponent.isNaN else {
      throw .runtime("a root of a negative number", expected: "a base of at least 0", found: "a negative one")
    }
    guard result.isFinite || !base.isFinite || !exponent.isFinite else { throw floatTooLarge }
    return .float(result)
  }

  func negated(_ value: Value) throws(TemplateError) -> Value {
    switch Number(value) {
    case .int(let number): return number == .min ? Value(-BigInteger(number)) : .int(-number)
    case .big(let number): return Value(-number)
    case .float(let number): return .float(-number)
    case nil: throw signError(value)
    }
  }

  func positive(_ value: Value) throws(TemplateError) -> Value {
    guard let number = Number(value) else { throw signError(value) }
    return number.value
  }

  private func signError(_ value: Value) -> TemplateError {
    if case .undefined(let undefined) = value { return undefined.error }
    return .runtime("a sign before a value that is not a number", expected: "a number", found: value.typeName)
  }

  // MARK: - Sequences

  /// `+` for two strings, lists or tuples.
  private func joined(_ a: Value, _ b: Value) throws(TemplateError) -> Value? {
    switch (a, b) {
    case (.string(let a), .string(let b)):
      try reserve(a.bytes.count + b.bytes.count)
      guard a.isMarkup || b.isMarkup else { return .string(Text(a.bytes + b.bytes)) }
      var text = Text(try escaped(a).bytes + escaped(b).bytes)
      text.isMarkup = true
      return .string(text)
    case (.list(let a), .list(let b)):
      try reserve((a.values.count + b.values.count) * MemoryLayout<Value>.stride)
      return try .list(a.values + b.values)
    case (.tuple(let a), .tuple(let b)):
      try reserve((a.values.count + b.values.count) * MemoryLayout<Value>.stride)
      return try .tuple(a.values + b.values)
    default: return nil
    }
  }

  /// `*` for a string, list or tuple and an integer.
  private func repeated(_ a: Value, _ b: Value) throws(TemplateError) -> Value? {
    let (sequence, times) = Number(a) == nil ? (a, b) : (b, a)
    let count: Int
    switch times {
    case .int(let value): count = max(value, 0)
    case .bool(let value): count = value ? 1 : 0
    case .big(let value): count = value.isNegative ? 0 : .max
    default: return nil
    }
    switch sequence {
    case .string(let text):
      try reserve(count, of: text.bytes.count)
      var bytes: [UInt8] = []
      if !text.isEmpty {
        bytes.reserveCapacity(count * text.bytes.count)
        for _ in 0..<count { bytes += text.bytes }
      }
      return .string(Text(bytes).marked(like: text))
    case .list(let elements): return try .list(repeated(elements.values, count))
    case .tuple(let elements): return try .tuple(repeated(elements.values, count))
    default: return nil
    }
  }

  private func repeated(_ values: [Value], _ count: Int) throws(TemplateError) -> [Value] {
    try reserve(count, of: values.count * MemoryLayout<Value>.stride)
    var result: [Value] = []
    if !values.isEmpty { for _ in 0..<count { result += values } }
    return result
  }
}
