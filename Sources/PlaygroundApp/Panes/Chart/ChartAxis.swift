import Platform
import TerminalUI

/// How values are placed along an axis.
enum ChartScale: Sendable, Hashable {
  /// Equal distances are equal differences.
  case linear
  /// Equal distances are equal ratios. Values up to 0 have no place.
  case logarithmic

  /// The other one.
  var next: ChartScale { self == .linear ? .logarithmic : .linear }

  /// The coordinate of a value; `nil` if it has none.
  func coordinate(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    if self == .linear { return value }
    return value > 0 ? log10(value) : nil
  }
}

/// An axis with ends and marks at round numbers.
struct ChartAxis: Sendable, Equatable {
  /// A mark.
  struct Tick: Sendable, Equatable {
    /// The place.
    var value: Double
    /// The number beside it.
    var label: String
  }

  /// How values are placed.
  let scale: ChartScale
  /// The ends.
  let low, high: Double
  /// The marks in order; the values lie within the ends.
  let ticks: [Tick]

  /// The place of a value between the ends, 0 to 1; `nil` if it has none or lies outside.
  func place(_ value: Double) -> Double? {
    guard let value = scale.coordinate(value), let low = scale.coordinate(low), let high = scale.coordinate(high)
    else { return nil }
    let place = (value - low) / (high - low)
    // A value at an end may lie outside by rounding.
    guard place > -1e-9, place < 1 + 1e-9 else { return nil }
    return min(max(place, 0), 1)
  }

  /// An axis that shows a range. Its ends are round if `isRounded`; otherwise they are those of the range.
  ///
  /// - Parameters:
  ///   - range: the lowest and highest value; both positive for a logarithmic scale.
  ///   - most: the maximum number of marks, at least 2; at least 3 if 0 lies within the range.
  init(_ range: ClosedRange<Double>, scale: ChartScale = .linear, most: Int, isRounded: Bool = true) {
    if scale == .logarithmic, range.lowerBound > 0, range.upperBound / range.lowerBound >= 4 {
      self = ChartAxis.logarithmic(range, most: max(2, most), isRounded: isRounded)
    } else {
      // Rounded ends on both sides of 0 have a mark between them.
      let least = range.lowerBound < 0 && range.upperBound > 0 ? 3 : 2
      self = ChartAxis.linear(range, most: max(least, most), isRounded: isRounded, placedBy: scale)
    }
  }

  private init(scale: ChartScale, low: Double, high: Double, ticks: [Tick]) {
    (self.scale, self.low, self.high, self.ticks) = (scale, low, high, ticks)
  }

  /// Marks at equal differences of 1, 2 or 5 times a power of ten.
  private static func linear(
    _ range: ClosedRange<Double>, most: Int, isRounded: Bool, placedBy scale: ChartScale
  ) -> ChartAxis {
    var (low, high) = (range.lowerBound, range.upperBound)
    if high - low <= max(abs(low), abs(high)) * 1e-9 {
      // One value: it lies between two marks.
      let room = low == 0 ? 0.5 : abs(low) / 4
      (low, high) = (low - room, high + room)
      if range.lowerBound >= 0 { low = max(low, 0) }
    }
    var step = RoundStep(atLeast: (high - low) / Double(most - 1))
    while true {
      let first = isRounded ? (low / step.value + 1e-9).rounded(.down) : (low / step.value - 1e-9).rounded(.up)
      let last = isRounded ? (high / step.value - 1e-9).rounded(.up) : (high / step.value + 1e-9).rounded(.down)
      guard last - first + 1 <= Double(most) else {
        step = step.next
        continue
      }
      let numbers = first <= last ? Array(Int(first)...Int(last)) : []
      let labels = step.labels(numbers)
      let ticks = zip(numbers, labels).map { Tick(value: step.value(times: $0), label: $1) }
      let ends =
        isRounded ? (ticks.first?.value ?? low, ticks.last?.value ?? high) : (range.lowerBound, range.upperBound)
      // A logarithmic axis has no 0.
      let bottom = scale == .logarithmic && ends.0 <= 0 ? min(low, range.lowerBound) : ends.0
      guard bottom < ends.1 else { return ChartAxis(scale: scale, low: low, high: high, ticks: ticks) }
      return ChartAxis(scale: scale, low: bottom, high: ends.1, ticks: ticks.filter { $0.value >= bottom })
    }
  }

