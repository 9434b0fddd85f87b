import EngineAPI
import Sampling

/// The Translate tab.
public struct TranslateState: Sendable, Equatable {
  /// The text to translate.
  public internal(set) var prompt: PromptState
  /// The model.
  var model: ModelReference
  /// From which language to which.
  public internal(set) var direction = TranslationDirection(from: "en", to: "fr")
  /// The task prefixes that the model's files told.
  var prefixes: [TranslationDirection: String] = [:]
  /// Directions whose prefix was asked for.
  var askedPrefixes: Set<TranslationDirection> = []
  /// How beams are searched.
  var search: BeamSettings
  /// The beams.
  var beams = BeamsState()
  /// Earlier results, for undo.
  var branches = BranchHistory<BeamsState>()
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The decoder's candidates.
  var candidates = CandidateList()

  init(model: ModelReference, settings: PlaygroundSettings) {
    self.model = model
    prompt = PromptState(.translate, settings: settings)
    search = BeamSettings(count: settings.beams, maxTokens: settings.maxTokens)
  }
}

/// How beams are searched.
struct BeamSettings: Sendable, Equatable {
  /// Beams side by side.
  var count: Int
  /// The longest translation.
  var maxTokens: Int
  /// score = sum of log-probabilities / length^penalty.
  var lengthPenalty = 1.0
  /// When to stop.
  var earlyStopping = EarlyStopping.heuristic
  /// Penalties that act on the log-softmax.
  var sampling = SamplingSettings().processors
  /// Whether the person changed any of it: the model's own defaults are then left aside.
  var isOwn = false
}
