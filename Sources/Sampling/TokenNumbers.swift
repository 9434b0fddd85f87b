/// How much of a distribution is known.
///
/// The local engine knows all of it. A server that lists the most probable tokens knows these and their probabilities;
/// the entropy, the rank of any other token, and often the size of the vocabulary, it does not know.
public enum Coverage: Sendable, Hashable {
  /// The probability of every token.
  case whole
  /// Only the probabilities of the `candidates` most probable tokens; `mass` is their sum, 0…1.
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

// The figures of a token are stated once, whatever stands for the token: its id inside the engine, its id and bytes in
// the engine's answers. `map` replaces the one by the other.

/// A token with its probability under the model's own distribution.
public struct Ranked<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token.
  public var token: Token
  /// Natural logarithm of the model's own probability, -infinity where the logit is; `nil` where it is not known.
  public var logprob: Double?
  /// 1 for the highest logit; ties go to the lower id. `nil` where it is not known.
  public var rank: Int?

  /// A token with its place in a distribution.
  @inlinable
  public init(token: Token, logprob: Double?, rank: Int?) {
    self.token = token
    self.logprob = logprob
    self.rank = rank
  }

  /// The same figures of what `transform` makes of the token.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> Ranked<Other> {
    Ranked<Other>(token: transform(token), logprob: logprob, rank: rank)
  }
}

/// A token that was drawn or scored, with the distribution that predicted it summed up.
public struct Scored<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token.
  public var token: Token
  /// Natural logarithm of the model's own probability; `nil` where nothing predicted the token, or the engine can't know
  /// it.
  public var logprob: Double?
  /// 1 for the highest logit; `nil` where nothing predicted the token, or the engine can't know it.
  public var rank: Int?
  /// The entropy of the model's own distribution, in bits; `nil` where nothing predicted the token, or the engine can't
  /// know it.
  public var entropy: Double?
  /// Natural logarithm of the probability after the sampler chain, 0 at temperature 0; `nil` where no chain acted
  /// (scoring).
  public var sampledLogprob: Double?
  /// The most probable tokens of the model's own distribution, most probable first, as many as were asked for.
  public var top: [Ranked<Token>]
  /// How much of the distribution the engine knows. Where it is `.whole`, a missing ``logprob`` means that nothing
  /// predicted the token.
  public var coverage: Coverage

  /// A token with its numbers.
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

  /// A token that nothing predicted.
  @inlinable
  public init(unpredicted token: Token) { self.init(token: token, logprob: nil, rank: nil, entropy: nil) }

  /// The surprise after the chain, in bits; 0 where no chain acted.
  public var surprise: Double { -(sampledLogprob ?? 0) / Natural.ln2 }

  /// The same figures of what `transform` makes of the tokens.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> Scored<Other> {
    Scored<Other>(
      token: transform(token), logprob: logprob, rank: rank, entropy: entropy, sampledLogprob: sampledLogprob,
      top: top.map { $0.map(transform) }, coverage: coverage)
  }
}

/// A token and a probability.
public struct Probable<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token.
  public var token: Token
  /// The probability, 0…1.
  public var probability: Double

  /// A token and its probability.
  @inlinable
  public init(token: Token, probability: Double) {
    self.token = token
    self.probability = probability
  }

  /// The probability of what `transform` makes of the token.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> Probable<Other> {
    Probable<Other>(token: transform(token), probability: probability)
  }
}

/// One row of a list of candidates: a token in the model's own distribution and after the chain.
public struct CandidateRow<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token, its log-probability and rank in the model's own distribution.
  public var ranked: Ranked<Token>
  /// The cumulative probability in the model's own distribution of all tokens up to this rank, 0…1; `nil` where it is
  /// not known.
  public var cumulative: Double?
  /// The probability after the chain, 0 where it was removed; `nil` where it is not known.
  public var chainProbability: Double?
  /// The stage that removed it, if one did.
  public var removedBy: SamplerStage?

  /// A candidate.
  @inlinable
  public init(
    ranked: Ranked<Token>, cumulative: Double?, chainProbability: Double?, removedBy: SamplerStage? = nil
  ) {
    self.ranked = ranked
    self.cumulative = cumulative
    self.chainProbability = chainProbability
    self.removedBy = removedBy
  }

  /// The same row of what `transform` makes of the token.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> CandidateRow<Other> {
    CandidateRow<Other>(
      ranked: ranked.map(transform), cumulative: cumulative, chainProbability: chainProbability, removedBy: removedBy)
  }
}

/// What one stage of the chain did.
public struct StageResult<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The stage.
  public var stage: SamplerStage
  /// Whether it acted; the figures of one that did not are those before it.
  public var isActive: Bool
  /// How many ids have a probability above 0 after it.
  public var kept: Int
  /// How many fewer than before it.
  public var removed: Int
  /// The entropy after it, in bits.
  public var entropy: Double
  /// The most probable tokens after it with their probabilities.
  public var top: [Probable<Token>]

  /// A result.
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

  /// The same result of what `transform` makes of the tokens.
  @inlinable
  public func map<Other>(_ transform: (Token) -> Other) -> StageResult<Other> {
    StageResult<Other>(
      stage: stage, isActive: isActive, kept: kept, removed: removed, entropy: entropy,
      top: top.map { $0.map(transform) })
  }
}

/// An id with its place in a distribution.
public typealias RankedID = Ranked<Int>

/// An id that was drawn or scored.
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
