import EngineAPI
import TerminalUI

/// How the tokens of a node were made, with everything needed to make them again.
///
/// The context of a stored request has its model but no ids, because the path before the node has them.
/// ``SessionTree/generationRequest(of:)`` puts them back.
public enum Origin: Sendable, Hashable {
  /// A prompt before its first edit; a node without tokens. The model is the one that the prompt is written for.
  case draft(text: String, model: ModelReference)
  /// An edit of a prompt; a node without tokens.
  case edited(TextEdit, model: ModelReference)
  /// The user typed the text; the model's tokenizer made the tokens.
  case typed(text: String, model: ModelReference)
  /// The start of a translation: an empty node whose source is the text to translate. Languages are codes such as `en`.
  case translation(from: String, to: String, model: ModelReference)
  /// A message of a dialogue that a model reads: what the template makes of it, as far as it is new. `after` is the end
  /// of the message before it where that is not the node's parent: templates may write earlier messages in another
  /// way when a new one follows.
  case turn(ChatMessage, after: Place?, model: ModelReference)
  /// Text of the model's chat template.
  case template(model: ModelReference)
  /// The user chose the token from the model's candidates.
  case chosen(model: ModelReference)
  /// The user entered a token that was not in the list of candidates.
  case forced(model: ModelReference)
  /// Sampled by a generation request.
  case sampled(GenerationRequest)
  /// A hypothesis of beam search; all hypotheses of one search share their origin.
  case beam(BeamRequest)
  /// A filled text of a mask-filling request; all fillings of one request share their origin.
  case filling(FillMaskRequest)

  /// The model whose vocabulary the token ids refer to.
  public var model: ModelReference {
    switch self {
    case .draft(_, let model), .edited(_, let model), .typed(_, let model), .translation(_, _, let model),
      .turn(_, _, let model), .template(let model), .chosen(let model), .forced(let model):
      model
    case .sampled(let request): request.context.model
    case .beam(let request): request.context.model
    case .filling(let request): request.context.model
    }
  }

  /// Whether the user chose or entered the token instead of the model's choice.
  public var isByHand: Bool {
    switch self {
    case .chosen, .forced: true
    case .draft, .edited, .typed, .translation, .turn, .template, .sampled, .beam, .filling: false
    }
  }

  /// Whether one request makes several texts, which are kept and pruned together.
  var makesSeveral: Bool {
    switch self {
    case .beam, .filling: true
    case .draft, .edited, .typed, .translation, .turn, .template, .chosen, .forced, .sampled: false
    }
  }

  /// The bytes of text that a version of a prompt keeps.
  var draftBytes: Int {
    switch self {
    case .draft(let text, _): text.utf8.count
    case .edited(let edit, _): edit.byteCount
    default: 0
    }
  }

  /// The origin without the ids of its request's context.
  var withoutIDs: Origin {
    switch self {
    case .draft, .edited, .typed, .translation, .turn, .template, .chosen, .forced: return self
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

/// How the generation of a node ended.
public struct Outcome: Sendable, Hashable {
  /// Why it ended.
  public var reason: FinishReason
  /// How long it took, if that is known.
  public var timing: GenerationTiming?
  /// The score of beam search, or the log-probability of a filling.
  public var score: Double?

  /// Creates an outcome.
  public init(_ reason: FinishReason, timing: GenerationTiming? = nil, score: Double? = nil) {
    self.reason = reason
    self.timing = timing
    self.score = score
  }
}
