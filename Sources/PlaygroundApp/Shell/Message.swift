import EngineAPI
import TerminalUI

/// Everything that can happen to the playground: what a person does, and what effects answer.
public enum Message: Sendable, Equatable {
  /// What the terminal tells: a key, a paste, the mouse, another size, a signal.
  case input(InputEvent)
  /// The answer to `.listModels`.
  case models([ModelSummary])
  /// How far the opening of a model is.
  case loading(ModelReference, LoadProgress)
  /// A model is open, or can't be opened.
  case loaded(ModelReference, Result<ModelInformation, EngineError>)
  /// The answer to `.tokenize`.
  case tokenized(Ticket, Result<TokenizedText, EngineError>)
  /// The answer to `.translationPrefix`.
  case translationPrefix(TranslationDirection, model: ModelReference, Result<String, EngineError>)
  /// The answer to `.distribution`.
  case distribution(Ticket, Result<DistributionAnswer, EngineError>)
  /// An event of a stream. `time` is a monotonic clock in seconds: rates are made of its differences.
  case stream(Ticket, TokenEvent, time: Double)
  /// How many tokens beam search has made.
  case beamProgress(Ticket, tokens: Int)
  /// The answer to `.beamSearch`.
  case beams(Ticket, Result<BeamResult, EngineError>)
  /// The answer to `.fillMask`.
  case fillings(Ticket, Result<FillMaskResult, EngineError>)
  /// The text that came back from the editor; `nil` if it was left without saving or could not be run.
  case edited(String?)
  /// Something to tell in one line (a problem of the configuration file, for instance).
  case notice(String)
  /// Something that failed outside the app's effects, to be shown in a box.
  case failure(EngineError)
}
