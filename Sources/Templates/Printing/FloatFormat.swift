import Platform

/// Conversion of floats to text, as in Python.
enum FloatFormat {
  /// The shortest digits that parse to the same number, as in `repr`. Uses an exponent below 1e-4 and from 1e16 on.
  static func shortest(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let sign = value.sign == .minus ? "-" : ""
    guard value != 0 else { return sign + "0.0" }
    let (digits, exponent) = decimal(value.magnitude)
    guard (-4..<16).contains(exponent) else {
      let rest = digits.dropFirst()
      let power = (exponent < 0 ? "-" : "+") + (abs(exponent) < 10 ? "0" : "") + String(abs(exponent))
      return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + power
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = digits.prefix(exponent + 1)
    let fraction = digits.dropFirst(exponent + 1)
    return sign + whole + String(repeating: "0", count: exponent + 1 - whole.count) + "."
      + (fraction.isEmpty ? "0" : fraction)
  }

  /// The shortest digits of a positive number, and the decimal exponent of the first digit.
  private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
    // Swift's description has the same digits in another layout.
    let parts = value.description.split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let sides = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(sides[0])
    var digits = whole + (sides.count > 1 ? String(sides[1]) : "")
    exponent += whole.utf8.count - 1
    let leading = digits.prefix { $0 == "0" }.count
    digits.removeFirst(leading)
    exponent -= leading
    while digits.hasSuffix("0"), digits.utf8.count > 1 { digits.removeLast() }
    return (digits, exponent)
  }

  /// The conversion `e`, `f` or `g` of C's `printf`, correctly rounded.
  static func formatted(_ value: Double, _ conversion: Character, precision: Int, isAlternate: Bool = false) -> String {
    let format = "%\(isAlternate ? "#" : "").*\(conversion)"
    let length = withVaList([Int32(precision), value]) { vsnprintf(nil, 0, format, $0) }
    guard length > 0 else { return "" }
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(length) + 1) { (buffer, count) in
      count = Int(length)
      buffer.withMemoryRebound(to: CChar.self) { (characters) in
        _ = withVaList([Int32(precision), value]) {
          vsnprintf(characters.baseAddress, characters.count, format, $0)
        }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The maximum precision.
  static let longest = 400

  /// `round(value, digits)`: rounds the exact value, ties to even.
  static func rounded(_ value: Double, digits: Int) -> Double {
    guard value.isFinite, value != 0 else { return value }
    if digits > 323 { return value }
    if digits < -308 { return value < 0 ? -0.0 : 0 }
    if digits >= 0 { return Double(formatted(value, "f", precision: digits)) ?? value }
    // Round by printing in exponent form with the digits up to the rounded place.
    let exponent = Int(log10(value.magnitude).rounded(.down))
    for place in [exponent, exponent + 1, exponent - 1] where value.magnitude >= pow(10, Double(place)) {
      guard place + digits >= 0 else { continue }
      return Double(formatted(value, "e", precision: place + digits)) ?? value
    }
    // The value is less than one unit of the rounded place. Exactly half a unit is a tie, which goes to zero (even).
    let unit = pow(10, Double(-digits))
    return value.magnitude > unit / 2 ? (value < 0 ? -unit : unit) : (value < 0 ? -0.0 : 0)
  }
}
