/// How much of a distribution is known.
///
/// The local engine knows the whole distribution. A server that returns the most probable tokens knows only their
/// probabilities. It does not know the entropy, the ranks of other tokens and often the vocabulary size.
public enum Coverage: Sendable, Hashable {
  /// The probability of every token.
  case whole
  /// Only the probabilities of the `candidates` most probable tokens; `mass` is their sum, 0…1.
  case partial(candidates: Int, mass: Double)

  /// The probability mass of the known tokens, 0…1.
  public var mass: Double {
    switch self {
    case .whole: 1
    case .partial(_, let mass): mass
    }
  }

  /// The number of known tokens; `nil` for all.
  public var candidates: Int? {
    switch self {
    case .whole: nil
    case .partial(let candidates, _): candidates
    }
  }
}

// These types are generic over the token: the engine uses ids (`Int`), its answers use ids with bytes. `map` converts
// between the two.

/// A token with its probability and rank in the model's own distribution.
public struct Ranked<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token.
  public var token: Token
  /// The natural logarithm of the model's own probability, -infinity for a logit of -infinity; `nil` if unknown.
  public var logprob: Double?
  /// The rank: 1 for the highest logit; ties go to the lower id. `nil` if unknown.
  public var rank: Int?

  /// A token with its log-probability and rank.
  @inlinable
  public init(token: Token, logprob: Double?, rank: Int?) {
    self.token = token
    self.logprob = logprob
    self.rank = rank
  }

  /// The same values for the transformed token.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> Ranked<Other> {
    Ranked<Other>(token: transform(token), logprob: logprob, rank: rank)
  }
}

/// A drawn or scored token, with statistics of the distribution that predicted it.
public struct Scored<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token.
  public var token: Token
  /// The natural logarithm of the model's own probability; `nil` if no distribution predicted the token (the first
  /// token of a text) or the engine does not know it.
  public var logprob: Double?
  /// The rank: 1 for the highest logit; `nil` like ``logprob``.
  public var rank: Int?
  /// The entropy of the model's own distribution, in bits; `nil` like ``logprob``.
  public var entropy: Double?
  /// The natural logarithm of the probability after the sampler chain, 0 at temperature 0; `nil` if no chain was
  /// applied (scoring).
  public var sampledLogprob: Double?
  /// The requested number of most probable tokens of the model's own distribution, most probable first.
  public var top: [Ranked<Token>]
  /// How much of the distribution the engine knows. If it is `.whole` and ``logprob`` is `nil`, no distribution
  /// predicted the token.
  public var coverage: Coverage

  /// A token with these values.
  @inlinable
  public init(
    token: Token, logprob: Double?, rank: Int?, entropy: Double?, sampledLogprob: Double? = nil,
    top: [Ranked<Token>] = [], coverage: Coverage = .whole
  ) {
    self.token = token
    self.logprob = logprob
    self.rank = rank
    self.entropy = entropy
    self.sampledLogprob = sampledLogprob
    self.top = top
    self.coverage = coverage
  }

  /// A candidate as a token of a text, with what is known about the distribution that predicted it.
  @inlinable
  public init(_ ranked: Ranked<Token>, entropy: Double?, top: [Ranked<Token>] = [], coverage: Coverage) {
    self.init(
      token: ranked.token, logprob: ranked.logprob, rank: ranked.rank, entropy: entropy, top: top, coverage: coverage)
  }

  /// The token with its log-probability and rank only.
  @inlinable
  public var ranked: Ranked<Token> { Ranked(token: token, logprob: logprob, rank: rank) }

  /// A token that no distribution predicted.
  @inlinable
  public init(unpredicted token: Token) { self.init(token: token, logprob: nil, rank: nil, entropy: nil) }

  /// The surprise after the chain, in bits; 0 if no chain was applied.
  public var surprise: Double { -(sampledLogprob ?? 0) / Natural.ln2 }

  /// The same values for the transformed tokens.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> Scored<Other> {
    Scored<Other>(
      token: transform(token), logprob: logprob, rank: rank, entropy: entropy, sampledLogprob: sampledLogprob,
      top: top.map { $0.map(transform) }, coverage: coverage)
  }
}

/// A token with a probability.
public struct Probable<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token.
  public var token: Token
  /// The probability, 0…1.
  public var probability: Double

  /// A token with its probability.
  @inlinable
  public init(token: Token, probability: Double) {
    self.token = token
    self.probability = probability
  }

  /// The same probability for the transformed token.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> Probable<Other> {
    Probable<Other>(token: transform(token), probability: probability)
  }
}

/// A row of a candidate list: a token with its values in the model's own distribution and after the chain.
public struct CandidateRow<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token, its log-probability and rank in the model's own distribution.
  public var ranked: Ranked<Token>
  /// The cumulative probability in the model's own distribution of this and all higher ranks, 0…1; `nil` if unknown.
  public var cumulative: Double?
  /// The probability after the chain, 0 for removed tokens; `nil` if unknown.
  public var chainProbability: Double?
  /// The stage that removed the token; `nil` if none did.
  public var removedBy: SamplerStage?
  /// The probability after each step of the chain (``ChainTrace/steps``), 0…1; empty if unknown.
  public var steps: [Double]

  /// A row with these values.
  @inlinable
  public init(
    ranked: Ranked<Token>, cumulative: Double?, chainProbability: Double?, removedBy: SamplerStage? = nil,
    steps: [Double] = []
  ) {
    self.steps = steps
    self.ranked = ranked
    self.cumulative = cumulative
    self.chainProbability = chainProbability
    self.removedBy = removedBy
  }

  /// This row with its token transformed.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> CandidateRow<Other> {
    CandidateRow<Other>(
      ranked: ranked.map(transform), cumulative: cumulative, chainProbability: chainProbability, removedBy: removedBy,
      steps: steps)
  }
}

/// The effect of one stage of the chain.
public struct StageResult<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The stage.
  public var stage: SamplerStage
  /// Whether the stage was active. An inactive stage repeats the values of the stage before it.
  public var isActive: Bool
  /// The number of ids with a probability above 0 after the stage.
  public var kept: Int
  /// The number of ids that the stage removed.
  public var removed: Int
  /// The entropy after the stage, in bits.
  public var entropy: Double
  /// The most probable tokens after the stage, with their probabilities.
  public var top: [Probable<Token>]

  /// A result with these values.
  @inlinable
  public init(
    stage: SamplerStage, isActive: Bool = true, kept: Int, removed: Int, entropy: Double, top: [Probable<Token>] = []
  ) {
    self.stage = stage
    self.isActive = isActive
    self.kept = kept
    self.removed = removed
    self.entropy = entropy
    self.top = top
  }

  /// The same result for the transformed tokens.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> StageResult<Other> {
    StageResult<Other>(
      stage: stage, isActive: isActive, kept: kept, removed: removed, entropy: entropy,
      top: top.map { $0.map(transform) })
  }
}

/// An id with its probability and rank.
public typealias RankedID = Ranked<Int>

/// A drawn or scored id.
public typealias ScoredID = Scored<Int>

/// An id with a probability.
public typealias ProbableID = Probable<Int>

extension Ranked<Int> {
  /// The id.
  public var id: Int { token }
}

extension Scored<Int> {
  /// The id.
  public var id: Int { token }
}

extension Probable<Int> {
  /// The id.
  public var id: Int { token }
}
