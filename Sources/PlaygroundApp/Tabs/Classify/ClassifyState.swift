import EngineAPI
import TerminalUI

extension TabID {
  /// The tab for models that give labels to texts or to their tokens.
  public static let classify = TabID("classify")
}

/// The Classify tab: the labels of a text and the effect of each word on one of them, or the entities of a text.
public struct ClassifyState: Sendable, Equatable {
  /// The text.
  public internal(set) var prompt: PromptState
  /// The model; `.none` until the user chooses one.
  var model: ModelReference
  /// Whether the model labels tokens instead of whole texts.
  var isTagger = false
  /// The text of the model's mask token, which replaces words; `nil` if words are left out.
  var mask: String?
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The labels of the text.
  var labels = LiveAnswer<ClassifyRequest, ClassifyResult>()
  /// The labels of the text without each of its words.
  var changed = LiveAnswer<ClassifyBatchRequest, [ClassifyResult]>()
  /// The entities of the text.
  var entities = LiveAnswer<TagRequest, TagResult>()
  /// The name of the chosen label; `nil` for the best one.
  var chosenLabel: String?
  /// The labels on the screen and the chosen one.
  var labelWindow = ListWindow()
  /// The words, or the entities, on the screen and the chosen one.
  var wordWindow = ListWindow()
}

/// A request that is made again whenever it changes, and the latest answer. The answer to an older request stays until
/// the new one comes.
struct LiveAnswer<Request: Sendable & Equatable, Answer: Sendable & Equatable>: Sendable, Equatable {
  /// The latest request.
  private(set) var request: Request?
  /// The version of that request, until it is answered.
  private(set) var awaited: Int?
  /// The request that `answer` belongs to.
  private(set) var answered: Request?
  /// The answer.
  private(set) var answer: Answer?
  /// The error if the request failed.
  private(set) var failure: EngineError?

  /// Whether the answer is that of the latest request.
  var isCurrent: Bool { request != nil && answered == request && answer != nil }

  /// Notes a request; returns its version, or `nil` if it is the latest one.
  mutating func ask(_ wanted: Request, _ shell: inout Shell) -> Int? {
    guard request != wanted else { return nil }
    (request, awaited, failure) = (wanted, shell.nextVersion(), nil)
    return awaited
  }

  /// Takes an answer if it is the awaited one; returns whether it was.
  mutating func receive(_ result: Result<Answer, EngineError>, _ ticket: Ticket) -> Bool {
    guard awaited == ticket.version else { return false }
    awaited = nil
    answered = request
    switch result {
    case .success(let answer): self.answer = answer
    case .failure(let error): (answer, failure) = (nil, error)
    }
    return true
  }

  /// Forgets everything, and remembers an error if there is one. Returns whether an answer was awaited.
  @discardableResult
  mutating func clear(_ failure: EngineError? = nil) -> Bool {
    let wasAwaited = awaited != nil
    self = Self()
    self.failure = failure
    return wasAwaited
  }

  /// Forgets a request that is not answered yet, so that it is made again.
  mutating func askAgain() { if awaited != nil { (request, awaited) = (nil, nil) } }
}

extension ClassifyState: Tab {
  static let id = TabID.classify
  static let title = "Classify"
  static let families = [ModelFamily.classifier, .tagger]
  static let defaultModel = ModelReference.none

  init(models: [ModelReference], settings: PlaygroundSettings) {
    model = models[0]
    prompt = PromptState(.classify, isContinued: false, settings: settings)
  }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    self.model = model
    chosenLabel = nil
    if let information = shell.information(model) { take(information) }
    return forget()
  }

  mutating func didOpen(_ model: ModelReference, _ information: ModelInformation, _ shell: Shell) { take(information) }

  private mutating func take(_ information: ModelInformation) {
    isTagger = information.family == .tagger
    mask = information.maskToken?.text
    if !focusOrder.contains(focus) { focus = .words }
  }

  var isBusy: Bool { labels.awaited != nil || changed.awaited != nil || entities.awaited != nil }

  var focusOrder: [Focus] { isTagger ? [.prompt, .words, .marked] : [.prompt, .labels, .marked, .words] }

  func examples(_ shell: Shell) -> [String] {
    isTagger
      ? [
        "Hans lives in Berlin and works for the Deutsche Bahn.", "Marie Curie was born in Warsaw and moved to Paris.",
        "The Rhine flows from Switzerland to the North Sea.",
      ]
      : [
        "A film without a dull minute, and the ending is a joy.", "The food was cold, but the staff were kind to us.",
        "I waited an hour and nobody answered the telephone.",
      ]
  }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .labels(let ticket, let result):
      if labels.receive(result, ticket) { followChosenLabel() }
    case .labelsOfAll(let ticket, let result):
      if changed.receive(result, ticket) { chooseStrongestWord() }
    case .tagged(let ticket, let result):
      if entities.receive(result, ticket) { chooseStrongestWord() }
    default: break
    }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] { askTokens(&shell) }

  mutating func askAgain() {
    askPanesAgain()
    labels.askAgain()
    changed.askAgain()
    entities.askAgain()
  }

  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    guard changed.awaited != nil else { return nil }
    changed.stop()
    return [.cancel(.words)]
  }
}

extension LiveAnswer {
  /// Stops waiting for the answer. The request is not made again until it changes.
  mutating func stop() {
    awaited = nil
    failure = EngineError(.interrupted, "stopped")
  }
}
