import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension TabID {
  /// The tab for dialogues.
  public static let chat = TabID("chat")
}

/// The Chat tab: a dialogue with a causal model. The dialogue is a path in the tree of texts, so every other answer and
/// every earlier version of a message stays a branch.
public struct ChatState: Sendable, Equatable {
  /// The message that is being written.
  public internal(set) var prompt: PromptState
  /// The model.
  var model: ModelReference
  /// How tokens are drawn.
  var settings: SamplingSettings
  /// Whether `settings` come from the user or the configuration instead of the model's defaults.
  var settingsAreOwn: Bool
  /// The longest answer.
  var maxTokens: Int
  /// The seed of answers; another answer to the same message takes the next one.
  var seed: UInt64
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The candidates.
  var lists = [CandidateList()]
  /// The cursor of the dialogue in the tree; `nil` before it begins.
  var reader: CursorID?
  /// What ends answers and how they are read, from the last prompt, without its tokens; `nil` before the first one.
  var form: ChatPrompt?
  /// The message to send once the model is open, or whose prompt was requested.
  var waiting: ChatWait?
  /// The answer that is shown last, or that grows.
  var run: ChatRun?
  /// The turns as they are shown.
  var page = ChatPage()
  /// The chosen turn; `nil` for the last one.
  var chosen: Int?
  /// The token in the chosen answer that the cursor is on; `nil` at its end.
  var cursor: Int?
  /// The first row shown; `nil` follows the end of the dialogue.
  var scroll: Int?
  /// The turn that the message replaces; `nil` for a new message.
  var edited: EditedTurn?
  /// Whether the answers have the colors of their probabilities.
  var showsColors = false
  /// Whether the reasoning of answers is shown, or folded.
  var opensReasoning = false
  /// Whether the form of the dialogue is to be asked for, because the dialogue comes from a session; and the version of
  /// that request.
  var wantsForm = false
  var formVersion: Int?
  /// The models that answer side by side; empty if one model answers alone.
  var sides: [ChatSide] = []
  /// The message that they answer; `nil` before it is sent, and once an answer is chosen.
  var round: ChatRound?
  /// The side that had the focus last.
  var lead = 0
  /// Whether candidates and settings are those of this side.
  var showsSide = false
  /// Whether the pane with what the model reads is shown.
  var showsSeen = true
  /// The first line shown in that pane; `nil` follows the cursor.
  var seenScroll: Int?
  /// Whether the oldest turns are left out when the context is full.
  var dropsOldest = false
  /// Whether the user was told that the context is nearly full.
  var hasToldContext = false

  /// The candidates.
  var candidates: CandidateList {
    get { lists[0] }
    _modify { yield &lists[0] }
  }
}

/// What is to be sent: a message, or an answer that the user has edited.
struct ChatWait: Sendable, Equatable {
  /// Who speaks.
  var role: String
  /// What was written.
  var text: String
  /// Where the message before it ends.
  var place: Place
  /// Whether the text is an answer as the model writes it, with marks of reasoning and special tokens.
  var isRaw = false
  /// The version of the request for its prompt, once it is made.
  var awaited: Int?
}

/// A turn that is being edited.
struct EditedTurn: Sendable, Equatable {
  /// Who speaks.
  var role: String
  /// Where the turn before it ends.
  var previous: Place
  /// Whether the text is an answer as the model writes it, with marks of reasoning and special tokens.
  var isRaw = false
}

/// An answer and the status of its request.
struct ChatRun: Sendable, Equatable {
  /// The version of its request: events of others are stale.
  var version: Int
  /// The node of its tokens.
  var node: NodeID
  /// Whether the engine works on it.
  var isRunning = true
  /// How much of the prompt has been read, 0 to 1; `nil` once tokens come.
  var prompt: Double?
  /// The latest token with all candidates that came with it: the tree keeps a few of these.
  var newest: ScoredToken?
  /// When the first and the latest token came, in seconds.
  var firstTime: Double?
  var lastTime: Double?
  /// The number of tokens of this request.
  var made = 0

