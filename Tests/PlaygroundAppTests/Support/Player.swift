import EngineAPI
import Foundation
import ScriptedSupport
import Sessions
import TerminalUI

@testable import PlaygroundApp

/// Plays the playground without a terminal, a thread or a clock: keys go in, effects are answered by the scripted
/// models at once, screens come out.
struct Player {
  /// The state.
  private(set) var state: PlaygroundState
  /// Every effect so far.
  private(set) var effects: [Effect] = []
  /// The exit code, once the playground was left.
  private(set) var exitCode: Int32?
  /// The clock: a token takes a hundredth of a second.
  private(set) var time = 0.0
  /// Events of streams that have not been sent yet, by stream.
  private(set) var streams: [Slot: [Message]] = [:]
  /// Whether streams wait for `stream(_:)`.
  var holdsStreams = false
  /// Whether every effect waits for `answer()`.
  var holdsAnswers: Bool
  private var waiting: [Effect] = []
  /// The sessions that a list has, those that can be opened, and those of them that another program writes.
  var sessions: [SessionSummary] = []
  var stored: [String: Session] = [:]
  var readOnly: Set<String> = []
  /// The recorded runs that can be opened, by path.
  var histories: [String: TrainingHistory] = [:]
  private let engine: ScriptedEngine
  private var router: EngineRouter { EngineRouter(engine) }

  init(
    _ width: Int = 120, _ height: Int = 36, task: TabID = .generate,
    models: [TabID: [ModelReference]] = [:], settings: PlaygroundSettings = PlaygroundSettings(),
    holdsAnswers: Bool = false, catalogue: [ScriptedModel] = ScriptedModel.bundled
  ) {
    engine = ScriptedEngine(catalogue: catalogue)
    let (state, effects) = PlaygroundState.initial(
      models: models, tab: task, settings: settings, size: Size(width, height))
    self.state = state
    self.holdsAnswers = holdsAnswers
    take(effects)
    if !holdsAnswers { answer() }
  }

  /// Changes the state directly, without a message.
  mutating func change(_ body: (inout PlaygroundState) -> Void) { body(&state) }

  /// Sends a message and answers the effects that it causes.
  mutating func send(_ message: Message) {
    guard exitCode == nil else { return }
    take(update(&state, message))
    if !holdsAnswers { answer() }
  }

  /// Presses keys, given in their text form and separated by spaces.
  mutating func press(_ keys: String) {
    for name in keys.split(separator: " ") {
      guard let key = KeyStroke(String(name)) else { preconditionFailure("no such key: \(name)") }
      send(.input(.key(key)))
    }
  }

  /// Types text.
  mutating func type(_ text: String) {
    for character in text { send(.input(.key(KeyStroke(character)))) }
  }

  /// Sends the next `count` tokens of every stream, one stream after the other.
  mutating func stream(_ count: Int) {
    var left = streams.mapValues { _ in count }
    while let slot = left.keys.sorted(by: { "\($0)" < "\($1)" }).first(where: { left[$0, default: 0] > 0 }) {
      guard var messages = streams[slot], !messages.isEmpty else {
        left[slot] = 0
        continue
      }
      let message = messages.removeFirst()
      streams[slot] = messages
      if case .stream(_, .token, _) = message { left[slot, default: 0] -= 1 }
      send(message)
    }
  }

  /// Answers all waiting effects, and the effects that the answers cause.
  mutating func answer() {
    while !waiting.isEmpty {
      let effect = waiting.removeFirst()
      for message in run(effect) { take(update(&state, message)) }
    }
    while !holdsStreams, let slot = streams.keys.first(where: { streams[$0]?.isEmpty == false }) {
      var messages = streams[slot] ?? []
      let message = messages.removeFirst()
      streams[slot] = messages
      take(update(&state, message))
      answer()
    }
  }

  /// Answers the effect that has waited longest.
  mutating func answerOne() {
    guard !waiting.isEmpty else { return }
    let effect = waiting.removeFirst()
    for message in run(effect) { take(update(&state, message)) }
  }

  private mutating func take(_ new: [Effect]) {
    effects += new
    waiting += new
    for effect in new { if case .leave(let code) = effect { exitCode = code } }
  }

