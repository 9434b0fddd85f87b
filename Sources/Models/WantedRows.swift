/// Which positions of a segment's new ids are asked for; positions count from the segment's first new id.
public enum WantedRows: Sendable, Equatable {
  /// None: the ids are only read into the state.
  case none
  /// The last one: what follows the text.
  case last
  /// All of them.
  case all
  /// These, ascending.
  case range(Range<Int>)
  /// These, in this order.
  case positions([Int])

  /// The positions among `count` new ids.
  /// - Precondition: every position lies in `0..<count`.
  func positions(count: Int) -> [Int] {
    switch self {
    case .none: []
    case .last: [count - 1]
    case .all: Array(0..<count)
    case .range(let range): Array(range)
    case .positions(let positions): positions
    }
  }
}
