import Layers

/// The small arrays of a forward pass, kept from one pass of a sequence to its next so that a step allocates none.
final class BatchWorkspace {
  /// All ids. `[rows]`
  var ids: [Int] = []
  /// The position of each row within its sequence. `[rows]`
  var positions: [Int] = []
  /// For each sequence its rows.
  var ranges: [Range<Int>] = []
  /// The rows that are asked for, in the order of the answer.
  var wanted: [Int] = []
  /// For each sequence its rows among those that are asked for.
  var wantedRanges: [Range<Int>] = []
  /// What the rows look at, for one layer after the other.
  let runs = AttentionRuns()

  /// Makes room for another pass. The ids are replaced as a whole, since a single sequence's are the caller's own array.
  func empty() {
    positions.removeAll(keepingCapacity: true)
    ranges.removeAll(keepingCapacity: true)
    wanted.removeAll(keepingCapacity: true)
    wantedRanges.removeAll(keepingCapacity: true)
  }
}