  /// The answers to an effect. Those of a stream are kept, to be sent one by one.
  private mutating func run(_ effect: Effect) -> [Message] {
    switch effect {
    case .listModels: return [.models(engine.catalogue.map(\.summary))]
    case .load(let reference):
      let steps = ScriptedModel.loadSteps.map {
        Message.loading(reference, LoadProgress(fraction: $0.fraction, step: $0.step))
      }
      return steps + [.loaded(reference, result { try engine.model(reference).information(reference) })]
    case .tokenize(let ticket, let text, let model):
      return [.tokenized(ticket, result { TokenizedText(text, try engine.model(model).tokenize(text)) })]
    case .translationPrefix(let direction, let model):
      return [
        .translationPrefix(
          direction, model: model,
          result { try engine.model(model).prefix(from: direction.source, to: direction.target) })
      ]
    case .distribution(let ticket, let request):
      return [.distribution(ticket, result { try engine.model(request.context.model).answer(request) })]
    case .chatPrompt(let ticket, let request):
      return [.chatPrompt(ticket, result { try engine.model(request.model).chatPrompt(request) })]
    case .score(let ticket, let request):
      return [.scored(ticket, result { try engine.model(request.context.model).score(request) })]
    case .read(let ticket, let request):
      switch result({ try engine.model(request.context.model).score(request) }) {
      case .success(let tokens):
        let half = tokens.count / 2
        return [
          .reading(ticket, ScoredPart(first: 0, tokens: Array(tokens[..<half]))),
          .reading(ticket, ScoredPart(first: half, tokens: Array(tokens[half...]))), .readingEnded(ticket, nil),
        ]
      case .failure(let error): return [.readingEnded(ticket, error)]
      }
    case .generate(let ticket, let request):
      let events: [TokenEvent]
      switch result({ try engine.model(request.context.model).events(request) }) {
      case .success(let made): events = made
      case .failure(let error): events = [.finished(.failed(error), text: "", timing: GenerationTiming())]
      }
      streams[ticket.slot] = events.map { event in
        time += 0.01
        return .stream(ticket, event, time: time)
      }
      return []
    case .beamSearch(let ticket, let request):
      return [
        .beamProgress(ticket, tokens: 1),
        .beams(ticket, result { try engine.model(request.context.model).beams(request) }),
      ]
    case .fillMask(let ticket, let request):
      return [.fillings(ticket, result { try engine.model(request.context.model).fill(request) })]
    case .rankChoices(let ticket, let request):
      return [
        .choicesRanked(
          ticket,
          InlineExecutor.result { [router] () async throws(EngineError) in try await router.rank(request) })
      ]
    case .translateBack(let ticket, let request):
      return [
        .translatedBack(
          ticket,
          InlineExecutor.result { [router] () async throws(EngineError) in try await router.translateBack(request) })
      ]
    case .classify(let ticket, let request):
      return [.labels(ticket, result { try engine.model(request.model).classify(request) })]
    case .classifyAll(let ticket, let request):
      return [.labelsOfAll(ticket, result { try engine.model(request.model).classify(request) })]
    case .tag(let ticket, let request):
      return [.tagged(ticket, result { try engine.model(request.model).tag(request) })]
    case .compare(let ticket, let request):
      switch result({ try engine.compared(request) }) {
      case .success(let positions):
        return [
          .comparing(ticket, ComparisonPart(positions: positions, fraction: 1)), .compared(ticket, .success([])),
        ]
      case .failure(let error): return [.compared(ticket, .failure(error))]
      }
    case .inspect(let ticket, let request):
      return [.inspected(ticket, result { try engine.model(request.context.model).inspect(request) })]
    // The events of runs are sent by the tests.
    case .train, .watchRun: return []
    case .steer(let ticket, _, _): return [.steered(ticket, nil)]
    case .readRun(let ticket, let path):
      return [.runRead(ticket, histories[path].map { .success($0) } ?? .failure(Player.noRun(path)))]
    case .cancel(let slot):
      streams[slot] = nil
      return []
    case .edit(let text): return [.edited(text + " (edited)")]
    case .listSessions: return [.session(.listed(sessions))]
    case .openSession(let path, let number):
      guard let session = stored[path] else { return [] }
      let name = String(path.split(separator: "/").last ?? "")
      return [.session(.opened(number: number, name: name, session, isReadOnly: readOnly.contains(path)))]
    case .removeSession(let path):
      sessions.removeAll { $0.path == path }
      return [.session(.listed(sessions))]
    case .writeFile(_, _, let notice): return [.notice(notice)]
    case .exportSession, .exportScreen, .moveSession: return []
    case .savePreset(let preset): return [.presetSaved(preset)]
    case .saveScreen, .copy, .captureMouse, .remember, .leave: return []
    }
  }

  private func result<Value>(_ body: () throws -> Value) -> Result<Value, EngineError> {
    do { return .success(try body()) } catch {
      return .failure(error as? EngineError ?? EngineError(.usage, "\(error)"))
    }
  }

  /// The error for a path without a run.
  private static func noRun(_ path: String) -> EngineError {
    EngineError(.usage, "no run", at: path, expected: "the folder of a run or event files", found: "no such folder")
  }

  /// The screen.
  func grid(_ colors: ColorDepth = .trueColor, glyphs: Glyphs = .unicode) -> CellGrid {
    view(state, glyphs: glyphs, colors: colors)
  }

  /// The screen as text.
  var screen: String { grid().plainText }
}
