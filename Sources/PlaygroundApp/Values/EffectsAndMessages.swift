import EngineAPI
import Sessions
import TerminalUI

/// A side effect requested by the app, as a plain value. The runtime runs it and answers with the message named at each
/// case.
public enum Effect: Sendable, Hashable {
  /// Lists the models that can be opened → `.models`.
  case listModels
  /// Opens a model → some `.loading`, then one `.loaded`. For a model that is already open, the answer comes at once.
  case load(ModelReference)
  /// Tokenizes a text, special tokens added as the tokenizer does by default → `.tokenized`.
  case tokenize(Ticket, text: String, model: ModelReference)
  /// The task prefix of a translation model → `.translationPrefix`.
  case translationPrefix(TranslationDirection, model: ModelReference)
  /// The distribution at a place → `.distribution`.
  case distribution(Ticket, DistributionRequest)
  /// A dialogue as its model reads it. The runtime puts the local time in → `.chatPrompt`.
  case chatPrompt(Ticket, ChatTextRequest)
  /// Scores the tokens of a prompt once the prompt has been unchanged for a moment → `.scored`.
  case score(Ticket, ScoreRequest)
  /// Scores the tokens of a document at once → some `.reading`, then one `.readingEnded`.
  case read(Ticket, ScoreRequest)
  /// Starts a stream → one `.stream` for every event of it, the last one `.finished`.
  case generate(Ticket, GenerationRequest)
  /// Beam search → some `.beamProgress`, then one `.beams`.
  case beamSearch(Ticket, BeamRequest)
  /// Fills masks → `.fillings`.
  case fillMask(Ticket, FillMaskRequest)
  /// Ranks the fillings of a mask, once no newer request has come for a moment → `.choicesRanked`.
  case rankChoices(Ticket, ChoiceRequest)
  /// Translates a translation back, once no newer request has come for a moment → `.translatedBack`.
  case translateBack(Ticket, BackTranslationRequest)
  /// The labels of a text → `.labels`.
  case classify(Ticket, ClassifyRequest)
  /// The labels of several texts, once no newer request has come for a moment → `.labelsOfAll`.
  case classifyAll(Ticket, ClassifyBatchRequest)
  /// The labels of a text's tokens → `.tagged`.
  case tag(Ticket, TagRequest)
  /// Compares sides over a text, once no newer request has come for a moment → some `.comparing`, then one `.compared`.
  case compare(Ticket, ComparisonRequest)
  /// Looks inside a model, once no newer request has come for a moment → `.inspected`.
  case inspect(Ticket, InspectionRequest)
  /// Trains a model → a `.training` for every event, then one `.trained`.
  case train(Ticket, TrainRequest)
  /// Tells the run that writes a folder what to do, after the earlier commands → `.steered`.
  case steer(Ticket, output: String, TrainingCommand)
  /// Reads what a run has recorded, or event files of TensorBoard → `.runRead`.
  case readRun(Ticket, path: String)
  /// Reads the same again and again while it grows → a `.runRead` for every change, until it is canceled.
  case watchRun(Ticket, path: String)
  /// Stops the work in a slot. A stream answers with its `.finished(.interrupted, …)`; other work may stay silent.
  case cancel(Slot)
  /// Gives the terminal to `$VISUAL`, `$EDITOR` or `vi` with this text in a temporary file → `.edited`.
  case edit(String)
  /// Puts a text on the clipboard (OSC 52).
  case copy(String)
  /// Turns mouse reports on or off.
  case captureMouse(Bool)
  /// Adds a prompt to the history file of a tab.
  case remember(TabID, prompt: String)
  /// Saves a picture of the screen, in SVG → `.notice` or `.failure`.
  case saveScreen(String)
  /// Writes a session to a new file in a form → `.notice` or `.failure`.
  case exportSession(Session, SessionFormat, path: String)
  /// Writes a picture of the screen, in SVG, to a new file → `.notice` or `.failure`.
  case exportScreen(svg: String, path: String)
  /// Goes on with the session of this number in a new file, with everything that the old one could not take →
  /// `.session(.saved)` or `.session(.notMoved)`.
  case moveSession(path: String, number: Int)
  /// Writes a text to a file, for example the messages of a dialogue → `.notice` with these words, or `.failure`.
  case writeFile(String, path: String, notice: String)
  /// Saves sampler settings under their name in the configuration file → `.presetSaved` or `.failure`.
  case savePreset(SamplerPreset)
  /// Lists the sessions → `.session(.listed)`.
  case listSessions
  /// Opens a session, which takes the place of the open one as the session of this number → `.session(.opened)` or
  /// `.session(.refused)`.
  case openSession(path: String, number: Int)
  /// Removes a session for good, then lists the others → `.session(.listed)`, or `.failure`.
  case removeSession(path: String)
  /// Leaves the playground with this exit code; the last effect of a session.
  case leave(code: Int32)
}

/// From which language to which, as codes.
public struct TranslationDirection: Sendable, Hashable {
  /// The language of the prompt: `en`.
  public var source: String
  /// The language of the answer: `fr`.
  public var target: String

  /// A direction.
  public init(from source: String, to target: String) {
    self.source = source
    self.target = target
  }

  /// The opposite direction.
  public var reversed: TranslationDirection { TranslationDirection(from: target, to: source) }
}

