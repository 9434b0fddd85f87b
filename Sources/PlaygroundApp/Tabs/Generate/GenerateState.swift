import EngineAPI
import Sampling
import TerminalUI

extension TabID {
  /// The tab for generating text from a prompt.
  public static let generate = TabID("generate")
}

/// The text whose cursor the candidates of the Generate tab refer to.
enum CandidateSource: Sendable, Hashable {
  /// The prompt.
  case prompt
  /// The text of a stream, by its index from the left.
  case stream(Int)
}

/// The Generate tab: one to four streams that continue the same prompt.
public struct GenerateState: Sendable, Equatable {
  /// The prompt of all streams.
  public internal(set) var prompt: PromptState
  /// One to four streams, from left to right.
  var streams: [StreamState]
  /// The index of the leading stream: the one focused last. Settings and models are chosen for it, and its model
  /// tokenizes the prompt.
  var lead = 0
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The text whose cursor the candidates refer to.
  var source = CandidateSource.prompt
  /// The candidates.
  var lists = [CandidateList()]
  /// Whether the cursor moves in all streams at once.
  var walksTogether = false
  /// The identifier of the next stream.
  var nextStream: Int
  /// The seeds that have already been used.
  var seeds = SeedLedger()

  /// The candidates.
  var candidates: CandidateList {
    get { lists[0] }
    _modify { yield &lists[0] }
  }

  /// The leading stream.
  var leading: StreamState { streams[lead] }

  /// The run that the candidates are for; nil if they are the prompt's.
  private var sourceRun: StreamRun? {
    if case .stream(let index) = source { streams[index].run } else { nil }
  }
}

extension GenerateState: Tab {
  static let id = TabID.generate
  static let title = "Generate"
  static let families = [ModelFamily.causal]
  static let defaultModel = ModelReference("storyteller")
  static let hasLegend = true

  init(models: [ModelReference], settings: PlaygroundSettings) {
    let models = models.prefix(StreamState.most)
    prompt = PromptState(.generate, isContinued: true, settings: settings)
    streams = models.enumerated().map { index, model in
      // Different models start with the same seed. Streams of the same model get different seeds, so that their texts
      // differ.
      let twins = UInt64(models.prefix(index).count { $0 == model })
      return StreamState(
        id: index, model: model,
        sampler: SamplerValues(
          chain: settings.sampling ?? .init(), maxTokens: settings.maxTokens, seed: settings.seed &+ twins),
        settingsAreOwn: settings.sampling != nil)
    }
    nextStream = models.count
  }

  // MARK: Models

  var model: ModelReference { leading.model }
  var models: [ModelReference] { streams.map(\.model) }
  var modelTitle: String { "Model of \(StreamView.letter(lead))" }

  mutating func didOpen(_ model: ModelReference, _ information: ModelInformation, _ shell: Shell) {
    for index in streams.indices where streams[index].model == model { takeDefaults(stream: index, shell) }
  }

  mutating func didFail(_ model: ModelReference) {
    for index in streams.indices where streams[index].model == model { streams[index].waiting = nil }
  }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    releaseSeed(stream: lead)
    let stream = leading
    streams[lead].model = model
    streams[lead].waiting = nil
    streams[lead].cursor = nil
    streams[lead].scroll = nil
    settle(stream: lead, &shell)
    if let reader = stream.reader { shell.tree.move(reader, to: []) }
    streams[lead].run = nil
    takeDefaults(stream: lead, shell)
    return stream.isRunning ? [.cancel(.stream(stream.id))] : []
  }

  // MARK: Focus, texts, settings

  var focusOrder: [Focus] { [.prompt, .candidates] + streams.indices.map { .stream($0) } }

  mutating func setFocus(_ focus: Focus) {
    self.focus = focus
    if focus.context == .stream {
      lead = min(max(focus.index, 0), streams.count - 1)
      source = .stream(lead)
    } else if focus == .prompt {
      source = .prompt
    }
  }

  var walkedText: WalkedText? {
    guard focus != .prompt, let run = sourceRun, case .stream(let index) = source else { return nil }
    return WalkedText(trace: run.trace, text: run.text, scroll: streams[index].scroll)
  }

  var walkedCursor: Int? {
    get { leading.cursor }
    set {
      for index in walksTogether ? Array(streams.indices) : [lead] {
        // In a text that is too short, the cursor is at the end.
        let count = streams[index].run?.trace.tokens.count ?? 0
        streams[index].cursor = newValue.flatMap { $0 < count ? $0 : nil }
        if streams[index].cursor == nil { streams[index].scroll = nil }
      }
    }
  }

  func examples(_ shell: Shell) -> [String] {
    [
      "Once upon a time, in a village by the sea, there lived a", "The king had three daughters, and the youngest",
      "\"Who is there?\" asked the old woman.", "It was a dark night, and the wolf",
    ]
  }

  var sampler: SamplerValues? {
    get { leading.sampler }
    set {
      guard var newValue else { return }
      if newValue.seed != leading.sampler.seed { newValue.isSeedChosen = true }
      streams[lead].sampler = newValue
      streams[lead].settingsAreOwn = true
    }
  }

  var samplerTitle: String { "Sampler \(StreamView.letter(lead))" }

  mutating func resetSampler(_ shell: Shell) {
    streams[lead].settingsAreOwn = false
    takeDefaults(stream: lead, shell)
  }

  // MARK: Messages

  var isBusy: Bool { streams.contains { $0.isRunning || $0.waiting != nil } }
  var begun: [Int?] { [leading.id] + streams.map { $0.waiting == nil ? $0.run?.version : -1 } }
  var followsStream: Bool { if case .stream = source { true } else { false } }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .tokenized(let ticket, let result): receive(tokens: result, ticket, &shell)
    case .stream(let ticket, let event, let time): receive(event: event, ticket, time: time, &shell)
    default: break
    }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] {
    let effects = askTokens(&shell)
    return effects + startWaitingStreams(&shell)
  }

  mutating func ask(_ shell: inout Shell) -> [Effect] {
    let effects = askCandidates(&shell)
    return effects + askScores(&shell)
  }

  func unkept(_ shell: Shell) -> (alone: String, beside: String)? {
    let count = streams.count { stream in
      let reader = stream.reader.flatMap { shell.tree.cursors[$0] }
      return !(stream.run?.trace.tokens.isEmpty ?? true) || reader?.canMove ?? false
    }
    guard count > 0 else { return nil }
    return (count == 1 ? "the stream's text" : "the texts of \(count) streams", "texts")
  }
}
