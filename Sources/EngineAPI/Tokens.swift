import Sampling

/// One token of a vocabulary; in JSON `{"id", "text", "bytes"}`.
public struct TokenValue: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// The bytes that the token represents. Byte-level tokens are exact, WordPiece tokens keep their `##`, and `▁`
  /// becomes a space.
  public var bytes: [UInt8]

  /// A token.
  public init(id: Int, bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }

  /// The bytes as text; invalid UTF-8 becomes U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// A token of a tokenized text.
public struct TokenSpan: Sendable, Hashable {
  /// The token.
  public var token: TokenValue
  /// The UTF-8 byte offsets of the token in the text; `0..<0` for tokens without input bytes.
  public var range: Range<Int>
  /// True if the tokenizer added the token, or it is a special token.
  public var isSpecial: Bool

  /// A token with these values.
  public init(token: TokenValue, range: Range<Int>, isSpecial: Bool) {
    self.token = token
    self.range = range
    self.isSpecial = isSpecial
  }
}

/// How much of a distribution an engine knows.
public typealias Coverage = Sampling.Coverage

/// A token with its probability under the model's own distribution.
public typealias RankedToken = Ranked<TokenValue>

/// A generated or scored token, with statistics of the distribution that predicted it.
public typealias ScoredToken = Scored<TokenValue>

/// A candidate token, with its values in the model's distribution and after the chain.
public typealias Candidate = CandidateRow<TokenValue>

/// A step of the sampler chain with the distribution after it: a column of the sampler waterfall.
public typealias ChainStep = Sampling.ChainStep

/// The effect of one stage of the sampler chain.
public typealias StageSummary = StageResult<TokenValue>
