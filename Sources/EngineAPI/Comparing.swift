import Sampling

/// The role of comparing what several sides (models, number formats, sampler chains) predict at each position of one
/// text, exactly and over the whole vocabulary.
public protocol Comparing: Engine {
  /// Compares the sides of a request.
  ///
  /// - Parameter receive: gets the positions in the order of the text, a few at a time, as they are computed.
  /// - Returns: the cost of each side.
  /// - Throws: an error of kind `.usage` if the sides are not comparable (families or vocabularies differ, or the
  ///   common texts), `.input` if a text is longer than a context.
  func compare(
    _ request: ComparisonRequest, receive: @escaping @Sendable (ComparisonPart) -> Void
  ) async throws(EngineError) -> [SideCost]
}

/// One side of a comparison: a model with its own beginning of the text and, if wanted, a sampler chain.
public struct ComparedSide: Sendable, Hashable {
  /// The model, the encoder's input, and the ids: those before the compared text, then those of the text.
  public var context: ModelContext
  /// The number of ids before the compared text, such as those of the side's own prompt.
  public var leading: Int
  /// The chain whose distribution is compared too; `nil`: only the model's own distribution.
  public var settings: SamplingSettings?

  /// A side with these values.
  public init(context: ModelContext, leading: Int = 0, settings: SamplingSettings? = nil) {
    self.context = context
    self.leading = leading
    self.settings = settings
  }
}

/// A request to compare several sides over one text.
public struct ComparisonRequest: Sendable, Hashable {
  /// The sides, two or more. After their leading ids they all have the same ids.
  public var sides: [ComparedSide]
  /// The number of most probable tokens reported with each position and side.
  public var topCount: Int
  /// Of masked models: whether the masks in the text are compared, instead of its tokens, each masked alone.
  public var isAtMasks: Bool

  /// A request with these values.
  public init(sides: [ComparedSide], topCount: Int = 0, isAtMasks: Bool = false) {
    self.sides = sides
    self.topCount = topCount
    self.isAtMasks = isAtMasks
  }
}

/// How far two distributions over the same vocabulary are apart, in bits. Equal distributions give exactly 0, and
/// exchanging the two exchanges ``forward`` and ``backward`` exactly.
public struct Divergence: Sendable, Hashable {
  /// KL(A‖B), the Kullback-Leibler divergence; infinite if B excludes a token that A does not.
  public var forward: Double
  /// KL(B‖A).
  public var backward: Double
  /// The Jensen-Shannon divergence, 0…1.
  public var jensenShannon: Double
  /// The total variation distance, 0…1.
  public var totalVariation: Double

  /// A divergence with these values.
  public init(forward: Double, backward: Double, jensenShannon: Double, totalVariation: Double) {
    self.forward = forward
    self.backward = backward
    self.jensenShannon = jensenShannon
    self.totalVariation = totalVariation
  }

  /// The divergence of a distribution from itself.
  public static let zero = Divergence(forward: 0, backward: 0, jensenShannon: 0, totalVariation: 0)
}

/// How two sides differ at a position.
public struct PairReading: Sendable, Hashable {
  /// The number of most probable tokens of each side that ``overlap`` counts.
  public static let overlapping = 10

  /// The divergence of the models' own distributions.
  public var divergence: Divergence
  /// Whether the most probable tokens are equal; ties go to the lower id.
  public var topAgrees: Bool
  /// How many of the ten most probable tokens the sides have in common.
  public var overlap: Int
  /// The divergence of the distributions after the sides' chains; `nil` if neither side has one.
  public var afterChain: Divergence?

  /// A reading with these values.
  public init(divergence: Divergence, topAgrees: Bool, overlap: Int, afterChain: Divergence? = nil) {
    self.divergence = divergence
    self.topAgrees = topAgrees
    self.overlap = overlap
    self.afterChain = afterChain
  }
}

/// A candidate for a position, under all sides.
public struct JointCandidate<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The token.
  public var token: Token
  /// The natural logarithm of each side's own probability, in the order of the sides; -infinity for probability 0.
  public var logprobs: [Double]

  /// A candidate with these values.
  public init(token: Token, logprobs: [Double]) {
    self.token = token
    self.logprobs = logprobs
  }
}

/// A position of the text under all sides. The engine uses it with ids, its answers with tokens.
public struct Compared<Token: Sendable & Hashable>: Sendable, Hashable {
  /// The index of the token in the compared text.
  public var index: Int
  /// The token of the text.
  public var token: Token
  /// The token under each side's own distribution, in the order of the sides.
  public var readings: [Scored<Token>]
  /// The differences of each pair of sides, in the order of ``SidePair/all(_:)``.
  public var pairs: [PairReading]
  /// The tokens that are among the requested most probable ones of at least one side, in the order of their ids.
  public var candidates: [JointCandidate<Token>]

  /// A position with these values.
  public init(
    index: Int, token: Token, readings: [Scored<Token>], pairs: [PairReading],
    candidates: [JointCandidate<Token>] = []
  ) {
    self.index = index
    self.token = token
    self.readings = readings
    self.pairs = pairs
    self.candidates = candidates
  }

  /// The same position with each token transformed.
  public func map<Other>(_ transform: (Token) -> Other) -> Compared<Other> {
    Compared<Other>(
      index: index, token: transform(token), readings: readings.map { $0.map(transform) }, pairs: pairs,
      candidates: candidates.map { JointCandidate<Other>(token: transform($0.token), logprobs: $0.logprobs) })
  }
}

/// A position of the text under all sides.
public typealias ComparedPosition = Compared<TokenValue>

/// Two sides of a comparison, by index.
public struct SidePair: Sendable, Hashable {
  /// The first side.
  public var a: Int
  /// The second side, after the first.
  public var b: Int

  /// A pair.
  public init(_ a: Int, _ b: Int) {
    self.a = a
    self.b = b
  }

  /// All pairs of `count` sides: (0, 1), (0, 2), …, (1, 2), ….
  public static func all(_ count: Int) -> [SidePair] {
    (0..<max(count, 0)).flatMap { a in (a + 1..<max(count, a + 1)).map { SidePair(a, $0) } }
  }
}

/// Some positions of a comparison that is being computed.
public struct ComparisonPart: Sendable, Hashable {
  /// The next positions, in the order of the text.
  public var positions: [ComparedPosition]
  /// The completed share of the work, 0…1.
  public var fraction: Double

  /// A part with these values.
  public init(positions: [ComparedPosition], fraction: Double) {
    self.positions = positions
    self.fraction = fraction
  }
}

/// What a side cost.
public struct SideCost: Sendable, Hashable {
  /// The seconds that the model took to read the text and to compute its logits. Sides of one model and text share
  /// them.
  public var seconds: Double
  /// The number of tokens that the model read.
  public var tokens: Int

  /// A cost with these values.
  public init(seconds: Double, tokens: Int) {
    self.seconds = seconds
    self.tokens = tokens
  }
}