  /// Tokens per second so far.
  var rate: Double? {
    guard let firstTime, let lastTime, made > 1, lastTime > firstTime else { return nil }
    return Double(made - 1) / (lastTime - firstTime)
  }
}

extension ChatState: Tab {
  static let id = TabID.chat
  static let title = "Chat"
  static let families = [ModelFamily.causal]
  static let defaultModel = ModelReference("storyteller")
  static let hasLegend = true

  init(models: [ModelReference], settings: PlaygroundSettings) {
    model = models[0]
    prompt = PromptState(.chat, isContinued: false, settings: settings)
    self.settings = settings.sampling ?? .init()
    settingsAreOwn = settings.sampling != nil
    (maxTokens, seed) = (settings.maxTokens, settings.seed)
    guard models.count > 1 else { return }
    sides = models.prefix(ChatSide.most).map { model in
      ChatSide(model: model, settings: self.settings, settingsAreOwn: settingsAreOwn)
    }
  }

  var models: [ModelReference] {
    var seen: Set<ModelReference> = [.none]
    return ([model] + sides.map(\.model)).filter { seen.insert($0).inserted }
  }

  mutating func didOpen(_ model: ModelReference, _ information: ModelInformation, _ shell: Shell) {
    takeDefaults(shell)
    takeSideDefaults(shell)
  }

