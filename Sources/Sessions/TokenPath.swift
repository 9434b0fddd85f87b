import EngineAPI

/// The tokens of a path, or of its end: what a view reads. It shares the tree's storage and holds nothing else.
///
/// Indices count from the beginning of the text, so `startIndex` is above 0 where only the end was asked for.
public struct TokenPath: RandomAccessCollection, Sendable, Equatable {
  /// The part of a node that lies on the path.
  struct Segment: Sendable, Equatable {
    var run: TokenRun
    var node: NodeID
    var origin: OriginID
    /// The index of the node's first token in the text.
    var start: Int
    /// The index behind the last token on the path.
    var end: Int
  }

  let segments: [Segment]
  /// The index of the first token.
  public let startIndex: Int
  /// The index behind the last token.
  public let endIndex: Int

  init(_ segments: [Segment], from index: Int) {
    self.segments = segments
    endIndex = Swift.max(index, segments.last?.end ?? 0)
    startIndex = index
  }

  /// No tokens.
  public init() { self.init([], from: 0) }

  /// The token of an index in `startIndex..<endIndex`.
  public subscript(index: Int) -> ScoredToken {
    let segment = segment(of: index)
    return segment.run[index - segment.start]
  }

  /// The id of a token.
  public func id(at index: Int) -> Int {
    let segment = segment(of: index)
    return segment.run.id(at: index - segment.start)
  }

  /// The node that a token belongs to.
  public func node(at index: Int) -> NodeID { segment(of: index).node }

  /// What made a token.
  public func origin(at index: Int) -> OriginID { segment(of: index).origin }

  /// The ids.
  public var ids: [Int] {
    var ids: [Int] = []
    ids.reserveCapacity(count)
    forEachRun { run, range in for index in range { ids.append(run.id(at: index)) } }
    return ids
  }

  /// The sum of the log-probabilities; `nil` where a token has none.
  public var sumOfLogprobs: Double? {
    var sum: Double? = 0
    forEachRun { run, range in
      for index in range {
        guard let known = sum, let logprob = run.logprob(at: index) else { return sum = nil }
        sum = known + logprob
      }
    }
    return sum
  }

  /// Calls `body` with each node's run and the indices in it that lie on the path.
  private func forEachRun(_ body: (TokenRun, Range<Int>) -> Void) {
    for segment in segments {
      let first = Swift.max(segment.start, startIndex)
      body(segment.run, (first - segment.start)..<(segment.end - segment.start))
    }
  }

  /// The segment of an index, by bisection; the last one is looked at first.
  private func segment(of index: Int) -> Segment {
    var low = 0
    var high = segments.count - 1
    if segments[high].start <= index { return segments[high] }
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].end <= index { low = middle + 1 } else { high = middle }
    }
    return segments[low]
  }
}
