import EngineAPI

/// Work that the app wants done: a plain value, run by the runtime, answered by the message named with each.
public enum Effect: Sendable, Hashable {
  /// Lists the models that can be opened → `.models`.
  case listModels
  /// Opens a model → some `.loading`, then one `.loaded`. Opening one that is open answers at once.
  case load(ModelReference)
  /// Tokenizes a text, special tokens added as the tokenizer does by default → `.tokenized`.
  case tokenize(Ticket, text: String, model: ModelReference)
  /// The task prefix of a translation model → `.translationPrefix`.
  case translationPrefix(TranslationDirection, model: ModelReference)
  /// The distribution at a place → `.distribution`.
  case distribution(Ticket, DistributionRequest)
  /// Starts a stream → one `.stream` for every event of it, the last one `.finished`.
  case generate(Ticket, GenerationRequest)
  /// Beam search → some `.beamProgress`, then one `.beams`.
  case beamSearch(Ticket, BeamRequest)
  /// Fills masks → `.fillings`.
  case fillMask(Ticket, FillMaskRequest)
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

  /// The other way round.
  public var reversed: TranslationDirection { TranslationDirection(from: target, to: source) }
}
