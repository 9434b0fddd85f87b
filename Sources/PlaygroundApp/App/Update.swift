import EngineAPI
import TerminalUI

/// Applies a message to the state and returns the effects to run. This is the whole behavior of the playground.
///
/// A pure function: the same state and message give the same state and effects. The runtime applies all waiting
/// messages before it draws.
///
/// - Parameter isFollowedByTyping: whether the next message types a character. If this message also types one, requests
///   for missing data wait until the last of the characters, and one undo removes all of them.
public func update(
  _ state: inout PlaygroundState, _ message: Message, isFollowedByTyping: Bool = false
) -> [Effect] {
  let isTyping = isFollowedByTyping && message.isTyping && state.keyContext == .prompt
  var effects = state.receive(message)
  if case .input(.signal) = message {} else { state.askBeforeLeaving(&effects) }
  if isTyping { state.current.prompt.editor.continueBurst() }
  if effects.contains(where: { if case .leave = $0 { true } else { false } }) { return effects }
  if isTyping, effects.isEmpty, state.keyContext == .prompt { return [] }
  // Skip layout on token messages; only input can move a cursor out of view.
  if case .stream(_, .token, _) = message, !state.current.followsStream { return effects }
  let isInput =
    switch message {
    case .input, .line: true
    default: false
    }
  return state.followLesson(effects + state.settle(fittingTexts: isInput))
}

extension Message {
  /// Whether the message types a character.
  public var isTyping: Bool {
    if case .input(.key(let stroke)) = self { stroke.typedCharacter != nil } else { false }
  }

  /// The tab that an answer goes to; nil for messages without a ticket.
  fileprivate var address: TabID? {
    switch self {
    case .tokenized(let ticket, _), .distribution(let ticket, _), .chatPrompt(let ticket, _), .scored(let ticket, _),
      .stream(let ticket, _, time: _),
      .beamProgress(let ticket, tokens: _), .beams(let ticket, _), .fillings(let ticket, _),
      .choicesRanked(let ticket, _), .translatedBack(let ticket, _),
      .labels(let ticket, _), .labelsOfAll(let ticket, _), .tagged(let ticket, _), .comparing(let ticket, _),
      .compared(let ticket, _), .inspected(let ticket, _), .training(let ticket, _), .trained(let ticket, _),
      .steered(let ticket, _), .runRead(let ticket, _):
      ticket.slot.tab
    default: nil
    }
  }
}

extension PlaygroundState {
  mutating func receive(_ message: Message) -> [Effect] {
    switch message {
    case .input(let event): return receive(event)
    case .line(let line): return take(line: line)
    case .models(let models): receive(models: models)
    case .loading(let reference, let progress):
      if case .ready = shell.opened[reference] { break }
      shell.opened[reference] = .loading(progress)
    case .loaded(let reference, .success(let information)): return open(reference, information)
    case .loaded(let reference, .failure(let error)): fail(reference, error)
    case .edited(let text):
      if let text { tabs[shell.tab].receive(edited: text, &shell) }
    case .session(let event): return receive(event)
    case .presetSaved(let preset): receive(saved: preset)
    case .reading(let ticket, let part): receive(part, ticket)
    case .readingEnded(let ticket, let failure): receive(readingEnd: failure, ticket)
    case .notice(let text): shell.notice = text
    case .failure(let error): shell.fail(error)
    default:
      if let address = message.address {
        tabs[address].receiveInPanes(message, &shell)
        tabs[address].receive(message, &shell)
      } else {
        for tab in TabID.allCases { tabs[tab].receive(message, &shell) }
      }
    }
    return []
  }

  private mutating func receive(_ event: InputEvent) -> [Effect] {
    switch event {
    case .key(let stroke): return press(stroke)
    case .paste(let text): paste(text)
    case .mouse(let event): return point(event)
    case .resize(let size): shell.size = size
    case .focus: break
    case .signal(let signal): return [.leave(code: signal.exitCode)]
    }
    return []
  }

