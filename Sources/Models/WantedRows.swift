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

  /// Appends the rows that are asked for of `count` new ids, the first of which is row `first`.
  func append(to rows: inout [Int], first: Int, count: Int) {
    switch self {
    case .none: break
    case .last: rows.append(first + count - 1)
    case .all: rows.append(contentsOf: first..<first + count)
    case .range(let range): for position in range { rows.append(first + position) }
    case .positions(let positions): for position in positions { rows.append(first + position) }
    }
  }
}
