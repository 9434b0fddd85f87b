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
///
/// The local engine knows all of it. A server that lists the most probable tokens knows these and their probabilities;
/// the entropy, the rank of any other token, and often the size of the vocabulary, it does not know.
public enum Coverage: Sendable, Hashable {
  /// The probability of every token.
  case whole
  /// The probabilities of so many tokens, the most probable ones. `mass` is their sum, 0…1.
  case partial(candidates: Int, mass: Double)

  /// The share of the probability mass whose tokens are known, 0…1.
  public var mass: Double {
    switch self {
    case .whole: 1
    case .partial(_, let mass): mass
    }
  }

  /// How many tokens are known; `nil` for all of them.
  public var candidates: Int? {
    switch self {
    case .whole: nil
    case .partial(let candidates, _): candidates
    }
  }
}

/// A token with its probability under the model's own distribution.
public struct RankedToken: Sendable, Hashable {
  /// The token.
  public var token: TokenValue
  /// Natural logarithm of the model's own probability; `nil` where the engine can't know it.
  public var logprob: Double?
  /// 1 for the highest logit; ties go to the lower id. `nil` where the engine can't know it.
  public var rank: Int?

  /// A token with its place in a distribution.
  public init(token: TokenValue, logprob: Double?, rank: Int?) {
    self.token = token
    self.logprob = logprob
    self.rank = rank
  }
}

/// A token that was made or scored, with the distribution that predicted it summed up.
public struct ScoredToken: Sendable, Hashable {
  /// The token.
  public var token: TokenValue
  /// Natural logarithm of the model's own probability; `nil` where nothing predicted the token, or the engine can't know
  /// it.
  public var logprob: Double?
  /// 1 for the highest logit; `nil` where nothing predicted the token, or the engine can't know it.
  public var rank: Int?
  /// The entropy of the model's own distribution, in bits; `nil` where nothing predicted the token, or the engine can't
  /// know it.
  public var entropy: Double?
  /// Natural logarithm of the probability after the sampler chain; `nil` where no chain acted (scoring).
  public var sampledLogprob: Double?
  /// The most probable tokens of the model's own distribution, most probable first, as many as were asked for.
  public var top: [RankedToken]
  /// How much of the distribution the engine knows. Where it is `.whole`, a missing ``logprob`` means that nothing
  /// predicted the token.
  public var coverage: Coverage

  /// A token with its numbers.
  public init(
    token: TokenValue, logprob: Double?, rank: Int?, entropy: Double?, sampledLogprob: Double? = nil,
    top: [RankedToken] = [], coverage: Coverage = .whole
  ) {
    self.token = token
    self.logprob = logprob
    self.rank = rank
    self.entropy = entropy
    self.sampledLogprob = sampledLogprob
    self.top = top
    self.coverage = coverage
  }
}
