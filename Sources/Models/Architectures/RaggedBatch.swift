import Layers
import Tensors

/// The new rows of several sequences as one matrix, one sequence after the other.
struct RaggedBatch {
  /// All ids. `[rows]`
  let ids: [Int]
  /// The position of each row within its sequence. `[rows]`
  let positions: [Int]
  /// For each sequence its rows.
  let ranges: [Range<Int>]
  /// The rows that are asked for, in the order of the answer.
  let wanted: [Int]
  /// For each sequence its rows among those that are asked for.
  let wantedRanges: [Range<Int>]
  /// What the rows look at, for one layer after the other.
  let runs = AttentionRuns()

  /// Lays runs of ids out one after the other.
  /// - Parameter runs: the new ids, how many positions the sequence had before, and what is asked for.
  /// - Throws: ``ModelError`` where an id or a position is not one of the model's.
  init(_ runs: [(ids: [Int], start: Int, wanted: WantedRows)], vocabulary: Int, context: Int?) throws(ModelError) {
    var ids: [Int] = []
    var positions: [Int] = []
    var ranges: [Range<Int>] = []
    var wanted: [Int] = []
    var wantedRanges: [Range<Int>] = []
    for run in runs {
      try Self.check(run.ids, start: run.start, vocabulary: vocabulary, context: context)
      let asked = run.wanted.positions(count: run.ids.count)
      precondition(
        asked.allSatisfy { 0..<run.ids.count ~= $0 }, "rows are asked for beyond the \(run.ids.count) new ids")
      wanted += asked.map { $0 + ids.count }
      wantedRanges.append(wanted.count - asked.count..<wanted.count)
      ranges.append(ids.count..<ids.count + run.ids.count)
      ids += run.ids
      positions += run.start..<run.start + run.ids.count
    }
    self.ids = ids
    self.positions = positions
    self.ranges = ranges
    self.wanted = wanted
    self.wantedRanges = wantedRanges
  }

  /// Makes sure that a model has these ids and positions.
  static func check(_ ids: [Int], start: Int, vocabulary: Int, context: Int?) throws(ModelError) {
    guard !ids.isEmpty else { throw .emptyInput }
    if let id = ids.first(where: { !(0..<vocabulary).contains($0) }) {
      throw .tokenOutOfRange(id: id, vocabulary: vocabulary)
    }
    if let context, start + ids.count > context { throw .contextExceeded(limit: context, found: start + ids.count) }
  }

  /// The new ids of decoder sequences.
  init(_ segments: [Segment], _ facts: ModelFacts) throws(ModelError) {
    precondition(Set(segments.map { ObjectIdentifier($0.state) }).count == segments.count, "two segments of one state")
    try self.init(
      segments.map { ($0.ids, $0.state.count, $0.wanted) }, vocabulary: facts.vocabularySize,
      context: facts.contextLength)
  }

  /// The rows that are asked for. `[rows, width]` → `[wanted, width]`
  func narrow(_ x: Tensor) -> Tensor {
    wanted.count == ids.count && wanted == Array(ids.indices) ? x : x.gatherRows(wanted)
  }

  /// The answer to a forward pass.
  func result(_ rows: Tensor) -> HiddenRows { HiddenRows(tensor: rows, ranges: wantedRanges) }
}
