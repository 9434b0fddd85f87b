/// Text split into pieces: the value that pre-tokenizers transform and the model reads.
struct SplitText {
  var text: AlignedText
  /// The pieces in order: non-empty ranges of the text's bytes. Bytes between pieces are dropped.
  var pieces: [Range<Int>]

  init(_ text: AlignedText) {
    self.text = text
    pieces = text.bytes.isEmpty ? [] : [0..<text.bytes.count]
  }

  init(_ text: AlignedText, pieces: [Range<Int>]) {
    self.text = text
    self.pieces = pieces
  }

  /// Splits every piece at the matches of `cutter`.
  mutating func split(by cutter: Cutter, _ behavior: SplitBehavior, invert: Bool = false) {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count)
    text.bytes.withUnsafeBufferPointer { buffer in
      var collector = SplitCollector(behavior: behavior, invert: invert)
      for piece in pieces {
        collector.begin(at: piece.lowerBound)
        cutter.matches(buffer, piece) { collector.add($0) }
        collector.end(at: piece.upperBound, into: &result)
      }
    }
    pieces = result
  }
}

/// What happens to the delimiters when text is split.
enum SplitBehavior: String {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"
}

/// Splits one piece at the matches of a cutter.
struct SplitCollector {
  let behavior: SplitBehavior
  let invert: Bool
  private var parts: [(range: Range<Int>, isMatch: Bool)] = []
  private var position = 0

  init(behavior: SplitBehavior, invert: Bool) {
    self.behavior = behavior
    self.invert = invert
  }

  mutating func begin(at start: Int) {
    parts.removeAll(keepingCapacity: true)
    position = start
  }

  mutating func add(_ match: Range<Int>) {
    if position < match.lowerBound { parts.append((position..<match.lowerBound, invert)) }
    parts.append((match, !invert))
    position = match.upperBound
  }

  mutating func end(at end: Int, into pieces: inout [Range<Int>]) {
    if position < end { parts.append((position..<end, invert)) }
    switch behavior {
    case .removed:
      for part in parts where !part.isMatch && !part.range.isEmpty { pieces.append(part.range) }
    case .isolated:
      for part in parts where !part.range.isEmpty { pieces.append(part.range) }
    case .contiguous: merge(into: &pieces) { $0 == $1 }
    case .mergedWithPrevious: merge(into: &pieces) { !$0 && $1 }
    case .mergedWithNext: mergeWithNext(into: &pieces)
    }
  }

  /// Joins each part to the previous one if `joins(previous.isMatch, part.isMatch)`.
  private func merge(into pieces: inout [Range<Int>], _ joins: (Bool, Bool) -> Bool) {
    var last: Range<Int>?
    var previous = false
    for part in parts {
      if let open = last, joins(previous, part.isMatch) {
        last = open.lowerBound..<part.range.upperBound
      } else {
        if let open = last, !open.isEmpty { pieces.append(open) }
        last = part.range
      }
      previous = part.isMatch
    }
    if let open = last, !open.isEmpty { pieces.append(open) }
  }

  private func mergeWithNext(into pieces: inout [Range<Int>]) {
    let first = pieces.count
    var previous = false
    for part in parts.reversed() {
      if part.isMatch, !previous, pieces.count > first {
        pieces[pieces.count - 1] = part.range.lowerBound..<pieces[pieces.count - 1].upperBound
      } else if !part.range.isEmpty {
        pieces.append(part.range)
      }
      previous = part.isMatch
    }
    pieces[first...].reverse()
  }
}
