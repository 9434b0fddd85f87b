import EngineAPI
import Sessions
import TerminalUI

extension TabID {
  /// The tab for masked language models.
  public static let fillMask = TabID("fill-mask")
}

/// The Fill mask tab: the candidates of each mask of a text, joint fillings of all masks, and given fillings of one.
public struct FillMaskState: Sendable, Equatable {
  /// The maximum number of masks with a pane on the screen.
  static let panes = 4

  /// The text with its masks.
  public internal(set) var prompt: PromptState
  /// The model.
  var model: ModelReference
  /// The gaps, in the order of the text.
  var gaps: [Gap] = []
  /// The candidates of each gap.
  var lists: [CandidateList] = []
  /// The gap whose pane had the focus last.
  var shownGap = 0
  /// The first gap that has a pane.
  var firstGap = 0
  /// The pane with the focus.
  var focus = Focus.prompt
  /// The gaps filled together.
  var fillings = FillingsState()
  /// The words of a text without masks.
  var words = MaskedWords()
  /// Given fillings of the one mask.
  var targets = MaskTargets()
  /// Its cursor in the tree, on the filling that was taken last; `nil` before the first one.
  var reader: CursorID?
}

/// A mask in the text.
struct Gap: Sendable, Equatable {
  /// The index of its token.
  var position: Int
  /// Its UTF-8 bytes in the text.
  var range: Range<Int>
}

/// Joint fillings of a text with two or more masks.
struct FillingsState: Sendable, Equatable {
  /// The latest request.
  var request: FillMaskRequest?
  /// The version of that request, until it is answered.
  var awaited: Int?
  /// The request that `result` answers.
  var answered: FillMaskRequest?
  /// The answer.
  var result: FillMaskResult?
  /// The ends of the fillings in the tree; empty until one of them is taken.
  var places: [Place] = []
  /// The error if the request failed.
  var failure: EngineError?
  /// The fillings on the screen and the chosen one.
  var window = ListWindow()
}

extension FillMaskState: Tab {
  static let id = TabID.fillMask
  static let title = "Fill mask"
  static let families = [ModelFamily.masked]
  static let defaultModel = ModelReference("cloze")
  static let hasLegend = true

  init(models: [ModelReference], settings: PlaygroundSettings) {
    model = models[0]
    prompt = PromptState(.fillMask, isContinued: false, settings: settings)
  }

  mutating func use(_ model: ModelReference, _ shell: inout Shell) -> [Effect] {
    self.model = model
    fillings = FillingsState()
    let wasAwaited = words.clear()
    for index in lists.indices { lists[index].clear() }
    return (wasAwaited ? [.cancel(.maskedWords)] : []) + (targets.forget() ? [.cancel(.targets)] : [])
  }

  var shownList: Int { shownGap }
  var isBusy: Bool { fillings.awaited != nil || words.isAwaited || targets.isAwaited }
  var begun: [Int?] { [fillings.awaited] }

  var focusOrder: [Focus] {
    [.prompt] + (gaps.isEmpty ? [showsWords ? .maskedWords : .mask(0)] : gaps.indices.map { .mask($0) })
      + (gaps.count > 1 ? [.together] : []) + (targets.isShown ? [.targets] : [])
  }

  mutating func setFocus(_ focus: Focus) {
    self.focus = focus
    guard focus.context == .mask else { return }
    shownGap = focus.index
    if shownGap < firstGap { firstGap = shownGap }
    if shownGap >= firstGap + FillMaskState.panes { firstGap = shownGap - FillMaskState.panes + 1 }
  }

  func examples(_ shell: Shell) -> [String] {
    let mask = shell.information(model)?.maskToken?.text ?? "[MASK]"
    return [
      "The capital of # is #.", "Hello, my name is #.", "The # sat on the # and looked at the #.",
      "She # the door and walked # the garden.",
    ].map { $0.split(separator: "#", omittingEmptySubsequences: false).joined(separator: mask) }
  }

  mutating func receive(_ message: Message, _ shell: inout Shell) {
    if case .fillings(let ticket, let result) = message { receive(fillings: result, ticket) }
    if case .scored(let ticket, let result) = message, ticket.slot == .maskedWords {
      words.receive(result, ticket, prompt)
    }
    if case .choicesRanked(let ticket, let result) = message { targets.receive(result, ticket) }
  }

  mutating func settle(_ shell: inout Shell) -> [Effect] {
    let effects = askTokens(&shell)
    findGaps(shell)
    return effects
  }

  mutating func ask(_ shell: inout Shell) -> [Effect] {
    var effects = askGaps(&shell)
    effects += askFillings(&shell)
    effects += askWords(&shell)
    return effects + askTargets(&shell)
  }

  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    if words.isAwaited {
      words.stop()
      return [.cancel(.maskedWords)]
    }
    if targets.isAwaited {
      targets.stop()
      return [.cancel(.targets)]
    }
    guard fillings.awaited != nil else { return nil }
    fillings.awaited = nil
    fillings.failure = EngineError(.interrupted, "stopped")
    return [.cancel(.fillings)]
  }
}
