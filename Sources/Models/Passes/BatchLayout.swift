import Layers
import Tensors

/// The layout of a ragged batch: the new rows of several sequences, one sequence after the other, as one matrix.
struct BatchLayout {
  private let workspace: BatchWorkspace
  /// Whether every row is requested, in order.
  private let isWhole: Bool
  /// Whether the requested rows of each sequence are its last rows, in order.
  let wantsEnds: Bool

  /// All ids. `[rows]`
  var ids: [Int] { workspace.ids }
  /// The position of each row within its sequence. `[rows]`
  var positions: [Int] { workspace.positions }
  /// The rows of each sequence.
  var ranges: [Range<Int>] { workspace.ranges }
  /// The requested rows, in the order of the result.
  var wanted: [Int] { workspace.wanted }
  /// For each sequence, the range of its requested rows among all requested rows.
  var wantedRanges: [Range<Int>] { workspace.wantedRanges }
  /// The attention work of the current layer; reused from layer to layer.
  var runs: AttentionRuns { workspace.runs }

  /// Lays out the sequences one after the other.
  /// - Throws: ``ModelError`` if an id or a position is outside the model's range.
  init<Run: RaggedRun>(_ runs: [Run], _ facts: ModelFacts) throws(ModelError) {
    precondition(Run.areOfDifferentSequences(runs), "two segments of one state")
    let work = runs.isEmpty ? BatchWorkspace() : runs[0].workspace
    work.empty()
    for run in runs {
      let (first, count, asked) = (work.positions.count, run.ids.count, work.wanted.count)
      try Self.check(run.ids, start: run.start, vocabulary: Run.vocabulary(facts), context: facts.contextLength)
      let rows = first..<first + count
      work.ranges.append(rows)
      run.wanted.append(to: &work.wanted, first: first, count: count)
      precondition(
        work.wanted[asked...].allSatisfy { rows.contains($0) }, "rows are asked for beyond the \(count) new ids")
      work.wantedRanges.append(asked..<work.wanted.count)
      for position in run.start..<run.start + count { work.positions.append(position) }
    }
    work.ids = runs.count == 1 ? runs[0].ids : runs.flatMap(\.ids)
    let wanted = work.wanted
    isWhole = wanted.count == work.ids.count && wanted.indices.allSatisfy { wanted[$0] == $0 }
    wantsEnds = zip(work.ranges, work.wantedRanges).allSatisfy { rows, asked in
      asked.allSatisfy { wanted[$0] == rows.upperBound - asked.upperBound + $0 }
    }
    workspace = work
  }

  /// Checks ids and positions against the model's limits.
  static func check(_ ids: [Int], start: Int, vocabulary: Int, context: Int?) throws(ModelError) {
    guard !ids.isEmpty else { throw .emptyInput }
    if let id = ids.first(where: { !(0..<vocabulary).contains($0) }) {
      throw .tokenOutOfRange(id: id, vocabulary: vocabulary)
    }
    if let context, start + ids.count > context { throw .contextExceeded(limit: context, found: start + ids.count) }
  }

  /// Selects the requested rows. `[rows, width]` → `[wanted, width]`
  func narrow(_ x: Tensor) -> Tensor { isWhole ? x : x.gatherRows(workspace.wanted) }

  /// Selects the requested rows.
  func narrow(_ x: TensorColumns) -> TensorColumns { isWhole ? x : TensorColumns(x.gatherRows(workspace.wanted)) }
}

/// New ids of one sequence.
protocol RaggedRun {
  var ids: [Int] { get }
  /// The number of positions already in the sequence.
  var start: Int { get }
  /// The requested rows.
  var wanted: WantedRows { get }
  /// The workspace for a batch that begins with these ids.
  var workspace: BatchWorkspace { get }
  /// The size of the vocabulary for runs of this type.
  static func vocabulary(_ facts: ModelFacts) -> Int
  /// Whether all runs continue different sequences.
  static func areOfDifferentSequences(_ runs: [Self]) -> Bool
}

extension Segment: RaggedRun {
  var start: Int { state.count }
  var workspace: BatchWorkspace { state.workspace }

  static func vocabulary(_ facts: ModelFacts) -> Int { facts.vocabularySize }

  static func areOfDifferentSequences(_ runs: [Segment]) -> Bool {
    // A few states are compared pairwise, which allocates nothing.
    guard runs.count <= 16 else { return Set(runs.map { ObjectIdentifier($0.state) }).count == runs.count }
    return runs.indices.allSatisfy { index in runs[..<index].allSatisfy { $0.state !== runs[index].state } }
  }
}

extension MaskedSequence: RaggedRun {
  var start: Int { 0 }
  var workspace: BatchWorkspace { BatchWorkspace() }

  static func vocabulary(_ facts: ModelFacts) -> Int { facts.sourceVocabularySize }

  static func areOfDifferentSequences(_ runs: [MaskedSequence]) -> Bool { true }
}

/// The small arrays of a forward pass. A sequence keeps them between passes, so that a decoding step allocates none.
final class BatchWorkspace {
  /// All ids. `[rows]`
  var ids: [Int] = []
  /// The position of each row within its sequence. `[rows]`
  var positions: [Int] = []
  /// The rows of each sequence.
  var ranges: [Range<Int>] = []
  /// The requested rows, in the order of the result.
  var wanted: [Int] = []
  /// For each sequence, the range of its requested rows among all requested rows.
  var wantedRanges: [Range<Int>] = []
  /// The attention work of the current layer; reused from layer to layer.
  let runs = AttentionRuns()

  /// Clears the arrays for another pass. The ids are replaced as a whole, because those of a single sequence are the
  /// caller's own array.
  func empty() {
    positions.removeAll(keepingCapacity: true)
    ranges.removeAll(keepingCapacity: true)
    wanted.removeAll(keepingCapacity: true)
    wantedRanges.removeAll(keepingCapacity: true)
  }
}
