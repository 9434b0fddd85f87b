import EngineAPI

extension ScoredToken {
  /// The token as the texts of the playground keep it: with the five most probable tokens beside it.
  public var kept: ScoredToken {
    var kept = self
    kept.top = Array(top.prefix(SessionTree.keptTops))
    return kept
  }
}

extension SessionTree {
  /// The number of most probable tokens that texts of the playground keep beside each token.
  public static let keptTops = 5
}

/// The most probable tokens at consecutive positions: 40 bytes for each, and its own bytes. Nothing in it is a
/// reference, so that copying it is three memory copies.
struct PackedTops: Sendable, Equatable {
  /// A token. An unknown number is 0, and its bit in `known` is clear.
  private struct Entry: Sendable, Equatable {
    var id: Int
    var logprob: Double
    var rank: Int
    /// The end of its bytes in `bytes`.
    var end: Int
    var known: UInt8
  }

  /// The number of positions with tokens.
  private(set) var count = 0
  /// For each position up to the last one with tokens, the end of its tokens in `entries`.
  private var ends: [Int] = []
  private var entries: [Entry] = []
  private var bytes: [UInt8] = []

  /// The tokens at a position, the most probable one first.
  subscript(position: Int) -> [RankedToken] {
    guard ends.indices.contains(position) else { return [] }
    return (start(position)..<ends[position]).map { index in
      let entry = entries[index]
      let start = index == 0 ? 0 : entries[index - 1].end
      return RankedToken(
        token: TokenValue(id: entry.id, bytes: Array(bytes[start..<entry.end])),
        logprob: entry.known & 1 == 0 ? nil : entry.logprob, rank: entry.known & 2 == 0 ? nil : entry.rank)
    }
  }

  private func start(_ position: Int) -> Int { position == 0 ? 0 : ends[position - 1] }

  /// Sets the tokens at a position after all that have some.
  mutating func append(_ top: [RankedToken], at position: Int) {
    guard !top.isEmpty else { return }
    while ends.count < position { ends.append(entries.count) }
    for ranked in top {
      bytes += ranked.token.bytes
      entries.append(
        Entry(
          id: ranked.token.id, logprob: ranked.logprob ?? 0, rank: ranked.rank ?? 0, end: bytes.count,
          known: (ranked.logprob == nil ? 0 : 1) | (ranked.rank == nil ? 0 : 2)))
    }
    ends.append(entries.count)
    count += 1
  }

  /// Removes the tokens at the positions from `count` on.
  mutating func truncate(to count: Int) {
    guard count < ends.count else { return }
    ends.removeLast(ends.count - count)
    while let last = ends.last, start(ends.count - 1) == last { ends.removeLast() }
    entries.removeLast(entries.count - (ends.last ?? 0))
    self.count = ends.indices.count { start($0) < ends[$0] }
    bytes.removeLast(bytes.count - (entries.last?.end ?? 0))
  }
}
