import Sampling

/// The role of computing the distribution at a position in a text.
public protocol Distributing: Engine {
  /// The distribution at one position, as far as the engine knows it (see ``DistributionAnswer/coverage``). The answer
  /// lists only the candidates in the requested window.
  func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer
}

/// The role of scoring given texts.
public protocol Scoring: Engine {
  /// Scores the tokens of a text, one result for each of the context's ids.
  func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken]

  /// Scores the tokens of a text and returns them in parts, in the order of the text, while they are computed. Default:
  /// one part with all tokens.
  func scoreInParts(
    _ request: ScoreRequest, receive: @escaping @Sendable (ScoredPart) -> Void
  ) async throws(EngineError)

  /// Scores several continuations of one text, one list of tokens for each. Default: each text is scored as a whole.
  func score(_ request: ContinuationRequest) async throws(EngineError) -> [[ScoredToken]]
}

/// Tokens of a text that is being scored.
public struct ScoredPart: Sendable, Hashable {
  /// The index of the first token in the text.
  public var first: Int
  /// The tokens, one after the other.
  public var tokens: [ScoredToken]

  /// A part with these values.
  public init(first: Int, tokens: [ScoredToken]) {
    self.first = first
    self.tokens = tokens
  }
}

extension Scoring {
  /// The default: one part with all tokens.
  public func scoreInParts(
    _ request: ScoreRequest, receive: @escaping @Sendable (ScoredPart) -> Void
  ) async throws(EngineError) {
    receive(ScoredPart(first: 0, tokens: try await score(request, progress: { _ in })))
  }

  /// The default: each text is scored as a whole.
  public func score(_ request: ContinuationRequest) async throws(EngineError) -> [[ScoredToken]] {
    var scored: [[ScoredToken]] = []
    for continuation in request.continuations {
      var context = request.context
      context.ids += continuation
      let tokens = try await score(ScoreRequest(context: context), progress: { _ in })
      scored.append(Array(tokens.suffix(continuation.count)))
    }
    return scored
  }
}

/// A request to score several continuations of one text; of a masked model, several fillings of the one mask in it.
public struct ContinuationRequest: Sendable, Hashable {
  /// The model and the text. A causal model's text may be empty: then it is the model's beginning-of-text token.
  public var context: ModelContext
  /// The ids of each continuation, at least one. The pieces of a filling are predicted from left to right, those not
  /// yet reached masked.
  public var continuations: [[Int]]

  /// A request with these values.
  public init(context: ModelContext, continuations: [[Int]]) {
    self.context = context
    self.continuations = continuations
  }
}

/// The role of filling masks.
public protocol MaskFilling: Engine {
  /// Fills the masks of a text.
  func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult
}

/// A request for the distribution at one position, before and after the sampler chain.
public struct DistributionRequest: Sendable, Hashable {
  /// The ids. Causal models: the distribution is conditioned on `context.ids.prefix(position)`. Encoder-decoder models:
  /// likewise, on the decoder's ids. Masked models: the whole input, of which the id at `position` is predicted.
  public var context: ModelContext
  /// The index of the predicted token: `0...context.ids.count`, or `0..<count` for masked models. At position 0 a
  /// causal model uses its beginning-of-text token alone; a model without one fails the request.
  public var position: Int
  /// The number of context ids that belong to the prompt.
  public var promptCount: Int
  /// The sampler settings to apply.
  public var settings: SamplingSettings
  /// The wanted ranks (0-based) of the ordered tokens.
  public var window: Range<Int>
  /// If not empty, only tokens whose text contains this string are counted and listed. Case matters only if the string
  /// contains an upper-case letter.
  public var search: String
  /// True to order the tokens by their probability after the chain; removed tokens come last, in the model's order.
  public var ordersByChain: Bool

  /// A request with these values.
  public init(
    context: ModelContext, position: Int, promptCount: Int? = nil, settings: SamplingSettings = SamplingSettings(),
    window: Range<Int> = 0..<32, search: String = "", ordersByChain: Bool = false
  ) {
    self.context = context
    self.position = position
    self.promptCount = promptCount ?? context.ids.count
    self.settings = settings
    self.window = window
    self.search = search
    self.ordersByChain = ordersByChain
  }
}

/// A window of a distribution: exact over the whole vocabulary, or as far as the engine knows it.
public struct DistributionAnswer: Sendable, Hashable {
  /// How much of the distribution the engine knows.
  public var coverage: Coverage
  /// The number of ids in the logits; `nil` if the engine does not know it.
  public var vocabularySize: Int?
  /// The entropy of the model's distribution before the chain, in bits; `nil` if the engine does not know it.
  public var entropy: Double?
  /// The number of known tokens that match the search; without a search, all known tokens.
  public var matches: Int
  /// The index of the first candidate among the matches.
  public var offset: Int
  /// The tokens in the window.
  public var candidates: [Candidate]
  /// The result of every stage of the chain in order, including inactive stages; `nil` if the engine does not know
  /// them.
  public var stages: [StageSummary]?
  /// The steps that each candidate's ``Candidate/steps`` follow: the model, then what acts; empty if the engine does
  /// not know them.
  public var steps: [ChainStep]
  /// The id at the position in the context, as a candidate; `nil` at the end of the context.
  public var actual: Candidate?

