/// Which numbers a setting takes.
public enum NumberBounds: Sendable, Hashable {
  /// Any finite number.
  case any
  /// This number or a higher one.
  case atLeast(Double)
  /// A higher number than this.
  case above(Double)
  /// From 0 to 1.
  case share
  /// Above 0, up to 1.
  case positiveShare
  /// From 0 to below 1.
  case shareBelow1
  /// A whole number in a range, which has no upper bound if it ends at ``most``.
  case whole(ClosedRange<Int>)

  /// Stands for "no upper bound", and is small enough to be added and multiplied.
  public static let most = 1_000_000_000

  /// Whether a number is one of them.
  public func contains(_ value: Double) -> Bool {
    switch self {
    case .any: value.isFinite
    case .atLeast(let bound): value >= bound && value.isFinite
    case .above(let bound): value > bound && value.isFinite
    case .share: (0...1).contains(value)
    case .positiveShare: value > 0 && value <= 1
    case .shareBelow1: value >= 0 && value < 1
    case .whole(let range): Int(exactly: value).map(range.contains) ?? false
    }
  }

  /// The nearest number that is one of them; bounds that are not themselves allowed are missed by `step`.
  public func clamped(_ value: Double, step: Double) -> Double {
    switch self {
    case .any: value
    case .atLeast(let bound): max(value, bound)
    case .above(let bound): max(value, bound + step)
    case .share: min(max(value, 0), 1)
    case .positiveShare: min(max(value, step), 1)
    case .shareBelow1: min(max(value, 0), 1 - step)
    case .whole(let range): min(max(value.rounded(), Double(range.lowerBound)), Double(range.upperBound))
    }
  }

  /// The same without an upper bound.
  public var withoutUpperBound: NumberBounds {
    switch self {
    case .share, .shareBelow1: .atLeast(0)
    case .positiveShare: .above(0)
    case .whole(let range): .whole(range.lowerBound...Self.most)
    case .any, .atLeast, .above: self
    }
  }

  /// For an error: what is expected.
  public var words: String {
    switch self {
    case .any: "a finite number"
    case .atLeast(let bound): "a number of at least \(plain(bound))"
    case .above(let bound): "a number above \(plain(bound))"
    case .share: "a number from 0 to 1"
    case .positiveShare: "a number above 0 and up to 1"
    case .shareBelow1: "a number from 0 to below 1"
    case .whole(let range) where range.upperBound == Self.most: "a whole number of at least \(range.lowerBound)"
    case .whole(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
  }

  private func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}
