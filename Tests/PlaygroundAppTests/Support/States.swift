import EngineAPI
import TerminalUI

@testable import PlaygroundApp

/// Short names for what the tests look at.
extension PlaygroundState {
  var generate: GenerateState {
    get { tabs[GenerateState.self] }
    set { tabs[GenerateState.self] = newValue }
  }
  var fillMask: FillMaskState {
    get { tabs[FillMaskState.self] }
    set { tabs[FillMaskState.self] = newValue }
  }
  var translate: TranslateState {
    get { tabs[TranslateState.self] }
    set { tabs[TranslateState.self] = newValue }
  }
  var classify: ClassifyState {
    get { tabs[ClassifyState.self] }
    set { tabs[ClassifyState.self] = newValue }
  }
  var compare: CompareState {
    get { tabs[CompareState.self] }
    set { tabs[CompareState.self] = newValue }
  }
  var inside: InsideState {
    get { tabs[InsideState.self] }
    set { tabs[InsideState.self] = newValue }
  }
  var prompt: PromptState {
    get { current.prompt }
    set { current.prompt = newValue }
  }
  var overlay: Overlay? {
    get { shell.overlay }
    set { shell.overlay = newValue }
  }
  var notice: String? {
    get { shell.notice }
    set { shell.notice = newValue }
  }
  var opened: [ModelReference: ModelStatus] {
    get { shell.opened }
    set { shell.opened = newValue }
  }
  var models: [ModelSummary] {
    get { shell.models }
    set { shell.models = newValue }
  }
  var size: Size {
    get { shell.size }
    set { shell.size = newValue }
  }
  var lastVersion: Int {
    get { shell.lastVersion }
    set { shell.lastVersion = newValue }
  }
  var heat: HeatMeasure { shell.heat }
  var focusOrder: [Focus] { current.focusOrder }

  /// Calls `body` with a tab and the shell, both of which it may change.
  mutating func with<Wanted: Tab, Result>(
    _ type: Wanted.Type, _ body: (inout Wanted, inout Shell) -> Result
  ) -> Result {
    var tab = tabs[type]
    defer { tabs[type] = tab }
    return body(&tab, &shell)
  }
}