  mutating func didFail(_ model: ModelReference) {
    if model == self.model { restoreWaiting() }
    for index in sides.indices where sides[index].model == model { sides[index].isStopped = true }
  }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    if showsSide, sides.indices.contains(lead) { return useInSide(model, &shell) }
    let effects = stop(&shell) ?? []
    self.model = model
    // The next prompt says how the new model's answers end.
    form = nil
    takeDefaults(shell)
    return effects
  }

  /// Takes the model's default settings unless the user has chosen others.
  private mutating func takeDefaults(_ shell: Shell) {
    guard let information = shell.information(model), !settingsAreOwn else { return }
    settings = information.decoding.settings
    maxTokens = information.decoding.length.maxNewTokens ?? shell.settings.maxTokens
  }

  // MARK: Focus, texts, settings

  var focusOrder: [Focus] {
    [.prompt, .turns] + sides.indices.map { .answer($0) } + [.candidates] + (showsSeen ? [.seen] : [])
  }

  mutating func setFocus(_ focus: Focus) {
    self.focus = focus
    if focus.context == .answer { lead = min(focus.index, max(0, sides.count - 1)) }
    if focus.context == .answer || focus == .turns { showsSide = focus.context == .answer }
  }

  var walkedText: WalkedText? {
    guard focus != .prompt else { return nil }
    if showsSide { return walkedSide }
    guard let block = chosenBlock, let view = block.view else { return nil }
    return WalkedText(trace: view, text: block.text, scroll: nil)
  }

  var walkedCursor: Int? {
    get { showsSide ? sideCursor : cursor }
    set {
      if showsSide {
        sideCursor = newValue
        return
      }
      let count = chosenBlock?.view?.tokens.count ?? 0
      cursor = newValue.flatMap { $0 < count ? $0 : nil }
      seenScroll = nil
    }
  }

  func examples(_ shell: Shell) -> [String] {
    // An example begins a dialogue; it is no answer and no edited turn.
    page.blocks.isEmpty && edited == nil
      ? ["Why is the sea salty?", "Tell me a story about a king and a fox.", "Who are you?"] : []
  }

  var sampler: SamplerValues? {
    get {
      if showsSide, sides.indices.contains(lead) {
        return SamplerValues(chain: sides[lead].settings, maxTokens: maxTokens, seed: seed)
      }
      return SamplerValues(chain: settings, maxTokens: maxTokens, seed: seed)
    }
    set {
      guard let newValue else { return }
      if showsSide, sides.indices.contains(lead) {
        (sides[lead].settings, sides[lead].settingsAreOwn, maxTokens) = (newValue.chain, true, newValue.maxTokens)
        if let seed = newValue.seed { self.seed = seed }
        return
      }
      (settings, settingsAreOwn, maxTokens) = (newValue.chain, true, newValue.maxTokens)
      if let seed = newValue.seed { self.seed = seed }
    }
  }

  var samplerTitle: String { showsSide && !sides.isEmpty ? "Sampler of \(Self.letter(lead))" : "Sampler" }
  var modelTitle: String { showsSide && !sides.isEmpty ? "Model of \(Self.letter(lead))" : "Model" }

  mutating func resetSampler(_ shell: Shell) {
    if showsSide, sides.indices.contains(lead) {
      sides[lead].settingsAreOwn = false
      takeSideDefaults(shell)
      return
    }
    settingsAreOwn = false
    takeDefaults(shell)
  }

  // MARK: Messages

  var isBusy: Bool { waiting != nil || run?.isRunning == true || sidesAreBusy }
  var begun: [Int?] { [waiting == nil ? run?.version : -1] + sides.map { $0.run?.version } }
  var followsStream: Bool { true }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .chatPrompt(let ticket, let result) where ticket.slot == .chatForm: receive(form: result, ticket)
    case .chatPrompt(let ticket, let result) where ticket.slot == .sidePrompt(ticket.slot.index):
      receive(side: ticket.slot.index, result, ticket, &shell)
    case .chatPrompt(let ticket, let result): receive(result, ticket, &shell)
    case .stream(let ticket, let event, let time) where ticket.slot == .sideAnswer(ticket.slot.index):
      receive(side: ticket.slot.index, event, ticket, time, &shell)
    case .stream(let ticket, let event, let time): receive(event, ticket, time, &shell)
    case .scored(let ticket, let result) where ticket.slot == .dialogueScore: tell(result, &shell)
    default: break
    }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] {
    let effects = askTokens(&shell)
    return effects + askForm(&shell) + askPrompt(&shell) + startAnswer(&shell) + settleSides(&shell)
  }

  mutating func ask(_ shell: inout Shell) -> [Effect] { askCandidates(&shell) }

  mutating func askAgain() {
    askPanesAgain()
    waiting?.awaited = nil
    for index in sides.indices { sides[index].awaited = nil }
  }

  mutating func take(_ places: [Place], asFurther: Bool, _ shell: inout Shell) -> [Effect]? {
    guard places.count == 1, case .turn = shell.tree.origin(of: shell.tree.root(of: places[0])) else { return nil }
    if asFurther, reader != nil { return [] }
    let effects = stop(&shell) ?? []
    if let model = shell.tree.origin(of: places[0].node)?.model, model != self.model, shell.canUse(model) {
      self.model = model
      takeDefaults(shell)
    }
    if reader != nil { move(to: places[0], &shell) } else { reader = shell.tree.addCursor(at: places) }
    leaveRound()
    (run, edited, form, wantsForm, hasToldContext) = (nil, nil, nil, true, false)
    (chosen, cursor, scroll, seenScroll) = (nil, nil, nil, nil)
    setFocus(.turns)
    return effects
  }

  func standing(_ shell: Shell) -> Place? { place(shell) }

  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    var effects: [Effect] = []
    if waiting != nil {
      restoreWaiting()
      effects.append(.cancel(.chatPrompt))
    }
    if let run, run.isRunning {
      settleRun(.interrupted, nil, &shell)
      effects.append(.cancel(.answer))
    }
    effects += stopSides(&shell)
    return effects.isEmpty ? nil : effects
  }

  func unkept(_ shell: Shell) -> (alone: String, beside: String)? {
    page.blocks.contains { $0.turn.isAnswer } ? ("the dialogue", "the dialogue") : nil
  }
}