/// Everything that can happen to the playground: the user's input, and the answers of effects.
public enum Message: Sendable, Equatable {
  /// An event of the terminal: a key, a paste, the mouse, another size, a signal.
  case input(InputEvent)
  /// A line, where there are lines in place of a screen: a word for an action, a value, or text.
  case line(String)
  /// An answer to `.listModels`: all models found so far. Several come if there are many models.
  case models([ModelSummary])
  /// The progress of opening a model.
  case loading(ModelReference, LoadProgress)
  /// A model is open, or can't be opened.
  case loaded(ModelReference, Result<ModelInformation, EngineError>)
  /// The answer to `.tokenize`.
  case tokenized(Ticket, Result<TokenizedText, EngineError>)
  /// The answer to `.translationPrefix`.
  case translationPrefix(TranslationDirection, model: ModelReference, Result<String, EngineError>)
  /// The answer to `.distribution`.
  case distribution(Ticket, Result<DistributionAnswer, EngineError>)
  /// The answer to `.chatPrompt`.
  case chatPrompt(Ticket, Result<ChatPrompt, EngineError>)
  /// The answer to `.score`.
  case scored(Ticket, Result<[ScoredToken], EngineError>)
  /// Tokens of a document that is being scored.
  case reading(Ticket, ScoredPart)
  /// The end of `.read`, or the error that ended it.
  case readingEnded(Ticket, EngineError?)
  /// An event of a stream. `time` is a monotonic clock in seconds: rates are computed from its differences.
  case stream(Ticket, TokenEvent, time: Double)
  /// The number of tokens that beam search has generated.
  case beamProgress(Ticket, tokens: Int)
  /// The answer to `.beamSearch`.
  case beams(Ticket, Result<BeamResult, EngineError>)
  /// The answer to `.fillMask`.
  case fillings(Ticket, Result<FillMaskResult, EngineError>)
  /// The answer to `.rankChoices`.
  case choicesRanked(Ticket, Result<ChoiceRanking, EngineError>)
  /// The answer to `.translateBack`.
  case translatedBack(Ticket, Result<BackTranslation, EngineError>)
  /// The answer to `.classify`.
  case labels(Ticket, Result<ClassifyResult, EngineError>)
  /// The answer to `.classifyAll`.
  case labelsOfAll(Ticket, Result<[ClassifyResult], EngineError>)
  /// The answer to `.tag`.
  case tagged(Ticket, Result<TagResult, EngineError>)
  /// Positions of a comparison that is being computed.
  case comparing(Ticket, ComparisonPart)
  /// The end of `.compare`.
  case compared(Ticket, Result<[SideCost], EngineError>)
  /// The answer to `.inspect`.
  case inspected(Ticket, Result<InspectionAnswer, EngineError>)
  /// An event of the run that is being trained.
  case training(Ticket, TrainingEvent)
  /// The end of `.train`.
  case trained(Ticket, Result<TrainResult, EngineError>)
  /// A command of `.steer` was passed on, or the error if it could not be.
  case steered(Ticket, EngineError?)
  /// The answer to `.readRun` and `.watchRun`.
  case runRead(Ticket, Result<TrainingHistory, EngineError>)
  /// The text that came back from the editor; `nil` if it was left without saving or could not be run.
  case edited(String?)
  /// What happens to the session files.
  case session(SessionEvent)
  /// The answer to `.savePreset`.
  case presetSaved(SamplerPreset)
  /// A notice of one line, for instance a problem of the configuration file.
  case notice(String)
  /// Something that failed outside the app's effects, to be shown in a box.
  case failure(EngineError)
}

/// The part of a tab that requested a piece of work.
///
/// There is at most one task per slot: a new effect supersedes the previous one in its slot. The runtime should cancel
/// the previous task; if its answer still arrives, it is ignored because of its version.
public struct Slot: Sendable, Hashable {
  /// The tab that the answer goes to.
  public let tab: TabID
  /// What the work is for.
  public let name: String
  /// Distinguishes slots of the same name.
  public let index: Int

  /// A slot of a tab.
  public init(_ tab: TabID, _ name: String, _ index: Int = 0) {
    self.tab = tab
    self.name = name
    self.index = index
  }

  /// The tokens of a tab's prompt.
  public static func tokens(_ tab: TabID) -> Slot { Slot(tab, "tokens") }
  /// The probabilities of the tokens of a tab's prompt.
  public static func scores(_ tab: TabID) -> Slot { Slot(tab, "scores") }
  /// The tokens of the search text in a tab's candidates.
  public static func searchTokens(_ tab: TabID) -> Slot { Slot(tab, "searchTokens") }
  /// The distribution that a list of candidates shows; `list` distinguishes several lists of a tab.
  public static func candidates(_ tab: TabID, list: Int) -> Slot { Slot(tab, "candidates", list) }
}

/// Identifies the request that an answer belongs to.
public struct Ticket: Sendable, Hashable {
  /// The slot that sent the request.
  public var slot: Slot
  /// Grows with every request of the session: an answer to an older one is stale.
  public var version: Int

  /// The request `version` of a slot.
  public init(_ slot: Slot, version: Int) {
    self.slot = slot
    self.version = version
  }
}
