import Tensors

/// One run of new ids of one sequence, after what its state holds.
///
/// Not `Sendable`, as its state is not.
public struct Segment {
  /// The new ids, at least one.
  public var ids: [Int]
  /// The sequence; a forward pass appends to it.
  public var state: SequenceState
  /// At which of the new positions the hidden rows are wanted.
  public var wanted: WantedRows

  /// New ids of a sequence.
  public init(ids: [Int], state: SequenceState, wanted: WantedRows = .last) {
    self.ids = ids
    self.state = state
    self.wanted = wanted
  }
}

/// One whole sequence for a masked model.
public struct MaskedSequence: Sendable, Equatable {
  /// The ids, special ones included.
  public var ids: [Int]
  /// At which positions the hidden rows are wanted.
  public var wanted: WantedRows

  /// A sequence.
  public init(ids: [Int], wanted: WantedRows = .all) {
    self.ids = ids
    self.wanted = wanted
  }
}

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

/// The final hidden rows of a forward pass, normed and ready for the head.
public struct HiddenRows: Sendable {
  /// The rows, segment after segment. `[rows, width]`
  public let tensor: Tensor
  /// For each segment of the call its rows in `tensor`; empty for a segment that wanted none.
  public let ranges: [Range<Int>]

  /// The rows of one segment. `[wanted, width]`
  public func rows(ofSegment index: Int) -> Tensor { tensor.rows(ranges[index]) }
}
