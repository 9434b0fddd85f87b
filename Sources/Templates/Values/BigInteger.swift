/// An integer of any size, for Python integers beyond 64 bits: sign, and magnitude in 32-bit limbs, lowest first.
struct BigInteger: Hashable, Sendable, Comparable {
  private(set) var limbs: [UInt32]
  private(set) var isNegative: Bool

  private init(limbs: [UInt32], isNegative: Bool) {
    var limbs = limbs
    while limbs.last == 0 { limbs.removeLast() }
    self.limbs = limbs
    self.isNegative = isNegative && !limbs.isEmpty
  }

  init(_ value: Int) {
    let magnitude = value.magnitude
    self.init(limbs: [UInt32(truncatingIfNeeded: magnitude), UInt32(magnitude >> 32)], isNegative: value < 0)
  }

  /// The integer part of a finite floating-point number.
  init(_ value: Double) {
    guard abs(value) >= 1 else {
      self.init(0)
      return
    }
    let exponent = Int(value.exponent)
    let significand = Int(value.significandBitPattern | 1 << 52)
    let magnitude =
      exponent <= 52 ? BigInteger(significand >> (52 - exponent)) : BigInteger(significand).shifted(left: exponent - 52)
    self.init(limbs: magnitude.limbs, isNegative: value < 0)
  }

