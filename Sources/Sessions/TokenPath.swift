import EngineAPI

/// The tokens of a path or a part of it, or of several paths in sequence, for reading by views. It shares the tree's
/// storage; while it is alive, an append to the tree copies a chunk.
public struct TokenPath: RandomAccessCollection, Sendable, Equatable {
  /// The part of a node that is on the path.
  struct Segment: Sendable, Equatable {
    var run: TokenRun
    var node: NodeID
    /// Whether the user chose or entered its tokens instead of the model's choice.
    var isByHand: Bool
    /// The index of its first token in the run.
    var first: Int
    /// The index of its first token in this path.
    var start: Int
    /// The index after its last token in this path.
    var end: Int
  }

  private var segments: [Segment] = []

  /// Creates an empty path.
  public init() {}

  init(_ segments: [Segment]) { self.segments = segments }

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of tokens.
  public var endIndex: Int { segments.last?.end ?? 0 }

  /// The token at an index in `0..<count`, without the most probable ones beside it.
  public subscript(index: Int) -> ScoredToken {
    let segment = segment(of: index)
    return segment.run.plainToken(at: index - segment.start + segment.first)
  }

  /// The most probable tokens beside the one at an index, as far as they are kept.
  public func top(at index: Int) -> [RankedToken] {
    let segment = segment(of: index)
    return segment.run.top(at: index - segment.start + segment.first)
  }

  /// Appends the tokens of another path.
  public mutating func append(_ other: TokenPath) {
    let offset = endIndex
    for var segment in other.segments {
      segment.start += offset
      segment.end += offset
      segments.append(segment)
    }
  }

  /// The node of a token.
  public func node(at index: Int) -> NodeID { segment(of: index).node }

  /// Whether the user chose or entered a token instead of the model's choice.
  public func isByHand(at index: Int) -> Bool { segment(of: index).isByHand }

  /// The ids of the tokens.
  public var ids: [Int] {
    var ids: [Int] = []
    ids.reserveCapacity(count)
    forEachRun { run, range in for index in range { ids.append(run.id(at: index)) } }
    return ids
  }

  /// The sum of the tokens' log-probabilities; `nil` if a token has none.
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

  /// Calls `body` with each node's run and the range of its indices on the path.
  private func forEachRun(_ body: (TokenRun, Range<Int>) -> Void) {
    for segment in segments {
      body(segment.run, segment.first..<(segment.first + segment.end - segment.start))
    }
  }

  /// The segment of an index. Tries the last one first, then uses binary search.
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