  /// An answer with these values.
  public init(
    coverage: Coverage = .whole, vocabularySize: Int?, entropy: Double?, matches: Int, offset: Int,
    candidates: [Candidate], stages: [StageSummary]?, steps: [ChainStep] = [], actual: Candidate? = nil
  ) {
    self.steps = steps
    self.coverage = coverage
    self.vocabularySize = vocabularySize
    self.entropy = entropy
    self.matches = matches
    self.offset = offset
    self.candidates = candidates
    self.stages = stages
    self.actual = actual
  }

  /// The entropy after the whole chain, in bits; `nil` if unknown.
  public var chainEntropy: Double? { stages.flatMap { $0.last?.entropy ?? entropy } }
  /// The number of ids kept by the whole chain; `nil` if unknown.
  public var kept: Int? { stages.flatMap { $0.last?.kept ?? vocabularySize } }
}

/// A request to score the tokens of a text.
public struct ScoreRequest: Sendable, Hashable {
  /// The ids to score. For encoder-decoder models, `encoderIDs` is the input and `ids` the target.
  public var context: ModelContext
  /// The number of most probable tokens reported with each token.
  public var topCount: Int
  /// The step of the sliding window, in tokens, for texts longer than the context; `nil`: half the context.
  public var stride: Int?

  /// A request with these values.
  public init(context: ModelContext, topCount: Int = 0, stride: Int? = nil) {
    self.context = context
    self.topCount = topCount
    self.stride = stride
  }
}

/// A request to fill the masks of a text.
public struct FillMaskRequest: Sendable, Hashable {
  /// The model and the input ids, including mask tokens.
  public var context: ModelContext
  /// The number of candidates for each mask.
  public var topK: Int
  /// The ids allowed as candidates; empty: all.
  public var targets: [Int]
  /// True to also rank fillings of all masks together, if there are at least two.
  public var joint: Bool

  /// A request with these values.
  public init(context: ModelContext, topK: Int = Limits.defaultFillings, targets: [Int] = [], joint: Bool = true) {
    self.context = context
    self.topK = topK
    self.targets = targets
    self.joint = joint
  }
}

/// One candidate for a mask.
public struct MaskCandidate: Sendable, Hashable {
  /// The token with its log-probability and rank.
  public var ranked: RankedToken
  /// The whole text with this mask filled and the other masks kept.
  public var sequence: String

  /// A candidate with these values.
  public init(ranked: RankedToken, sequence: String) {
    self.ranked = ranked
    self.sequence = sequence
  }
}

/// A mask position with its candidates. The engine uses it with ranked ids, its answers with texts.
public struct Gap<Candidate: Sendable & Hashable>: Sendable, Hashable {
  /// The index of the mask among the ids.
  public var position: Int
  /// The entropy of the distribution at the mask, in bits; `nil` if the engine does not know it.
  public var entropy: Double?
  /// The best candidates, most probable first.
  public var candidates: [Candidate]
  /// How much of the distribution the engine knows.
  public var coverage: Coverage

  /// A result for one mask.
  public init(position: Int, entropy: Double?, candidates: [Candidate], coverage: Coverage = .whole) {
    self.coverage = coverage
    self.position = position
    self.entropy = entropy
    self.candidates = candidates
  }

  /// The same mask with each candidate transformed.
  public func map<Other>(_ transform: (Candidate) -> Other) -> Gap<Other> {
    Gap<Other>(position: position, entropy: entropy, candidates: candidates.map(transform), coverage: coverage)
  }
}

/// A mask with its candidate texts.
public typealias MaskAnswer = Gap<MaskCandidate>

/// One filling of all masks together.
public struct JointFilling: Sendable, Hashable {
  /// The tokens, in the order of the masks in the text.
  public var tokens: [TokenValue]
  /// The sum of the natural logarithms of the conditional probabilities.
  public var logprob: Double
  /// The whole text with all masks filled.
  public var sequence: String

  /// A filling with these values.
  public init(tokens: [TokenValue], logprob: Double, sequence: String) {
    self.tokens = tokens
    self.logprob = logprob
    self.sequence = sequence
  }
}

/// The result of filling masks.
public struct FillMaskResult: Sendable, Hashable {
  /// The masks in the order of the text.
  public var masks: [MaskAnswer]
  /// Fillings of all masks, best first; empty with fewer than two masks.
  public var joint: [JointFilling]

  /// A result with these values.
  public init(masks: [MaskAnswer], joint: [JointFilling]) {
    self.masks = masks
    self.joint = joint
  }
}
