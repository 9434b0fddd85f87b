import Layers
import Tensors

/// A text of a model whose positions turn at one pace up to some length, and at another, all of them, in longer texts
/// (LongRoPE, arXiv:2402.13753).
///
/// Every row is that of the text up to it, read at once. So a text is read twice: up to the length at the first pace,
/// and once it grows beyond the length, from its beginning at the other. The cache of the sequence holds the first
/// reading, this state the second. Neither is lost when the sequence goes back.
struct LongText {
  /// All ids of the sequence.
  var ids: [Int] = []
  /// The second reading, which may lag behind.
  let state: SequenceState

  func fork() -> LongText { LongText(ids: ids, state: state.fork()) }

  mutating func truncate(to count: Int) {
    ids.removeLast(ids.count - count)
    state.truncate(to: min(state.count, count))
  }
}

/// Reads new ids, each at the pace of its text's length.
///
/// A probe receives the activations of the first reading, then those of the second, in which there may be rows of earlier
/// positions.
/// - Parameters:
///   - length: the longest text of the first pace.
///   - read: a forward pass at one of the two paces.
func forwardByLength(
  _ segments: [Segment], _ facts: ModelFacts, firstPaceUpTo length: Int,
  read: (_ segments: [Segment], _ isLong: Bool) throws(ModelError) -> HiddenRows
) throws(ModelError) -> HiddenRows {
  for segment in segments {
    try BatchLayout.check(
      segment.ids, start: segment.state.count, vocabulary: facts.vocabularySize, context: facts.contextLength)
  }
  let readings = segments.map { TwoReadings($0, length) }
  let (first, second) = (readings.compactMap(\.first), readings.compactMap(\.second))
  let firstRows = first.isEmpty ? nil : try read(first, false)
  let secondRows = second.isEmpty ? nil : try read(second, true)
  for segment in segments { segment.state.long?.ids += segment.ids }
  guard let firstRows, let secondRows else {
    // All texts are on one side, so the rows are those of the segments.
    return firstRows ?? secondRows ?? HiddenRows(tensor: Tensor.zeros(Shape(0, facts.width)), ranges: [])
  }
  var (order, ranges): ([Int], [Range<Int>]) = ([], [])
  var (firstIndex, secondIndex) = (0, 0)
  for reading in readings {
    let start = order.count
    let firstRange = reading.first == nil ? 0..<0 : firstRows.ranges[firstIndex]
    let secondRange = reading.second == nil ? 0..<0 : secondRows.ranges[secondIndex]
    firstIndex += reading.first == nil ? 0 : 1
    secondIndex += reading.second == nil ? 0 : 1
    var (early, late) = (firstRange.lowerBound, firstRows.tensor.rowCount + secondRange.lowerBound)
    for isLong in reading.wantedAreLong {
      order.append(isLong ? late : early)
      if isLong { late += 1 } else { early += 1 }
    }
    ranges.append(start..<order.count)
  }
  let rows = Tensor.stackingRows([firstRows.tensor, secondRows.tensor])
  return HiddenRows(tensor: rows.gatherRows(order), ranges: ranges)
}

/// A segment's part of each reading.
private struct TwoReadings {
  private(set) var first: Segment?
  private(set) var second: Segment?
  /// For each requested row whether it comes from the second reading.
  let wantedAreLong: [Bool]

  init(_ segment: Segment, _ length: Int) {
    guard let long = segment.state.long else { preconditionFailure("a state of another model") }
    let (start, count) = (segment.state.count, segment.ids.count)
    let early = max(0, min(length - start, count))
    var wanted: [Int] = []
    segment.wanted.append(to: &wanted, first: 0, count: count)
    wantedAreLong = wanted.map { $0 >= early }
    if early > 0 {
      first = Segment(
        ids: early == count ? segment.ids : Array(segment.ids[..<early]), state: segment.state,
        wanted: .positions(wanted.filter { $0 < early }))
    }
    if early < count {
      let known = long.state.count
      second = Segment(
        ids: known == start ? segment.ids : Array((long.ids + segment.ids)[known...]), state: long.state,
        wanted: .positions(wanted.filter { $0 >= early }.map { $0 + start - known }))
    }
  }
}
