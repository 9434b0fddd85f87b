import Tensors

/// New ids of one sequence, to be appended to its state.
///
/// Not `Sendable`, because its state is not.
public struct Segment {
  /// The new ids, at least one.
  public var ids: [Int]
  /// The sequence; a forward pass appends to it.
  public var state: SequenceState
  /// The new positions whose hidden rows are requested.
  public var wanted: WantedRows
  /// The number of the text in a step of training. Dropout depends on it.
  public var text: Int

  /// Creates a segment.
  public init(ids: [Int], state: SequenceState, wanted: WantedRows = .last, text: Int = 0) {
    self.ids = ids
    self.state = state
    self.wanted = wanted
    self.text = text
  }
}

/// One whole sequence for a masked model.
public struct MaskedSequence: Sendable, Equatable {
  /// The ids, including special tokens.
  public var ids: [Int]
  /// The positions whose hidden rows are requested.
  public var wanted: WantedRows
  /// The sentence that each id belongs to, from 0; empty if all belong to the first. Models without such types ignore
  /// it.
  public var types: [Int]
  /// The number of the text in a step of training. Dropout depends on it.
  public var text: Int

  /// Creates a sequence.
  public init(ids: [Int], wanted: WantedRows = .all, types: [Int] = [], text: Int = 0) {
    precondition(types.isEmpty || types.count == ids.count, "\(types.count) types of \(ids.count) ids")
    self.ids = ids
    self.wanted = wanted
    self.types = types
    self.text = text
  }
}

/// The requested positions of a segment, counted from its first new id.
public enum WantedRows: Sendable, Equatable {
  /// None: the ids only extend the state.
  case none
  /// The last one, for predicting the next token.
  case last
  /// All positions.
  case all
  /// A range of positions.
  case range(Range<Int>)
  /// These positions, in this order.
  case positions([Int])

  /// Appends the requested rows of a segment of `count` ids whose first id is row `first` of the batch.
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

/// The final hidden rows of a forward pass, normalized and ready for the head.
public struct HiddenRows: Sendable {
  /// The rows, segment after segment. `[rows, width]`
  public let tensor: Tensor
  /// The rows of each segment in `tensor`; empty for a segment that requested none.
  public let ranges: [Range<Int>]

  /// The rows of one segment. `[wanted, width]`
  public func rows(ofSegment index: Int) -> Tensor { tensor.rows(ranges[index]) }
}
