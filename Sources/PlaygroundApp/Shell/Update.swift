import EngineAPI
import TerminalUI

/// The whole behaviour of the playground: what a message changes, and the work it calls for.
///
/// Pure: the same state and message give the same state and effects. Of several waiting messages each is folded through
/// before one screen is drawn.
///
/// - Parameter isFollowedByTyping: whether the next message types a character. If this one does, too, what the screen
///   needs to know is asked for only after the last of them.
public func update(
  _ state: inout PlaygroundState, _ message: Message, isFollowedByTyping: Bool = false
) -> [Effect] {
  let isTyping = isFollowedByTyping && message.isTyping && state.keyContext == .prompt
  let effects = state.receive(message)
  if effects.contains(where: { if case .leave = $0 { true } else { false } }) { return effects }
  if isTyping, effects.isEmpty, state.keyContext == .prompt { return [] }
  // While a stream runs, nobody moves: text panes are not laid out for every token.
  if case .stream(_, .token, _) = message, !state.followsStream { return effects }
  let isInput = if case .input = message { true } else { false }
  return effects + state.settle(fittingTexts: isInput)
}

extension Message {
  /// Whether a character was struck.
  public var isTyping: Bool {
    if case .input(.key(let stroke)) = self { stroke.typedCharacter != nil } else { false }
  }
}

extension PlaygroundState {
  mutating func receive(_ message: Message) -> [Effect] {
    switch message {
    case .input(let event): return receive(event)
    case .models(let models): self.models = models
    case .loading(let reference, let progress):
      if case .ready = opened[reference] { break }
      opened[reference] = .loading(progress)
    case .loaded(let reference, .success(let information)): return open(reference, information)
    case .loaded(let reference, .failure(let error)): fail(reference, error)
    case .tokenized(let ticket, let result): receive(tokens: result, ticket)
    case .translationPrefix(let direction, let model, let result): receive(prefix: result, direction, model)
    case .distribution(let ticket, let result): receive(distribution: result, ticket)
    case .stream(let ticket, let event, let time): receive(event: event, ticket, time: time)
    case .beamProgress(let ticket, let tokens):
      if case .running(ticket.version, _) = translate.beams.status {
        translate.beams.status = .running(version: ticket.version, tokens: tokens)
      }
    case .beams(let ticket, let result): receive(beams: result, ticket)
    case .fillings(let ticket, let result): receive(fillings: result, ticket)
    case .edited(let text):
      if let text { receive(edited: text) }
    case .notice(let text): notice = text
    case .failure(let error): overlay = .failure(error)
    }
    return []
  }

  private mutating func receive(_ event: InputEvent) -> [Effect] {
    switch event {
    case .key(let stroke): return press(stroke)
    case .paste(let text): paste(text)
    case .mouse(let event): return point(event)
    case .resize(let size): self.size = size
    case .focus: break
    case .signal(let signal): return [.leave(code: signal.exitCode)]
    }
    return []
  }

  /// Whether the candidates show the newest token of a stream: then each token changes them.
  fileprivate var followsStream: Bool {
    if case .stream = generate.source { task == .generate } else { false }
  }

  /// A model is open: streams that were to take its own settings take them.
  private mutating func open(_ reference: ModelReference, _ information: ModelInformation) -> [Effect] {
    let users: [(ModelFamily, Bool)] = [
      (.causal, generate.streams.contains { $0.model == reference }), (.masked, fillMask.model == reference),
      (.seq2seq, translate.model == reference),
    ]
    if let wanted = users.first(where: { $0.1 && $0.0 != information.family })?.0 {
      fail(
        reference,
        EngineError(
          .model, "\(reference.shortName) can't do this", at: information.summary.path,
          expected: "a \(wanted.rawValue) model", found: "a \(information.family.rawValue) model",
          hint: "it opens in the tab \(PlaygroundTask(family: information.family).title)"))
      return []
    }
    opened[reference] = .ready(information)
    for index in generate.streams.indices where generate.streams[index].model == reference {
      takeDefaults(stream: index)
    }
    if translate.model == reference { takeTranslationDefaults(information) }
    var notices = information.notices
    if let unknown = information.unknownKeysNotice(name: reference.shortName) { notices.insert(unknown, at: 0) }
    if let unused = unusedKeysNotice(information) { notices.append(unused) }
    if !notices.isEmpty { notice = notices.joined(separator: "; ") }
    return placePending(reference, information.family)
  }

  /// Names the keys of a causal model's `generation_config.json` that ask for something else than streams.
  private func unusedKeysNotice(_ information: ModelInformation) -> String? {
    guard information.family == .causal else { return nil }
    let values = [("num_beams", information.defaultBeams), ("num_return_sequences", information.defaultReturned)]
    let keys = values.filter { ($0.1 ?? 1) > 1 }.map(\.0)
    guard !keys.isEmpty else { return nil }
    return "generation_config.json of \(information.reference.shortName): not used here: "
      + keys.joined(separator: ", ") + " (a stream is one text, without beams)"
  }

  /// A model can't be opened: it is told once, and whatever waited for it waits no more.
  private mutating func fail(_ reference: ModelReference, _ error: EngineError) {
    opened[reference] = .failed(error)
    if pendingModel?.reference == reference { pendingModel = nil }
    for index in generate.streams.indices where generate.streams[index].model == reference {
      generate.streams[index].waiting = nil
    }
    if translate.model == reference, translate.beams.status == .waiting { translate.beams.stop() }
    overlay = .failure(error)
  }

  /// The open model's facts, if it is open.
  func information(_ reference: ModelReference) -> ModelInformation? { opened[reference]?.information }

  /// Why the open tab's prompt can't be given to its model: it has more tokens than the context. The engine would say
  /// the same, but would be sent all of the text for it at each key.
  var tooLong: EngineError? {
    guard let limit = information(leadingModel)?.contextLength, prompt.tokens.count > limit else { return nil }
    return EngineError(
      .input, "the prompt is too long", at: "model '\(leadingModel)'", expected: "at most \(limit) tokens",
      found: "\(prompt.tokens.count)", hint: "shorten the text, or open a model with a longer context")
  }

  /// The model that the open tab's prompt is for.
  var leadingModel: ModelReference {
    switch task {
    case .generate: generate.leading.model
    case .fillMask: fillMask.model
    case .translate: translate.model
    }
  }
}
