import EngineAPI

/// Consecutive tokens with their probabilities, about 50 bytes per token, and with the most probable tokens beside them
/// where these are kept. Appending takes constant time.
///
/// The tokens are packed into chunks without references, so that copying a chunk (if another copy of the run is alive)
/// is one memory copy. Reading assembles a ``ScoredToken``.
public struct TokenRun: Sendable, Equatable {
  private var chunks: [Chunk] = []
  /// The number of tokens.
  public private(set) var count = 0

  /// Creates an empty run.
  public init() {}

  /// Creates a run of tokens.
  public init(_ tokens: some Sequence<ScoredToken>) {
    for token in tokens { append(token) }
  }

  /// Whether the run is empty.
  public var isEmpty: Bool { count == 0 }

  /// The token at an index in `0..<count`.
  public subscript(index: Int) -> ScoredToken {
    var token = plainToken(at: index)
    token.top = top(at: index)
    return token
  }

  /// The token at an index in `0..<count` without the most probable ones beside it, which takes less time.
  func plainToken(at index: Int) -> ScoredToken { chunks[index / Chunk.size].token(index % Chunk.size) }

  /// The most probable tokens beside the one at an index, as far as they are kept.
  func top(at index: Int) -> [RankedToken] { chunks[index / Chunk.size].tops[index % Chunk.size] }

  /// The number of tokens that the most probable ones are kept beside.
  var topCount: Int { chunks.reduce(0) { $0 + $1.tops.count } }

  /// Removes the most probable tokens beside all tokens.
  mutating func removeTops() {
    for index in chunks.indices where chunks[index].tops.count > 0 { chunks[index].tops = PackedTops() }
  }

  /// The id of a token.
  public func id(at index: Int) -> Int { chunks[index / Chunk.size].packed[index % Chunk.size].id }

  /// The natural logarithm of the model's probability of a token; `nil` if the token was not predicted.
  public func logprob(at index: Int) -> Double? { chunks[index / Chunk.size].packed[index % Chunk.size].logprobIfKnown }

  /// The sum of the known log-probabilities of the first tokens. Takes constant time.
  func logprob(ofFirst length: Int) -> Double {
    let length = min(max(0, length), count)
    let whole = length / Chunk.size
    guard length % Chunk.size > 0 else { return whole > 0 ? chunks[whole - 1].logprobThrough : 0 }
    return chunks[whole].logprob(ofFirst: length % Chunk.size)
  }

  /// Appends a token.
  public mutating func append(_ token: ScoredToken) {
    if count % Chunk.size == 0 { chunks.append(Chunk(logprobBefore: chunks.last?.logprobThrough ?? 0)) }
    chunks[chunks.count - 1].append(token)
    count += 1
  }

  /// Keeps the first `length` tokens.
  public mutating func truncate(to length: Int) {
    let length = max(0, length)
    guard length < count else { return }
    chunks.removeLast(chunks.count - (length + Chunk.size - 1) / Chunk.size)
    if length % Chunk.size > 0 { chunks[chunks.count - 1].truncate(to: length % Chunk.size) }
    count = length
  }
}

extension TokenRun {
  /// Up to 256 tokens, with the bytes of all of them concatenated.
  private struct Chunk: Sendable, Equatable {
    /// The number of tokens in a full chunk.
    static let size = 256

    var packed: [PackedToken] = []
    var bytes: [UInt8] = []
    /// The sum of the known log-probabilities of the tokens in earlier chunks, and of those up to the end of this one.
    var logprobBefore: Double
    var logprobThrough: Double
    /// The coverage of each token's distribution; empty if it is `.whole` for all tokens.
    var coverages: [Coverage] = []
    /// The most probable tokens beside each token.
    var tops = PackedTops()

    init(logprobBefore: Double) { (self.logprobBefore, logprobThrough) = (logprobBefore, logprobBefore) }

    func logprob(ofFirst length: Int) -> Double {
      packed.prefix(length).reduce(logprobBefore) { $0 + ($1.logprobIfKnown ?? 0) }
    }

    func token(_ index: Int) -> ScoredToken {
      let start = index == 0 ? 0 : packed[index - 1].end
      var token = packed[index].token(bytes: Array(bytes[start..<packed[index].end]))
      if !coverages.isEmpty { token.coverage = coverages[index] }
      return token
    }

    mutating func append(_ token: ScoredToken) {
      if token.coverage != .whole, coverages.isEmpty {
        coverages = Array(repeating: .whole, count: packed.count)
      }
      if token.coverage != .whole || !coverages.isEmpty { coverages.append(token.coverage) }
      tops.append(token.top, at: packed.count)
      bytes += token.token.bytes
      packed.append(PackedToken(token, end: bytes.count))
      logprobThrough += token.logprob ?? 0
    }

    mutating func truncate(to length: Int) {
      packed.removeLast(packed.count - length)
      logprobThrough = logprob(ofFirst: length)
      bytes.removeLast(bytes.count - (packed.last?.end ?? 0))
      tops.truncate(to: length)
      coverages = Array(coverages.prefix(length))
      if coverages.allSatisfy({ $0 == .whole }) { coverages = [] }
    }
  }

  /// The numbers of a token, in place: no arrays or strings. An unknown number is 0, and its bit in `known` is clear.
  private struct PackedToken: Sendable, Equatable {
    var id: Int
    /// The end of its bytes in the chunk's bytes.
    var end: Int
    var rank: Int
    var logprob: Double
    var entropy: Double
    var sampledLogprob: Double
    var known: UInt8

    init(_ token: ScoredToken, end: Int) {
      id = token.token.id
      self.end = end
      rank = token.rank ?? 0
      logprob = token.logprob ?? 0
      entropy = token.entropy ?? 0
      sampledLogprob = token.sampledLogprob ?? 0
      known =
        (token.rank == nil ? 0 : 1) | (token.logprob == nil ? 0 : 2) | (token.entropy == nil ? 0 : 4)
        | (token.sampledLogprob == nil ? 0 : 8)
    }

    var logprobIfKnown: Double? { known & 2 == 0 ? nil : logprob }

    func token(bytes: [UInt8]) -> ScoredToken {
      ScoredToken(
        token: TokenValue(id: id, bytes: bytes), logprob: logprobIfKnown, rank: known & 1 == 0 ? nil : rank,
        entropy: known & 4 == 0 ? nil : entropy, sampledLogprob: known & 8 == 0 ? nil : sampledLogprob)
    }
  }
}
