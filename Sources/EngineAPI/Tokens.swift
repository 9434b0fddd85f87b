import Sampling

/// One token of a vocabulary: `{"id", "text", "bytes"}` of the contract.
public struct TokenValue: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// What the token stands for. Byte-level pieces are exact; a WordPiece keeps its `##`; `▁` is a space.
  public var bytes: [UInt8]

  /// A token.
  public init(id: Int, bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }

  /// The bytes as text, invalid UTF-8 replaced by U+FFFD.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// A token of a text that was tokenized.
public struct TokenSpan: Sendable, Hashable {
  /// The token.
  public var token: TokenValue
  /// The UTF-8 byte offsets in the text of what the token stands for; `0..<0` for tokens that stand for no input.
  public var range: Range<Int>
  /// Whether the tokenizer added it or it is one of the special tokens.
  public var isSpecial: Bool

  /// A token at a place.
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

/// A token that was made or scored, with the distribution that predicted it summed up.
public typealias ScoredToken = Scored<TokenValue>

/// A token and a probability.
public typealias ProbableToken = Probable<TokenValue>

/// One candidate: a token in the model's own distribution and after the chain.
public typealias Candidate = CandidateRow<TokenValue>

/// What one stage of the chain did.
public typealias StageSummary = StageResult<TokenValue>
