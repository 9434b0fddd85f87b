import EngineAPI
import Sampling
import TerminalUI

/// The complete state of the playground, a value. Only `update(_:_:)` changes it; `view(_:glyphs:colors:)` draws it.
public struct PlaygroundState: Sendable, Equatable {
  /// What every tab shares.
  var shell: Shell
  /// The tabs.
  var tabs: TabSet
  /// The open lesson, if any. It keeps the user's own tabs until it is left.
  var lesson: LessonRun?

  /// The open tab.
  public var tab: TabID { shell.tab }

  /// Whether an error has been shown.
  public var hasFailed: Bool { shell.hasFailed }

  /// The theme to draw with.
  public var theme: Theme? {
    (shell.settings.themes.first { $0.name == shell.theme } ?? shell.settings.themes.first)?.with(shell.heatKind)
  }

  /// The texts of the user's own prompts, also while a lesson is open.
  public var prompts: [TabID: String] {
    Dictionary(uniqueKeysWithValues: TabID.allCases.map { ($0, ownTabs[$0].prompt.editor.text) })
  }

  /// The initial state, ready to be drawn, and the effects to run first.
  ///
  /// - Parameters:
  ///   - models: models to open in place of the default ones, by tab; several of the Generate tab open as streams side
  ///     by side.
  ///   - tab: the tab to begin with.
  ///   - lesson: the number of a lesson to open, from 1.
  ///   - session: the path of a session to open.
  ///   - keepsTab: whether `tab` stays open whatever texts the session has.
  ///   - size: the terminal's size.
  public static func initial(
    models: [TabID: [ModelReference]] = [:], tab: TabID = .first,
    lesson: Int? = nil, session: String? = nil, keepsTab: Bool = false,
    settings: PlaygroundSettings = PlaygroundSettings(), size: Size
  ) -> (state: PlaygroundState, effects: [Effect]) {
    var state = PlaygroundState(
      shell: Shell(settings: settings, tab: tab, size: size), tabs: TabSet(models: models, settings: settings))
    if settings.keepsSession { state.shell.tree.startRecording() }
    for (tab, draft) in settings.drafts { state.tabs[tab].prompt.editor.setText(draft) }
    var effects: [Effect] = [.listModels]
    if settings.mouse { effects.append(.captureMouse(true)) }
    if session != nil, keepsTab { state.shell.tabForSession = tab }
    if let session { effects.append(.openSession(path: session, number: 1)) }
    if let lesson { effects += state.openLesson(lesson - 1) }
    effects += state.settle()
    return (state, state.followLesson(effects))
  }
}

/// The open tab and its parts.
extension PlaygroundState {
  /// The open tab.
  var current: any Tab {
    get { tabs[shell.tab] }
    _modify { yield &tabs[shell.tab] }
  }

  /// The pane with the focus.
  var focus: Focus {
    get { current.focus }
    set {
      current.setFocus(newValue)
      // On small screens the visible panes depend on the focus.
      shell.layout = Layout(self)
    }
  }

  /// The context whose keys are active.
  var keyContext: KeyContext {
    if let overlay = shell.overlay { return overlay.keyContext }
    let tab = current
    return tab.focus.context.traits.contains(.list) && tab.list?.isSearching == true ? .search : tab.focus.context
  }
}