  /// Called when a model has been opened: tabs that use it take its default settings.
  private mutating func open(_ reference: ModelReference, _ information: ModelInformation) -> [Effect] {
    let users = TabID.allCases.filter { tabs[$0].models.contains(reference) }
    if let families = users.first(where: { !$0.takes(information.family) })?.type?.families {
      let wanted = families.map(\.rawValue).joined(separator: " or ")
      fail(
        reference,
        EngineError(
          .model, "\(reference.shortName) can't do this", at: information.summary.path,
          expected: "a \(wanted) model", found: "a \(information.family.rawValue) model",
          hint: TabID(taking: information.family).map { "it opens in the tab \($0.title)" }))
      return []
    }
    shell.opened[reference] = .ready(information)
    for tab in users { tabs[tab].didOpen(reference, information, shell) }
    var notices = information.notices
    if let unknown = information.unknownKeysNotice(name: reference.shortName) { notices.insert(unknown, at: 0) }
    if let unused = unusedKeysNotice(information) { notices.append(unused) }
    if !notices.isEmpty { shell.notice = notices.joined(separator: "; ") }
    return placePending(reference, information.family)
  }

  /// A notice about keys of a causal model's `generation_config.json` that streams do not use, such as beam search.
  private func unusedKeysNotice(_ information: ModelInformation) -> String? {
    guard information.family == .causal else { return nil }
    let values = [
      ("num_beams", information.decoding.beams.count), ("num_return_sequences", information.decoding.beams.returned),
    ]
    let keys = values.filter { ($0.1 ?? 1) > 1 }.map(\.0)
    guard !keys.isEmpty else { return nil }
    return "generation_config.json of \(information.reference.shortName): not used here: "
      + keys.joined(separator: ", ") + " (a stream is one text, without beams)"
  }

  /// A model can't be opened: report it once and drop the requests that are pending on it.
  private mutating func fail(_ reference: ModelReference, _ error: EngineError) {
    shell.opened[reference] = .failed(error)
    if shell.pendingModel?.reference == reference { shell.pendingModel = nil }
    for tab in TabID.allCases { tabs[tab].didFail(reference) }
    // A change that does not fit is shown where it was made.
    if reference.changes.isEmpty { shell.fail(error) }
  }
}

/// After every message, requests the data that the screen shows but does not have yet. Tokens, distributions and
/// fillings are requested only here, so no request is forgotten and none is sent twice.
extension PlaygroundState {
  mutating func settle(fittingTexts: Bool = true) -> [Effect] {
    if shell.shownTab != shell.tab {
      tabs[shell.tab].arrive(from: LeftTab(tabs[shell.shownTab], shell), &shell)
      shell.shownTab = shell.tab
    }
    var effects = openWantedModel() + openModels()
    if current.prompt.editor.hasChanges {
      let (tab, model) = (shell.tab, current.model)
      tabs[tab].prompt.record(in: &shell.tree, model: model)
    }
    effects += tabs[shell.tab].settle(&shell)
    shell.layout = Layout(self)
    fit(texts: fittingTexts)
    effects += tabs[shell.tab].ask(&shell)
    effects += settleReading()
    return effects + tabs[shell.tab].askPieces(&shell)
  }

  private mutating func openModels() -> [Effect] {
    var effects: [Effect] = []
    for model in current.models where shell.opened[model] == nil {
      shell.opened[model] = .loading(LoadProgress(fraction: 0, step: "opening"))
      effects.append(.load(model))
    }
    return effects
  }

  /// Tells lists and editors how much room they have.
  private mutating func fit(texts: Bool) {
    let layout = shell.layout
    if let pane = layout[.prompt] { current.prompt.editor.keepCursorVisible(in: PromptView.room(pane).size) }
    for pane in layout.panes { tabs[shell.tab].fitInPane(pane, texts: texts, shell) }
    fitOverlay()
  }
}
