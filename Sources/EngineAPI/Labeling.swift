/// The role of giving labels to texts.
public protocol Classifying: Engine {
  /// The labels of a text, or of two texts together.
  func classify(_ request: ClassifyRequest) async throws(EngineError) -> ClassifyResult

  /// The labels of several texts, in their order: for each text those of ``classify(_:)-(ClassifyRequest)``. An engine
  /// that can reads them in one forward pass. Default: one after the other.
  func classify(_ request: ClassifyBatchRequest) async throws(EngineError) -> [ClassifyResult]
}

extension Classifying {
  /// The default: one text after the other.
  public func classify(_ request: ClassifyBatchRequest) async throws(EngineError) -> [ClassifyResult] {
    var results: [ClassifyResult] = []
    for text in request.texts {
      results.append(try await classify(ClassifyRequest(model: request.model, text: text, pair: request.pair)))
    }
    return results
  }
}

/// The role of giving labels to the tokens of a text.
public protocol Tagging: Engine {
  /// The labels of a text's tokens, and the entities that they make.
  func tag(_ request: TagRequest) async throws(EngineError) -> TagResult
}

/// A text to classify.
public struct ClassifyRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// The text, or the first of two.
  public var text: String
  /// The second text, for models of text pairs, such as a hypothesis after its premise. An empty text is ignored.
  public var pair: String?

  /// A request.
  public init(model: ModelReference, text: String, pair: String? = nil) {
    self.model = model
    self.text = text
    self.pair = pair
  }
}

/// Several texts to classify.
public struct ClassifyBatchRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// The texts.
  public var texts: [String]
  /// The second text that the model reads together with each of them; `nil` for none.
  public var pair: String?

  /// A request.
  public init(model: ModelReference, texts: [String], pair: String? = nil) {
    self.model = model
    self.texts = texts
    self.pair = pair
  }
}

/// One label of a text.
public struct LabelScore: Sendable, Hashable {
  /// The label's name.
  public var label: String
  /// The label's probability, 0…1: softmax over all labels if exactly one of them applies, otherwise the sigmoid of its
  /// logit. `nil` for a regression, whose result is the logit, or if the engine does not know it.
  public var probability: Double?
  /// The model's raw logit; `nil` if the engine does not know it.
  public var logit: Double?

  /// A label with its numbers.
  public init(label: String, probability: Double?, logit: Double?) {
    self.label = label
    self.probability = probability
    self.logit = logit
  }
}

/// The labels of a text.
public struct ClassifyResult: Sendable, Hashable {
  /// All labels, best first; equal ones in the model's order.
  public var labels: [LabelScore]
  /// The number of tokens that the model read.
  public var tokenCount: Int

  /// A result.
  public init(labels: [LabelScore], tokenCount: Int) {
    self.labels = labels
    self.tokenCount = tokenCount
  }
}

/// How tokens with labels become entities, as in the token-classification pipeline of transformers.
public enum EntityStrategy: String, Sendable, Hashable, CaseIterable {
  /// Returns each token with its own label, without joining.
  case none
  /// Neighboring tokens of the same entity are joined; a label `B-…` begins a new one.
  case simple
  /// As `simple`, but joins words; each has the label of its first token.
  case first
  /// As `simple`, but joins words; each has the label with the highest mean probability over its tokens.
  case average
  /// As `simple`, but joins words; each has the label of its most certain token.
  case max
}

/// A text to tag.
public struct TagRequest: Sendable, Hashable {
  /// The model.
  public var model: ModelReference
  /// The text.
  public var text: String
  /// How tokens become entities.
  public var strategy: EntityStrategy

  /// A request.
  public init(model: ModelReference, text: String, strategy: EntityStrategy = .simple) {
    self.model = model
    self.text = text
    self.strategy = strategy
  }
}

/// A token with its label.
public struct TaggedToken: Sendable, Hashable {
  /// The token and its place in the text.
  public var span: TokenSpan
  /// Its best label.
  public var label: String
  /// How probable the label is, 0…1.
  public var score: Double

  /// A token with its label.
  public init(span: TokenSpan, label: String, score: Double) {
    self.span = span
    self.label = label
    self.score = score
  }
}

/// A part of a text with a label.
public struct Entity: Sendable, Hashable {
  /// The label; for joined tokens, without its prefix `B-` or `I-`.
  public var label: String
  /// How probable the label is, 0…1: the mean over the joined tokens or words.
  public var score: Double
  /// The tokens joined by the tokenizer's decoder. The input text may differ from this in case and spaces.
  public var word: String
  /// The UTF-8 byte offsets in the text.
  public var range: Range<Int>

  /// An entity.
  public init(label: String, score: Double, word: String, range: Range<Int>) {
    self.label = label
    self.score = score
    self.word = word
    self.range = range
  }
}

/// The labels of a text's tokens.
public struct TagResult: Sendable, Hashable {
  /// The tokens of the text, without those that the tokenizer adds.
  public var tokens: [TaggedToken]
  /// The entities in the order of the text, without those labeled `O`.
  public var entities: [Entity]

  /// A result.
  public init(tokens: [TaggedToken], entities: [Entity]) {
    self.tokens = tokens
    self.entities = entities
  }
}
