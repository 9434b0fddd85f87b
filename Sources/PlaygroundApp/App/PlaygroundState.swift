import EngineAPI
import Sampling
import TerminalUI

/// Everything that the playground knows: one value, changed only by `update(_:_:)`, shown by `view(_:glyphs:colors:)`.
public struct PlaygroundState: Sendable, Equatable {
  /// What every tab shares.
  var shell: Shell
  /// The tabs.
  var tabs: TabSet
  /// The open lesson: it lies over the person's own tabs, which wait in it.
  var lesson: LessonRun?

  /// The open tab.
  public var tab: TabID { shell.tab }

  /// The theme to draw with.
  public var theme: Theme? {
    (shell.settings.themes.first { $0.name == shell.themeName } ?? shell.settings.themes.first)?.with(shell.heatKind)
  }

  /// What stands in the person's own prompts.
  public var prompts: [TabID: String] {
    Dictionary(uniqueKeysWithValues: TabID.allCases.map { ($0, ownTabs[$0].prompt.editor.text) })
  }

  /// The playground at its start, ready to be shown, and the work that brings it to life.
  ///
  /// - Parameters:
  ///   - models: models to open in place of the default ones, by tab; several of the Generate tab open as streams side
  ///     by side.
  ///   - tab: the tab to begin with.
  ///   - lesson: the number of a lesson to open, from 1.
  ///   - size: the terminal's size.
  public static func initial(
    models: [TabID: [ModelReference]] = [:], tab: TabID = .first,
    lesson: Int? = nil,
    settings: PlaygroundSettings = PlaygroundSettings(), size: Size
  ) -> (state: PlaygroundState, effects: [Effect]) {
    var state = PlaygroundState(
      shell: Shell(settings: settings, tab: tab, size: size), tabs: TabSet(models: models, settings: settings))
    for (tab, draft) in settings.drafts { state.tabs[tab].prompt.editor.setText(draft) }
    var effects: [Effect] = [.listModels]
    if settings.mouse { effects.append(.captureMouse(true)) }
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
      // At small sizes the focus decides which panes are shown.
      shell.layout = Layout(self)
    }
  }

  /// Whose keys count now.
  var keyContext: KeyContext {
    if let overlay = shell.overlay { return overlay.keyContext }
    let tab = current
    return tab.focus.context.traits.contains(.list) && tab.list?.isSearching == true ? .search : tab.focus.context
  }
}
