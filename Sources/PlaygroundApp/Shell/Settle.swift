import EngineAPI

/// After every message: whatever the screen shows now and does not know yet is asked for. Nothing else asks for tokens,
/// distributions or fillings, so an answer can never be forgotten, and a question that stands is never asked twice.
extension PlaygroundState {
  mutating func settle(fittingTexts: Bool = true) -> [Effect] {
    var effects = openModels()
    effects += tabs[shell.tab].settle(&shell)
    shell.layout = Layout(self)
    fit(texts: fittingTexts)
    effects += tabs[shell.tab].ask(&shell)
    return effects + tabs[shell.tab].askPieces(&shell)
  }

  private mutating func openModels() -> [Effect] {
    var effects: [Effect] = []
    for model in current.models where shell.opened[model] == nil {
      shell.opened[model] = .loading(LoadProgress(fraction: 0, step: "opening"))
      effects.append(.load(model))
    }
    return effects
  }

  /// Tells lists and editors how much room they have.
  private mutating func fit(texts: Bool) {
    let layout = shell.layout
    if let pane = layout[.prompt] { current.prompt.editor.keepCursorVisible(in: PromptView.room(pane).size) }
    for pane in layout.panes { tabs[shell.tab].fitInPane(pane, texts: texts, shell) }
    fitOverlay()
  }
}
