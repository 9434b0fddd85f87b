import EngineAPI
import Sampling
import Sessions
import TerminalUI

extension TabID {
  /// The tab for translating text.
  public static let translate = TabID("translate")
}

/// The Translate tab: a text, the beams of its translation, and the decoder's candidates.
public struct TranslateState: Sendable, Equatable {
  /// The text to translate.
  public internal(set) var prompt: PromptState
  /// The model.
  var model: ModelReference
  /// The source and target languages.
  public internal(set) var direction = TranslationDirection(from: "en", to: "fr")
  /// The task prefixes known so far.
  var prefixes: [TranslationDirection: String] = [:]
  /// Directions whose prefix has been requested.
  var askedPrefixes: Set<TranslationDirection> = []
  /// How beams are searched, and the penalties that act on the log-softmax.
  var search: SamplerValues
  /// Whether the user changed any of ``search``; the model's defaults are then ignored.
  var hasOwnSearch = false
  /// The beams.
  var beams = BeamsState()
  /// The cursor in the tree, with the ends of the shown lines and the undo history; `nil` before the first translation.
  var reader: CursorID?
  /// The cursor of the running search. It keeps the tokens that the search continues, and empty lines before them, from
  /// being pruned.
  var searcher: CursorID?
  /// Cursor and selection of texts that were left, by their places.
  var looks: [[Place]: TranslationLook] = [:]
  /// The words that each word of the translation attends to.
  var alignment = AlignmentState()
  /// The translation translated back.
  var back = WayBack()
  /// The text that the next translation shall begin with, until its tokens are known.
  var beginning: EntryText?
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The decoder's candidates.
  var lists = [CandidateList()]

  /// The decoder's candidates.
  var candidates: CandidateList {
    get { lists[0] }
    _modify { yield &lists[0] }
  }
}

extension TranslateState: Tab {
  static let id = TabID.translate
  static let title = "Translate"
  static let families = [ModelFamily.seq2seq]
  static let defaultModel = ModelReference("interpreter")
  static let hasLegend = true

  init(models: [ModelReference], settings: PlaygroundSettings) {
    model = models[0]
    prompt = PromptState(.translate, isContinued: false, settings: settings)
    search = SamplerValues(
      chain: SamplingSettings().processors, maxTokens: settings.maxTokens,
      search: BeamSearchSettings(beams: settings.beams))
  }

  // MARK: Models

  mutating func didOpen(_ model: ModelReference, _ information: ModelInformation, _ shell: Shell) {
    takeDefaults(information, shell)
  }

  mutating func didFail(_ model: ModelReference) {
    if self.model == model, beams.status == .waiting { beams.stop() }
  }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    let wasBusy = beams.isBusy
    if let reader, !beams.hypotheses.isEmpty {
      leave()
      shell.tree.move(reader, to: [])
    }
    beams = BeamsState()
    beginning = nil
    setModel(model, shell)
    return wasBusy ? [.cancel(.beams)] : []
  }

  // MARK: Focus, texts, settings

  var focusOrder: [Focus] { [.prompt, .candidates, .translation, lastPane] }

  var walkedText: WalkedText? {
    guard focus != .prompt, let trace = beams.hypothesis?.trace else { return nil }
    return WalkedText(trace: trace, text: beams.text, scroll: beams.scroll)
  }

  var walkedCursor: Int? {
    get { beams.cursor }
    set { beams.moveCursor(to: newValue) }
  }

  var promptPrefix: String? { prefixes[direction] }

  func examples(_ shell: Shell) -> [String] {
    direction.source == "fr"
      ? ["Comment vas-tu ?", "Je voudrais un verre d'eau.", "Où est la gare ?"]
      : ["How are you?", "I would like a glass of water.", "Where is the station?"]
  }

  var sampler: SamplerValues? {
    get { search }
    set {
      guard let newValue else { return }
      search = newValue
      hasOwnSearch = true
    }
  }

  var samplerTitle: String { "Beam search" }

  mutating func resetSampler(_ shell: Shell) {
    hasOwnSearch = false
    if let information = shell.information(model) { takeDefaults(information, shell) }
  }

  // MARK: Messages

  var isBusy: Bool { beams.isBusy || back.isAwaited }
  var begun: [Int?] { [beams.isBusy ? 1 : 0] }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    switch message {
    case .translationPrefix(let direction, let model, let result): receive(prefix: result, direction, model, &shell)
    case .tokenized(let ticket, let result):
      if ticket.slot == .beginning { beginning?.receive(result, version: ticket.version) }
      receive(lineTokens: result, ticket, &shell)
    case .beamProgress(let ticket, let tokens):
      if case .running(ticket.version, _) = beams.status {
        beams.status = .running(version: ticket.version, tokens: tokens)
      }
    case .beams(let ticket, let result): receive(beams: result, ticket, &shell)
    case .translatedBack(let ticket, let result): back.receive(result, ticket)
    case .inspected(let ticket, let result) where ticket.slot == .alignment:
      let ends = shell.information(model)?.endOfTextIDs ?? []
      alignment.receive(result, ticket, ends: ends, prefix: prefixes[direction] ?? "")
    default: break
    }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] {
    var effects = askPrefix(shell)
    effects += askTokens(&shell)
    findGivenSource(&shell)
    effects += beginWaitingTranslation(&shell)
    return effects + startWaitingBeams(&shell)
  }

  mutating func ask(_ shell: inout Shell) -> [Effect] {
    var effects = askCandidates(&shell)
    effects += askAlignment(&shell)
    return effects + askBack(&shell)
  }

  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    guard beams.isBusy else {
      guard back.isAwaited else { return nil }
      back.stop()
      return [.cancel(.back)]
    }
    var effects: [Effect] = []
    if case .running = beams.status { effects.append(.cancel(.beams)) }
    if beams.batch?.awaited != nil { effects.append(.cancel(.lineTokens)) }
    beams.stop()
    return effects
  }

  func unkept(_ shell: Shell) -> (alone: String, beside: String)? {
    let canMove = reader.flatMap { shell.tree.cursors[$0]?.canMove } ?? false
    return beams.hypotheses.isEmpty && !canMove ? nil : ("the translation", "translation")
  }
}