  /// Parses digits in a base; `nil` if a character is not a digit of the base.
  init?(digits: some Sequence<UInt8>, base: UInt32) {
    var limbs: [UInt32] = []
    for byte in digits {
      guard let digit = Self.digit(byte), digit < base else { return nil }
      var carry = UInt64(digit)
      for index in limbs.indices {
        carry += UInt64(limbs[index]) * UInt64(base)
        limbs[index] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry > 0 { limbs.append(UInt32(carry)) }
    }
    self.init(limbs: limbs, isNegative: false)
  }

  /// The value of a digit or letter as a digit; `nil` for other characters.
  static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte) - 0x30
    case 0x61...0x7A: UInt32(byte) - 0x61 + 10
    case 0x41...0x5A: UInt32(byte) - 0x41 + 10
    default: nil
    }
  }

  /// The value if it fits 64 bits; `nil` otherwise.
  var int: Int? {
    guard bitWidth <= 64 else { return nil }
    let magnitude = limbs.enumerated().reduce(UInt(0)) { $0 | UInt($1.element) << (32 * UInt($1.offset)) }
    if isNegative { return magnitude <= UInt(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
    return Int(exactly: magnitude)
  }

  /// The number of bits of the magnitude.
  var bitWidth: Int { limbs.last.map { limbs.count * 32 - $0.leadingZeroBitCount } ?? 0 }

  /// The nearest floating-point number, ties to even; infinity if out of range.
  var double: Double {
    let width = bitWidth
    guard width > 64 else {
      let magnitude = limbs.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (32 * UInt64($1.offset)) }
      return isNegative ? -Double(magnitude) : Double(magnitude)
    }
    guard width <= 1024 else { return isNegative ? -.infinity : .infinity }
    let shift = width - 64
    var top = shifted(right: shift).limbs.enumerated()
      .reduce(UInt64(0)) { $0 | UInt64($1.element) << (32 * UInt64($1.offset)) }
    // A sticky bit stands for all lower bits, so that the value is rounded correctly.
    let isExact =
      limbs[..<(shift / 32)].allSatisfy { $0 == 0 } && limbs[shift / 32] & ((1 << UInt32(shift % 32)) - 1) == 0
    if !isExact { top |= 1 }
    let magnitude = Double(sign: .plus, exponent: shift, significand: Double(top))
    return isNegative ? -magnitude : magnitude
  }

  // MARK: - Arithmetic

  static prefix func - (a: BigInteger) -> BigInteger { BigInteger(limbs: a.limbs, isNegative: !a.isNegative) }

  static func + (a: BigInteger, b: BigInteger) -> BigInteger {
    if a.isNegative == b.isNegative { return BigInteger(limbs: add(a.limbs, b.limbs), isNegative: a.isNegative) }
    return compare(a.limbs, b.limbs) >= 0
      ? BigInteger(limbs: subtract(a.limbs, b.limbs), isNegative: a.isNegative)
      : BigInteger(limbs: subtract(b.limbs, a.limbs), isNegative: b.isNegative)
  }

  static func - (a: BigInteger, b: BigInteger) -> BigInteger { a + -b }

  static func * (a: BigInteger, b: BigInteger) -> BigInteger {
    var limbs = [UInt32](repeating: 0, count: a.limbs.count + b.limbs.count)
    for (i, x) in a.limbs.enumerated() {
      var carry: UInt64 = 0
      for (j, y) in b.limbs.enumerated() {
        carry += UInt64(x) * UInt64(y) + UInt64(limbs[i + j])
        limbs[i + j] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      limbs[i + b.limbs.count] = UInt32(carry)
    }
    return BigInteger(limbs: limbs, isNegative: a.isNegative != b.isNegative)
  }

  /// Floor division: the quotient rounded down, and the remainder with the sign of the divisor. The divisor must not be
  /// zero.
  func floorDivided(by other: BigInteger) -> (quotient: BigInteger, remainder: BigInteger) {
    let (limbs, rest) = Self.divide(limbs, other.limbs)
    var quotient = BigInteger(limbs: limbs, isNegative: isNegative != other.isNegative)
    var remainder = BigInteger(limbs: rest, isNegative: isNegative)
    if isNegative != other.isNegative, !remainder.limbs.isEmpty {
      quotient = quotient - BigInteger(1)
      remainder = remainder + other
    }
    return (quotient, remainder)
  }

  func shifted(left bits: Int) -> BigInteger {
    var result = [UInt32](repeating: 0, count: bits / 32)
    var carry: UInt64 = 0
    for limb in limbs {
      carry |= UInt64(limb) << UInt64(bits % 32)
      result.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    result.append(UInt32(carry))
    return BigInteger(limbs: result, isNegative: isNegative)
  }

  /// The magnitude shifted right.
  private func shifted(right bits: Int) -> BigInteger {
    var result = Array(limbs.dropFirst(bits / 32))
    let shift = UInt32(bits % 32)
    if shift > 0 {
      for index in result.indices {
        let above = index + 1 < result.count ? result[index + 1] : 0
        result[index] = result[index] >> shift | above << (32 - shift)
      }
    }
    return BigInteger(limbs: result, isNegative: false)
  }

  // MARK: - Order

  static func < (a: BigInteger, b: BigInteger) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    return compare(a.limbs, b.limbs) < 0 ? !a.isNegative : compare(a.limbs, b.limbs) > 0 && a.isNegative
  }

  // MARK: - Digits

  /// The digits in a base from 2 to 36, with a minus sign for negative values.
  func digits(base: Int = 10) -> String {
    guard !limbs.isEmpty else { return "0" }
    // Convert in chunks of as many digits as fit a limb.
    var chunk = base
    var width = 1
    while chunk * base <= Int(UInt32.max) {
      chunk *= base
      width += 1
    }
    var left = limbs
    var parts: [String] = []
    while !left.isEmpty {
      var remainder: UInt64 = 0
      for index in left.indices.reversed() {
        let value = remainder << 32 | UInt64(left[index])
        left[index] = UInt32(value / UInt64(chunk))
        remainder = value % UInt64(chunk)
      }
      while left.last == 0 { left.removeLast() }
      let digits = String(remainder, radix: base)
      parts.append(left.isEmpty ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits)
    }
    return (isNegative ? "-" : "") + parts.reversed().joined()
  }

  // MARK: - Magnitudes

  private static func compare(_ a: [UInt32], _ b: [UInt32]) -> Int {
    if a.count != b.count { return a.count < b.count ? -1 : 1 }
    for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
    return 0
  }

  private static func add(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var sum: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(a.count, b.count) {
      carry += UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0)
      sum.append(UInt32(truncatingIfNeeded: carry))
      carry >>= 32
    }
    return sum + [UInt32(carry)]
  }

  /// `a - b`; `a` must not be smaller than `b`.
  private static func subtract(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var difference = a
    var borrow: Int64 = 0
    for index in a.indices {
      let value = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
      borrow = value < 0 ? 1 : 0
      difference[index] = UInt32(truncatingIfNeeded: value)
    }
    return difference
  }

  /// Schoolbook division, one bit at a time for divisors of several limbs.
  private static func divide(_ a: [UInt32], _ b: [UInt32]) -> (quotient: [UInt32], remainder: [UInt32]) {
    if b.count == 1 {
      var quotient = a
      var remainder: UInt64 = 0
      for index in a.indices.reversed() {
        let value = remainder << 32 | UInt64(a[index])
        quotient[index] = UInt32(value / UInt64(b[0]))
        remainder = value % UInt64(b[0])
      }
      return (quotient, [UInt32(remainder)])
    }
    var quotient = [UInt32](repeating: 0, count: a.count)
    var remainder: [UInt32] = []
    for bit in (0..<a.count * 32).reversed() {
      var carry = a[bit / 32] >> UInt32(bit % 32) & 1
      for index in remainder.indices {
        let next = remainder[index] >> 31
        remainder[index] = remainder[index] << 1 | carry
        carry = next
      }
      if carry > 0 { remainder.append(carry) }
      if compare(remainder, b) >= 0 {
        remainder = subtract(remainder, b)
        while remainder.last == 0 { remainder.removeLast() }
        quotient[bit / 32] |= 1 << UInt32(bit % 32)
      }
    }
    return (quotient, remainder)
  }
}
