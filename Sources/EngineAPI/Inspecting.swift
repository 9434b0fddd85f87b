import Sampling

/// The role of showing the distribution at a place in a text.
public protocol Distributing: Engine {
  /// The distribution at one place, as far as the engine knows it (see ``DistributionAnswer/coverage``), seen through a
  /// window.
  func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer
}

/// The role of scoring given texts.
public protocol Scoring: Engine {
  /// The tokens of a text under the model, one for each of the context's ids.
  func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken]
}

/// The role of filling masks.
public protocol MaskFilling: Engine {
  /// Fills the masks of a text.
  func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult
}

/// The distribution at one place, and what the sampler chain makes of it.
public struct DistributionRequest: Sendable, Hashable {
  /// The ids. Causal: those before the place asked about are `context.ids.prefix(position)`. Encoder-decoder: likewise,
  /// of the decoder. Masked: the whole input, of which the id at `position` is the one in question.
  public var context: ModelContext
  /// Which place: the index of the token that the distribution predicts, `0...context.ids.count` (masked: `0..<count`).
  /// Place 0 of a causal model is predicted from its beginning-of-text token alone; where it has none, the request
  /// fails.
  public var position: Int
  /// How many of the context's ids are the prompt.
  public var promptCount: Int
  /// The chain to apply.
  public var settings: SamplingSettings
  /// Which of the tokens, ordered by rank, are wanted: 0-based offsets.
  public var window: Range<Int>
  /// Only tokens whose text contains this count (case matters only if it has upper case); offsets of `window` count the
  /// hits. Empty: all.
  public var search: String
  /// Whether `window` is ordered and listed by the probability after the chain (removed tokens last, in the model's
  /// order).
  public var ordersByChain: Bool

  /// A request.
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

/// A distribution seen through a window: exact over the whole vocabulary, or as far as the engine knows it.
public struct DistributionAnswer: Sendable, Hashable {
  /// How much of the distribution the engine knows.
  public var coverage: Coverage
  /// The ids in the logits; `nil` where the engine can't know it.
  public var vocabularySize: Int?
  /// The entropy of the model's own distribution, in bits; `nil` where the engine can't know it.
  public var entropy: Double?
  /// How many of the known tokens match the search (all of them without one).
  public var matches: Int
  /// The offset of the first of `candidates` among the matches.
  public var offset: Int
  /// The tokens in the window.
  public var candidates: [Candidate]
  /// Every stage of the chain in its order, those that are off too; `nil` where the engine can't know what they do.
  public var stages: [StageSummary]?
  /// The id that stands at the place in the context, as a candidate, if one does.
  public var actual: Candidate?

  /// An answer.
  public init(
    coverage: Coverage = .whole, vocabularySize: Int?, entropy: Double?, matches: Int, offset: Int,
    candidates: [Candidate], stages: [StageSummary]?, actual: Candidate? = nil
  ) {
    self.coverage = coverage
    self.vocabularySize = vocabularySize
    self.entropy = entropy
    self.matches = matches
    self.offset = offset
    self.candidates = candidates
    self.stages = stages
    self.actual = actual
  }

  /// The entropy after the whole chain, in bits; `nil` where it is not known.
  public var chainEntropy: Double? { stages.flatMap { $0.last?.entropy ?? entropy } }
  /// How many ids the whole chain keeps; `nil` where it is not known.
  public var kept: Int? { stages.flatMap { $0.last?.kept ?? vocabularySize } }
}

/// The tokens of a text under the model.
public struct ScoreRequest: Sendable, Hashable {
  /// The ids to score (causal: `ids`; masked: `ids`; encoder-decoder: `encoderIDs` is the input, `ids` the target).
  public var context: ModelContext
  /// How many of the most probable tokens come with each.
  public var topCount: Int
  /// By how much the window slides where the text is longer than the context; `nil`: half the context.
  public var stride: Int?

  /// A request.
  public init(context: ModelContext, topCount: Int = 0, stride: Int? = nil) {
    self.context = context
    self.topCount = topCount
    self.stride = stride
  }
}

/// The gaps of a text filled in.
public struct FillMaskRequest: Sendable, Hashable {
  /// The model and the input ids, mask tokens among them.
  public var context: ModelContext
  /// How many candidates each gap gets.
  public var topK: Int
  /// Only these ids are candidates; empty: all.
  public var targets: [Int]
  /// Whether whole fillings are ranked too (from two masks on).
  public var joint: Bool

  /// A request.
  public init(context: ModelContext, topK: Int = 5, targets: [Int] = [], joint: Bool = true) {
    self.context = context
    self.topK = topK
    self.targets = targets
    self.joint = joint
  }
}

/// One filling of one gap.
public struct MaskCandidate: Sendable, Hashable {
  /// The token with its log-probability and rank.
  public var ranked: RankedToken
  /// The whole text with this gap filled, the other masks kept.
  public var sequence: String

  /// A candidate.
  public init(ranked: RankedToken, sequence: String) {
    self.ranked = ranked
    self.sequence = sequence
  }
}

/// One gap, with its candidates: ranked ids inside the engine, fillings with their texts in its answers.
public struct Gap<Candidate: Sendable & Hashable>: Sendable, Hashable {
  /// The index of the mask among the ids.
  public var position: Int
  /// The entropy of its distribution, in bits; `nil` where the engine can't know it.
  public var entropy: Double?
  /// The best candidates, most probable first.
  public var candidates: [Candidate]
  /// How much of the distribution the engine knows.
  public var coverage: Coverage

  /// An answer for one gap.
  public init(position: Int, entropy: Double?, candidates: [Candidate], coverage: Coverage = .whole) {
    self.coverage = coverage
    self.position = position
    self.entropy = entropy
    self.candidates = candidates
  }

  /// The same gap with what `transform` makes of its candidates.
  public func map<Other>(_ transform: (Candidate) -> Other) -> Gap<Other> {
    Gap<Other>(position: position, entropy: entropy, candidates: candidates.map(transform), coverage: coverage)
  }
}

/// A gap with the texts that fill it.
public typealias MaskAnswer = Gap<MaskCandidate>

/// One filling of all gaps together.
public struct JointFilling: Sendable, Hashable {
  /// The tokens, gap by gap in the order of the text.
  public var tokens: [TokenValue]
  /// The sum of the conditionals' natural logarithms.
  public var logprob: Double
  /// The whole text with all gaps filled.
  public var sequence: String

  /// A filling.
  public init(tokens: [TokenValue], logprob: Double, sequence: String) {
    self.tokens = tokens
    self.logprob = logprob
    self.sequence = sequence
  }
}

/// The gaps filled, one by one and together.
public struct FillMaskResult: Sendable, Hashable {
  /// Each gap, in the order of the text.
  public var masks: [MaskAnswer]
  /// Whole fillings, best first; empty with fewer than two masks.
  public var joint: [JointFilling]

  /// A result.
  public init(masks: [MaskAnswer], joint: [JointFilling]) {
    self.masks = masks
    self.joint = joint
  }
}
