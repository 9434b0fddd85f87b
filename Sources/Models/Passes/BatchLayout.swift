import Layers
import Tensors

/// The new rows of several sequences as one matrix, one sequence after the other.
struct BatchLayout {
  private let workspace: BatchWorkspace
  /// Whether every row is asked for, in order.
  private let isWhole: Bool
  /// Whether those that are asked for of each sequence are its last ones, in order.
  let wantsEnds: Bool

  /// All ids. `[rows]`
  var ids: [Int] { workspace.ids }
  /// The position of each row within its sequence. `[rows]`
  var positions: [Int] { workspace.positions }
  /// For each sequence its rows.
  var ranges: [Range<Int>] { workspace.ranges }
  /// For each sequence, the range of its rows among the requested rows.
  var wantedRanges: [Range<Int>] { workspace.wantedRanges }
  /// What the rows look at, for one layer after the other.
  var runs: AttentionRuns { workspace.runs }

  /// Lays runs of ids out one after the other.
  /// - Throws: ``ModelError`` where an id or a position is not one of the model's.
  init<Run: RaggedRun>(_ runs: [Run], _ facts: ModelFacts) throws(ModelError) {
    precondition(Run.areOfDifferentSequences(runs), "two segments of one state")
    let work = runs.isEmpty ? BatchWorkspace() : runs[0].workspace
    work.empty()
    for run in runs {
      let (first, count, asked) = (work.positions.count, run.ids.count, work.wanted.count)
      try Self.check(run.ids, start: run.start, vocabulary: facts.vocabularySize, context: facts.contextLength)
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

  /// Makes sure that a model has these ids and positions.
  private static func check(_ ids: [Int], start: Int, vocabulary: Int, context: Int?) throws(ModelError) {
    guard !ids.isEmpty else { throw .emptyInput }
    if let id = ids.first(where: { !(0..<vocabulary).contains($0) }) {
      throw .tokenOutOfRange(id: id, vocabulary: vocabulary)
    }
    if let context, start + ids.count > context { throw .contextExceeded(limit: context, found: start + ids.count) }
  }

  /// The rows that are asked for. `[rows, width]` → `[wanted, width]`
  func narrow(_ x: Tensor) -> Tensor { isWhole ? x : x.gatherRows(workspace.wanted) }

  /// The same of columns.
  func narrow(_ x: TensorColumns) -> TensorColumns { isWhole ? x : TensorColumns(x.gatherRows(workspace.wanted)) }
}

/// New ids of one sequence.
protocol RaggedRun {
  var ids: [Int] { get }
  /// How many positions the sequence had before.
  var start: Int { get }
  /// What is asked for.
  var wanted: WantedRows { get }
  /// Where the batch that begins with these ids may be laid out.
  var workspace: BatchWorkspace { get }
  /// Whether no two of them go on with the same sequence.
  static func areOfDifferentSequences(_ runs: [Self]) -> Bool
}

extension Segment: RaggedRun {
  var start: Int { state.count }
  var workspace: BatchWorkspace { state.workspace }

  static func areOfDifferentSequences(_ runs: [Segment]) -> Bool {
    // Few are compared with each other, which needs no set.
    guard runs.count <= 16 else { return Set(runs.map { ObjectIdentifier($0.state) }).count == runs.count }
    return runs.indices.allSatisfy { index in runs[..<index].allSatisfy { $0.state !== runs[index].state } }
  }
}

extension MaskedSequence: RaggedRun {
  var start: Int { 0 }
  var workspace: BatchWorkspace { BatchWorkspace() }

  static func areOfDifferentSequences(_ runs: [MaskedSequence]) -> Bool { true }
}

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
  /// For each sequence, the range of its rows among the requested rows.
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
