import EngineAPI

/// The tokens of a path or of its end, or of several paths one behind the other: what a view reads. It shares the
/// tree's storage; while one is alive, an append to the tree copies a chunk.
public struct TokenPath: RandomAccessCollection, Sendable, Equatable {
  /// The part of a node that lies on the path.
  struct Segment: Sendable, Equatable {
    var run: TokenRun
    var node: NodeID
    /// Whether a person put its tokens in the place of the model's own.
    var isByHand: Bool
    /// The index in the run of its first token.
    var first: Int
    /// The index in this path of its first token.
    var start: Int
    /// The index in this path behind its last token.
    var end: Int
  }

  private var segments: [Segment] = []

  /// No tokens.
  public init() {}

  init(_ segments: [Segment]) { self.segments = segments }

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of tokens.
  public var endIndex: Int { segments.last?.end ?? 0 }

  /// The token of an index in `0..<count`.
  public subscript(index: Int) -> ScoredToken {
    let segment = segment(of: index)
    return segment.run[index - segment.start + segment.first]
  }

  /// Puts the tokens of another path behind these.
  public mutating func append(_ other: TokenPath) {
    let offset = endIndex
    for var segment in other.segments {
      segment.start += offset
      segment.end += offset
      segments.append(segment)
    }
  }

  /// The node that a token belongs to.
  public func node(at index: Int) -> NodeID { segment(of: index).node }

  /// Whether a person put a token in the place of the model's own.
  public func isByHand(at index: Int) -> Bool { segment(of: index).isByHand }

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
      body(segment.run, segment.first..<(segment.first + segment.end - segment.start))
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
