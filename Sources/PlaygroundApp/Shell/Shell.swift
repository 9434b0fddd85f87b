import EngineAPI
import Sessions
import TerminalUI

/// The state shared by all tabs: screen size, models and their load status, keys, overlays, notices, token colors, and
/// versions of requests. The members of ``display`` can be accessed directly, as in `shell.heat`.
@dynamicMemberLookup
public struct Shell: Sendable, Equatable {
  /// Columns and rows of the terminal.
  var size: Size
  /// The settings from the configuration.
  var settings: PlaygroundSettings
  /// The keys, after the configuration's changes.
  var keys: KeyBindings
  /// The open tab.
  var tab: TabID
  /// The tab that was shown last; differs from ``tab`` until the next layout.
  var shownTab: TabID
  /// The models that can be opened.
  var models: [ModelSummary] = []
  /// The load status of each requested model.
  var opened: [ModelReference: ModelStatus] = [:]
  /// The texts of all tabs, with their origins and undo histories.
  var tree = SessionTree()
  /// The file that the texts are kept in.
  var session = KeptSession()
  /// The open overlay, if any.
  var overlay: Overlay?
  /// The document of the reading view, while that is open.
  var reading: DocumentReading?
  /// One line in place of the key hints, until the next key.
  var notice: String?
  /// The chosen theme, the colors of tokens, and whether mouse reports are on.
  var display: DisplaySettings
  /// Whether the bars of candidates are relative to the most probable one instead of 100 %.
  var hasRelativeBars = false
  /// Whether the pane with the focus fills the room of all panes.
  var isZoomed = false
  /// The layout of the screen. Computed after every message that changes it; read by the views and the mouse.
  var layout = Layout()
  /// A model that is being opened by its path; it is assigned to a tab once its family is known.
  var pendingModel: PendingModel?
  /// A model that a tab wants opened in the tab of its family.
  var wantedModel: ModelReference?
  /// The tab to open with the session that the command line names; `nil` for that of its texts.
  var tabForSession: TabID?
  /// Whether to leave once the session is saved.
  var leavesWhenSaved = false
  /// Whether to leave although the session could not be saved.
  var leavesUnsaved = false
  /// Whether the next Ctrl-C exits.
  var isLeaving = false
  /// Whether the next `q` exits.
  var isQuitting = false
  /// The answers to lines, without a screen.
  var replies = LineReplies()
  /// The version of the latest request.
  var lastVersion = 0

  /// A shell at its start.
  init(settings: PlaygroundSettings, tab: TabID, size: Size) {
    self.size = size
    self.settings = settings
    self.tab = tab
    shownTab = tab
    keys = KeyBindings(overrides: settings.keys)
    display = settings.display
  }

  /// Access to a member of ``display``.
  public subscript<Value>(dynamicMember path: WritableKeyPath<DisplaySettings, Value>) -> Value {
    get { display[keyPath: path] }
    set { display[keyPath: path] = newValue }
  }

  /// Whether an error has been shown.
  var hasFailed = false

  /// A fresh version for a request.
  mutating func nextVersion() -> Int {
    lastVersion += 1
    return lastVersion
  }

  /// Shows an error and clears the notice, which may refer to the failed action.
  mutating func fail(_ error: EngineError) {
    hasFailed = true
    overlay = .failure(error)
    notice = nil
  }

  /// The first key of an action in the prompt of the open tab, to be named in a sentence.
  func promptKey(_ action: Action, glyphs: Glyphs = .unicode) -> String? {
    keys.key(for: action, in: .prompt, tab: tab)?.label(glyphs: glyphs)
  }

  /// The end of a notice that names the first key of an action in a pane, such as `: Esc stops it`; empty if the action
  /// has no key there.
  func keyHint(_ action: Action, in context: KeyContext, _ effect: String) -> String {
    keys.key(for: action, in: context, tab: tab).map { ": \($0.label()) \(effect)" } ?? ""
  }

  /// The label of the key for an action that every context has: `Ctrl-Q`; `nil` if no key is bound to it.
  func key(_ action: Action) -> String? { keys.key(for: action, in: .prompt, tab: tab)?.label() }
}

/// The load status of a model.
public enum ModelStatus: Sendable, Equatable {
  /// It is being opened.
  case loading(LoadProgress)
  /// It is open.
  case ready(ModelInformation)
  /// It could not be opened.
  case failed(EngineError)

  /// The open model's facts.
  var information: ModelInformation? {
    if case .ready(let information) = self { information } else { nil }
  }
}

extension Shell {
  /// The open model's facts, if it is open. A changed model has those of the unchanged one.
  func information(_ reference: ModelReference) -> ModelInformation? {
    opened[reference]?.information ?? (reference.changes.isEmpty ? nil : opened[reference.unchanged]?.information)
  }

  /// Why a model can't be used, if it can't.
  func failure(_ reference: ModelReference) -> EngineError? {
    if case .failed(let error) = opened[reference] { error } else { nil }
  }

  /// The ids that end a text of the trace's model.
  func endOfText(_ trace: Trace) -> [Int] { information(trace.model)?.endOfTextIDs ?? [] }

  /// A model's name for a title: the last part of its path, and the number format if that is not f32. `others` are the
  /// models shown beside it.
  func label(_ model: ModelReference, among others: [ModelReference]) -> String {
    var name = model.shortName
    if others.contains(where: { $0.name != model.name && ModelReference($0.name).shortName == name }) {
      // Two folders have the same name: show the parent folder too.
      name = model.name.split(separator: "/").suffix(2).joined(separator: "/")
    }
    let format = information(model)?.format ?? model.format ?? .f32
    return format == .f32 || format == .stored ? name : "\(name)@\(format.rawValue)"
  }

  /// The error if a number of tokens is too large for a model; otherwise `nil`. A causal model needs room for one more.
  func overflow(_ count: Int, of model: ModelReference, among others: [ModelReference]) -> EngineError? {
    guard let information = information(model), let limit = information.contextLength else { return nil }
    let isCausal = information.family == .causal
    guard isCausal ? count >= limit : count > limit else { return nil }
    let expected = (isCausal ? "fewer than " : "at most ") + NumberText.grouped(limit) + " tokens"
    return EngineError(
      .input, count == limit ? "the prompt fills the context" : "the prompt is too long",
      at: label(model, among: others), expected: expected, found: NumberText.grouped(count) + " tokens",
      hint: "shorten the prompt; nothing was changed")
  }
}

extension Shell {
  /// A path with the home folder in place of `~`.
  func expanded(_ path: String) -> String {
    guard let home = settings.home, path == "~" || path.hasPrefix("~/") else { return path }
    return home + path.dropFirst()
  }
}
