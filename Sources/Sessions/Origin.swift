import EngineAPI

/// How the tokens of a node came into being, with everything that makes them again.
///
/// A request's context keeps its model and no ids: the path before the node has them
/// (``SessionTree/generationRequest(of:)``).
public enum Origin: Sendable, Hashable {
  /// A person wrote the text; the tokens are those of the model's tokenizer.
  case typed(text: String, model: ModelReference)
  /// A translation begins: the node holds nothing, and its source is the text to translate. Languages as codes: `en`.
  case translation(from: String, to: String, model: ModelReference)
  /// The model's chat template wrote it.
  case template(model: ModelReference)
  /// A person took it from the model's candidates.
  case chosen(model: ModelReference)
  /// A person named a token that no list offered.
  case forced(model: ModelReference)
  /// Drawn by a request.
  case sampled(GenerationRequest)
  /// Found by beam search; the hypotheses of one search share their origin.
  case beam(BeamRequest)
  /// A filling of a text with masks; the fillings of one request share their origin.
  case filling(FillMaskRequest)

  /// The model whose vocabulary the tokens belong to.
  public var model: ModelReference {
    switch self {
    case .typed(_, let model), .translation(_, _, let model), .template(let model), .chosen(let model),
      .forced(let model):
      model
    case .sampled(let request): request.context.model
    case .beam(let request): request.context.model
    case .filling(let request): request.context.model
    }
  }

  /// Whether a person put a token in the place of the model's own.
  public var isByHand: Bool {
    switch self {
    case .chosen, .forced: true
    case .typed, .translation, .template, .sampled, .beam, .filling: false
    }
  }

  /// Whether one request makes several texts, which stay together.
  var makesSeveral: Bool {
    switch self {
    case .beam, .filling: true
    case .typed, .translation, .template, .chosen, .forced, .sampled: false
    }
  }

  /// The origin without the ids of its request's context.
  var withoutIDs: Origin {
    switch self {
    case .typed, .translation, .template, .chosen, .forced: return self
    case .sampled(var request):
      request.context = ModelContext(model: request.context.model, ids: [])
      return .sampled(request)
    case .beam(var request):
      request.context = ModelContext(model: request.context.model, ids: [])
      return .beam(request)
    case .filling(var request):
      request.context = ModelContext(model: request.context.model, ids: [])
      return .filling(request)
    }
  }
}

/// How the making of a node ended.
public struct Outcome: Sendable, Hashable {
  /// Why it ended.
  public var reason: FinishReason
  /// How long it took, if that is known.
  public var timing: GenerationTiming?
  /// The score of beam search, or the log-probability of a filling.
  public var score: Double?

  /// An end.
  public init(_ reason: FinishReason, timing: GenerationTiming? = nil, score: Double? = nil) {
    self.reason = reason
    self.timing = timing
    self.score = score
  }
}
