/// The range of values of a numeric setting.
public enum NumberBounds: Sendable, Hashable {
  /// Any finite number.
  case any
  /// This number or more.
  case atLeast(Double)
  /// More than this number.
  case above(Double)
  /// From 0 to 1, inclusive.
  case share
  /// Above 0 and up to 1.
  case positiveShare
  /// From 0 up to but not including 1.
  case shareBelow1
  /// From the first to the second number, inclusive.
  case range(ClosedRange<Double>)
  /// A whole number in a range. The upper bound ``most`` means no upper bound.
  case whole(ClosedRange<Int>)

  /// Means "no upper bound". Small enough for sums and products without overflow.
  public static let most = 1_000_000_000

  /// Whether a number is in the range.
  public func contains(_ value: Double) -> Bool {
    switch self {
    case .any: value.isFinite
    case .atLeast(let bound): value >= bound && value.isFinite
    case .above(let bound): value > bound && value.isFinite
    case .share: (0...1).contains(value)
    case .positiveShare: value > 0 && value <= 1
    case .shareBelow1: value >= 0 && value < 1
    case .range(let range): range.contains(value)
    case .whole(let range): Int(exactly: value).map(range.contains) ?? false
    }
  }

  /// The nearest number in the range. If a bound is not itself in the range, the result is `step` away from it.
  public func clamped(_ value: Double, step: Double) -> Double {
    switch self {
    case .any: value
    case .atLeast(let bound): max(value, bound)
    case .above(let bound): max(value, bound + step)
    case .share: min(max(value, 0), 1)
    case .positiveShare: min(max(value, step), 1)
    case .shareBelow1: min(max(value, 0), 1 - step)
    case .range(let range): min(max(value, range.lowerBound), range.upperBound)
    case .whole(let range): min(max(value.rounded(), Double(range.lowerBound)), Double(range.upperBound))
    }
  }

  /// The range without its upper bound.
  public var withoutUpperBound: NumberBounds {
    switch self {
    case .share, .shareBelow1: .atLeast(0)
    case .positiveShare: .above(0)
    case .range(let range): .atLeast(range.lowerBound)
    case .whole(let range): .whole(range.lowerBound...Self.most)
    case .any, .atLeast, .above: self
    }
  }

  /// A description of the range for errors: `a whole number of at least 1`.
  public var words: String { words(refusing: "") }

  /// A description of the range for an error about `text`. If there is no upper bound, the largest number that can be
  /// used is named only if the text is a number above it.
  public func words(refusing text: String) -> String {
    guard let limits = limits(refusing: text) else { return "a finite number" }
    let kind =
      if case .whole = self { "a whole number" } else {
        Double(text)?.isInfinite == true ? "a finite number" : "a number"
      }
    return kind + (limits.hasPrefix(Self.least) ? " of " : " ") + limits
  }

  /// The range alone: `at least 0`. `nil` if every finite number is in it.
  public var limits: String? { limits(refusing: "") }

  private func limits(refusing text: String) -> String? {
    switch self {
    case .any: nil
    case .atLeast(let bound): "\(Self.least) \(plain(bound))"
    case .above(let bound): "above \(plain(bound))"
    case .share: "from 0 to 1"
    case .positiveShare: "above 0 and up to 1"
    case .shareBelow1: "from 0 to below 1"
    case .range(let range): "from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
    case .whole(let range) where range.upperBound == Self.most && !Self.isAboveMost(text):
      "\(Self.least) \(range.lowerBound)"
    case .whole(let range): "from \(range.lowerBound) to \(range.upperBound)"
    }
  }

  private static let least = "at least"

  /// Whether a text is a number above ``most``; it may have more digits than fit in an integer.
  private static func isAboveMost(_ text: String) -> Bool { Double(text).map { $0 > Double(most) } ?? false }

  private func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}
