import Layers
import Tensors

/// The second KV cache of a sequence under LongRoPE (arXiv:2402.13753), where texts beyond some length use other rotary
/// frequencies at all positions.
///
/// The hidden row of a position is computed as if the text ended there. Therefore a text is read twice: its positions
/// up to the length with the short frequencies, and, once it is longer, the whole text with the long frequencies. The
/// sequence's own cache holds the first reading, ``state`` the second. Truncation keeps both.
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

/// The position encodings of a decoder: one for all texts, or under LongRoPE a second one for longer texts.
struct TextPositions: Sendable {
  /// The position encoding of texts of at most `long.length` tokens; of all texts if `long` is `nil`.
  let usual: PositionEncoding
  /// The encoding of longer texts, if it differs.
  let long: (length: Int, encoding: PositionEncoding)?

  /// The encodings of a configuration.
  /// - Parameter isReal: `false` in the checking pass, where head widths are untrusted and no frequencies are computed.
  init(_ rotary: RotaryParameters, isReal: Bool) {
    usual = isReal ? rotary.encoding() : .none
    let encoding = isReal ? rotary.longEncoding() : nil
    long = if let length = rotary.long?.length, let encoding { (length, encoding) } else { nil }
  }

  /// The state of a new sequence with this cache.
  func makeState(_ cache: KeyValueCache) -> SequenceState {
    SequenceState(cache: cache, long: long == nil ? nil : LongText(state: SequenceState(cache: cache.fork())))
  }

  /// Reads new ids, each with the encoding for the length of the text up to it.
  ///
  /// A probe receives the activations of the first reading, then those of the second, which may include rows of earlier
  /// positions.
  /// - Parameter read: a forward pass with one of the encodings.
  func forward(
    _ segments: [Segment], _ facts: ModelFacts,
    read: (_ segments: [Segment], _ encoding: PositionEncoding) throws(ModelError) -> HiddenRows
  ) throws(ModelError) -> HiddenRows {
    guard let long else { return try read(segments, usual) }
    for segment in segments {
      try BatchLayout.check(
        segment.ids, start: segment.state.count, vocabulary: facts.vocabularySize, context: facts.contextLength)
    }
    let readings = segments.map { TwoReadings($0, long.length) }
    let (first, second) = (readings.compactMap(\.first), readings.compactMap(\.second))
    let firstRows = first.isEmpty ? nil : try read(first, usual)
    let secondRows = second.isEmpty ? nil : try read(second, long.encoding)
    for segment in segments { segment.state.long?.ids += segment.ids }
    guard let firstRows, let secondRows else {
      // Only one reading took place, so its rows are already in the order of the segments.
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
        wanted: .positions(wanted.filter { $0 < early }), text: segment.text)
    }
    if early < count {
      let known = long.state.count
      second = Segment(
        ids: known == start ? segment.ids : Array((long.ids + segment.ids)[known...]), state: long.state,
        wanted: .positions(wanted.filter { $0 >= early }.map { $0 + start - known }), text: segment.text)
    }
  }
}