  /// Marks at powers of ten, and at 2 and 5 times them if there is room.
  private static func logarithmic(_ range: ClosedRange<Double>, most: Int, isRounded: Bool) -> ChartAxis {
    let (low, high) = (log10(range.lowerBound), log10(range.upperBound))
    let (first, last) = (Int(low.rounded(.down)), Int(high.rounded(.up)))
    for digits in [[1, 2, 5], [1, 3], [1]] {
      var all: [(digit: Int, exponent: Int)] = []
      for exponent in first...last { for digit in digits { all.append((digit, exponent)) } }
      let value = { (mark: (digit: Int, exponent: Int)) in Double(mark.digit) * powerOfTen(mark.exponent) }
      // The last mark below the range and the first above it are its round ends.
      let from = all.lastIndex { value($0) <= range.lowerBound * (1 + 1e-9) } ?? 0
      let to = all.firstIndex { value($0) >= range.upperBound * (1 - 1e-9) } ?? all.count - 1
      var marks = Array(all[from...max(from, to)])
      if digits == [1], marks.count > most {
        let stride = (marks.count + most - 3) / (most - 1)
        marks = marks.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
      }
      guard marks.count <= most || digits == [1] else { continue }
      let top = isRounded ? max(value(all[to]), range.upperBound) : range.upperBound
      let bottom = isRounded ? value(all[from]) : range.lowerBound
      let ticks = marks.map { Tick(value: value($0), label: RoundStep.label($0.digit, tenTo: $0.exponent)) }
      return ChartAxis(
        scale: .logarithmic, low: bottom, high: top, ticks: ticks.filter { $0.value >= bottom && $0.value <= top })
    }
    return linear(range, most: most, isRounded: isRounded, placedBy: .logarithmic)
  }
}

/// 10 to a power, correctly rounded for powers that are exact.
func powerOfTen(_ exponent: Int) -> Double {
  var result = 1.0
  for _ in 0..<min(abs(exponent), 400) { result *= 10 }
  return exponent < 0 ? 1 / result : result
}

/// The difference of neighboring marks: 1, 2 or 5 times a power of ten.
struct RoundStep: Sendable, Equatable {
  /// 1, 2 or 5.
  let digit: Int
  /// The power of ten.
  let exponent: Int

  private init(digit: Int, exponent: Int) { (self.digit, self.exponent) = (digit, exponent) }

  /// The smallest step that is not below a number above 0.
  init(atLeast least: Double) {
    guard least.isFinite, least > 0 else {
      (digit, exponent) = (1, 0)
      return
    }
    var exponent = Int(log10(least).rounded(.down)) - 1
    while true {
      for digit in [1, 2, 5] where Double(digit) * powerOfTen(exponent) >= least * (1 - 1e-9) {
        (self.digit, self.exponent) = (digit, exponent)
        return
      }
      exponent += 1
    }
  }

  /// The next larger step.
  var next: RoundStep {
    switch digit {
    case 1: RoundStep(digit: 2, exponent: exponent)
    case 2: RoundStep(digit: 5, exponent: exponent)
    default: RoundStep(digit: 1, exponent: exponent + 1)
    }
  }

  /// The step as a number.
  var value: Double { value(times: 1) }

  /// A multiple of the step, rounded once.
  func value(times count: Int) -> Double {
    let number = Double(count * digit)
    return exponent < 0 ? number / powerOfTen(-exponent) : number * powerOfTen(exponent)
  }

  /// The numbers at multiples of the step, all in one form.
  func labels(_ counts: [Int]) -> [String] {
    let largest = counts.map { abs($0 * digit) }.max() ?? 0
    let magnitude = Double(largest) * powerOfTen(exponent)
    if (exponent < -3 && magnitude < 0.01) || magnitude >= 1e7 {
      return counts.map { RoundStep.label($0 * digit, tenTo: exponent) }
    }
    if exponent < 0 { return counts.map { NumberText.fixed(value(times: $0), decimals: -exponent) } }
    if magnitude >= 1e4, exponent >= 3 {
      return counts.map { $0 == 0 ? "0" : NumberText.grouped(Int(value(times: $0)) / 1000) + "k" }
    }
    return counts.map { NumberText.grouped(Int(value(times: $0))) }
  }

  /// `digits` times a power of ten: `0.03`, `50`, `2e-5`, `1.5e-4`.
  static func label(_ digits: Int, tenTo exponent: Int) -> String {
    guard digits != 0 else { return "0" }
    if exponent >= -3, exponent < 0 {
      return NumberText.fixed(Double(digits) / powerOfTen(-exponent), decimals: -exponent)
    }
    if exponent >= 0, exponent < 4 { return NumberText.grouped(digits * Int(powerOfTen(exponent))) }
    var (mantissa, power) = (digits, exponent)
    while mantissa % 10 == 0 { (mantissa, power) = (mantissa / 10, power + 1) }
    var text = String(abs(mantissa))
    power += text.count - 1
    if text.count > 1 { text.insert(".", at: text.index(after: text.startIndex)) }
    return (mantissa < 0 ? "-" : "") + text + "e\(power)"
  }
}
