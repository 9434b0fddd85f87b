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

/// What beam search found.
struct BeamsState: Sendable, Equatable {
  /// One translation.
  struct Hypothesis: Sendable, Equatable {
    /// Its tokens and what they go on from.
    var trace: Trace
    /// Its score.
    var score: Double
    /// Why it ended.
    var reason: FinishReason
  }

  /// How far the search is.
  enum Status: Sendable, Equatable {
    /// Nothing was asked yet.
    case idle
    /// The prompt's tokens or the model are waited for.
    case waiting
    /// So many tokens are made by the request of this version.
    case running(version: Int, tokens: Int)
    /// It is over.
    case finished
    /// It was stopped.
    case stopped
  }

  /// Best first; those of a search that is stopped or runs again stay until others come.
  var hypotheses: [Hypothesis] = []
  /// The one whose text is shown.
  var chosen = 0
  /// How far the search is.
  var status = Status.idle
  /// The tokens that the running search goes on from.
  var kept: Trace?
  /// The token that the cursor is on; `nil` at the end.
  var cursor: Int?
  /// The first line shown; `nil` follows the cursor.
  var scroll: Int?
  /// How long the search took.
  var timing: GenerationTiming?

  /// The chosen translation.
  var hypothesis: Hypothesis? { hypotheses.indices.contains(chosen) ? hypotheses[chosen] : nil }
  /// Whether the engine works on it, or will.
  var isBusy: Bool {
    switch status {
    case .waiting, .running: true
    case .idle, .finished, .stopped: false
    }
  }
}

extension BeamsState: KeptBranch {
  var tokenCount: Int { hypotheses.reduce(0) { $0 + $1.trace.tokens.count } }
}
