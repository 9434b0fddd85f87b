import EngineAPI

/// Models that are opened by a path, and where models go.
extension PlaygroundState {
  /// Opens a model by a path that was typed. Nothing changes before it is open.
  mutating func openPath(_ reference: ModelReference) -> [Effect] {
    if let information = shell.information(reference) { return place(reference, information.family) }
    shell.pendingModel = PendingModel(reference: reference, place: workPlace)
    shell.notice = openingNotice(reference)
    if case .loading = shell.opened[reference] { return [] }
    shell.opened[reference] = .loading(LoadProgress(fraction: 0, step: "opening"))
    return [.load(reference)]
  }

  /// The model of a typed path is open. It takes its place unless the person has gone on to something else.
  mutating func placePending(_ reference: ModelReference, _ family: ModelFamily) -> [Effect] {
    guard let pending = shell.pendingModel, pending.reference == reference else { return [] }
    shell.pendingModel = nil
    if shell.notice == openingNotice(reference) { shell.notice = nil }
    var place = workPlace
    // What is typed meanwhile is meant for the tab that is open.
    if tab.takes(family) { place.text = pending.place.text }
    guard shell.overlay == nil, place == pending.place else {
      shell.notice = "\(reference.shortName) is open: choose its path again to go there"
      return []
    }
    return self.place(reference, family)
  }

  /// Where the person is and what was begun there.
  private var workPlace: PendingModel.Place {
    PendingModel.Place(tab: tab, model: current.model, text: current.prompt.editor.text, requests: current.begun)
  }

  private func openingNotice(_ reference: ModelReference) -> String { "opening \(reference.name)" }

  /// Puts a model into the open tab, or into the first one that takes its family.
  mutating func place(_ reference: ModelReference, _ family: ModelFamily) -> [Effect] {
    if !tab.takes(family), let tab = TabID(taking: family) { shell.tab = tab }
    guard reference != current.model else { return [] }
    return tabs[shell.tab].use(reference, &shell)
  }
}
