/// Which numbers an option takes.
enum NumberBounds: Sendable {
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

  func contains(_ value: Double) -> Bool {
    switch self {
    case .any: true
    case .atLeast(let bound): value >= bound
    case .above(let bound): value > bound
    case .share: (0...1).contains(value)
    case .positiveShare: value > 0 && value <= 1
    }
  }

  /// For an error: what is expected.
  var words: String {
    switch self {
    case .any: "a finite number"
    case .atLeast(let bound): "a number of at least \(plain(bound))"
    case .above(let bound): "a number above \(plain(bound))"
    case .share: "a number from 0 to 1"
    case .positiveShare: "a number above 0 and up to 1"
    }
  }

  private func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }
}
