/// Formats numbers for the screen, padded so that a column aligns on the decimal point.
public enum NumberText {
  /// The width of `percent(_:)`.
  public static let percentWidth = 8
  /// The width of `logProbability(_:)`.
  public static let logProbabilityWidth = 7

  /// A probability in percent with two decimals, `21.31 %`, right-aligned in 8 columns. A positive value that would
  /// round to zero is `<0.01 %`; a value below 1 that would round to 100 % is `>99.99 %`; NaN is a dash.
  public static func percent(_ probability: Double) -> String {
    let text =
      if probability.isNaN {
        "-"
      } else if probability > 0, probability < 0.00005 {
        "<0.01 %"
      } else if probability < 1, probability >= 0.99995 {
        ">99.99 %"
      } else {
        fixed(min(max(probability, 0), 1) * 100, decimals: 2) + " %"
      }
    return padded(text, percentWidth)
  }

  /// A lower bound of a share, rounded down: `≥ 93.1 %`.
  public static func atLeast(_ share: Double, glyphs: Glyphs = .unicode) -> String {
    let percent = (min(max(share, 0), 1) * 1000).rounded(.down) / 10
    return "\(glyphs.isASCII ? ">=" : "≥") \(fixed(percent, decimals: 1)) %"
  }

  /// A fraction in whole percent, `45 %`, right-aligned in 5 columns.
  public static func wholePercent(_ fraction: Double) -> String {
    padded(fraction.isNaN ? "-" : fixed(min(max(fraction, 0), 1) * 100, decimals: 0) + " %", 5)
  }

  /// A log probability with two decimals, `-1.55`, right-aligned in 7 columns; `-inf` for zero.
  public static func logProbability(_ value: Double) -> String {
    let text =
      if value.isNaN {
        "-"
      } else if value == -.infinity {
        "-inf"
      } else {
        fixed(value, decimals: 2)
      }
    return padded(text, logProbabilityWidth)
  }

  /// A count in a sentence: a word up to twelve, else digits.
  public static func words(_ value: Int) -> String {
    let words = [
      "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ]
    return words.indices.contains(value) ? words[value] : grouped(value)
  }

  /// A whole number with a comma between thousands: `8,192`.
  public static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude).utf8)
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return result
  }

  /// A number with a fixed number of decimals; `inf` if it is not finite.
  public static func finite(_ value: Double, decimals: Int) -> String {
    value.isFinite ? fixed(value, decimals: decimals) : "inf"
  }

  /// A count and a noun that takes an s: `1 token`, `8,192 tokens`.
  public static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// A large number with one decimal and a unit; grouped digits below 10,000: `812`, `21.3 M`, `1.5 G`.
  public static func compact(_ value: Int) -> String {
    let magnitude = Double(value.magnitude)
    for (limit, unit) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")] where magnitude >= limit * 0.99995 {
      let scale = unit == "k" ? 1e3 : limit
      return fixed(Double(value) / scale, decimals: 1) + " " + unit
    }
    return grouped(value)
  }

  /// A number of bytes: `84.2 MB`.
  public static func bytes(_ value: Int) -> String {
    if value.magnitude < 10_000 { return grouped(value) + " B" }
    return compact(value).replacingSuffix("k", with: "kB", others: "B")
  }

  /// Tokens per second, `812/s`, `1,604/s`; one decimal below ten.
  public static func rate(_ perSecond: Double) -> String {
    guard perSecond.isFinite, perSecond >= 0 else { return "-/s" }
    if perSecond < 9.95 { return fixed(perSecond, decimals: 1) + "/s" }
    return grouped(Int(min(perSecond, 1e15).rounded())) + "/s"
  }

  /// A number with `decimals` decimals, rounded half away from zero; never `-0.00`. Magnitudes are limited to 9e8.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "-" : value < 0 ? "-inf" : "inf" }
    let places = min(max(decimals, 0), 9)
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = (min(max(value, -9e8), 9e8) * Double(scale)).rounded()
    let whole = Int(scaled.magnitude) / scale
    let rest = String(Int(scaled.magnitude) % scale)
    let sign = scaled < 0 ? "-" : ""
    if places == 0 { return sign + String(whole) }
    return sign + String(whole) + "." + String(repeating: "0", count: places - rest.utf8.count) + rest
  }

  /// Text padded on the left to a width.
  public static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.columnWidth)) + text
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with unit: String, others: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + unit : self + others
  }
}
