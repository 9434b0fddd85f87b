import EngineAPI

/// Opening models by path, and choosing the tab for a model.
extension PlaygroundState {
  /// Opens the model that a tab wants opened in the tab of its family.
  mutating func openWantedModel() -> [Effect] {
    guard let reference = shell.wantedModel else { return [] }
    shell.wantedModel = nil
    // Retry a model that failed to open.
    if case .failed = shell.opened[reference] { shell.opened[reference] = nil }
    return openPath(reference, leavesTab: true)
  }

  /// Starts to open a model by a typed path. The tab keeps its model until the new one is open.
  ///
  /// - Parameter leavesTab: whether the model opens in the first tab that takes its family, even if the open tab takes
  ///   it as well.
  mutating func openPath(_ reference: ModelReference, leavesTab: Bool = false) -> [Effect] {
    if let information = shell.information(reference) {
      return place(reference, information.family, leavesTab: leavesTab)
    }
    shell.pendingModel = PendingModel(reference: reference, place: workPlace, leavesTab: leavesTab)
    shell.notice = openingNotice(reference)
    if case .loading = shell.opened[reference] { return [] }
    shell.opened[reference] = .loading(LoadProgress(fraction: 0, step: "opening"))
    return [.load(reference)]
  }

  /// Called when the model of a typed path has been opened. Uses it unless the user has done something else meanwhile.
  mutating func placePending(_ reference: ModelReference, _ family: ModelFamily) -> [Effect] {
    guard let pending = shell.pendingModel, pending.reference == reference else { return [] }
    shell.pendingModel = nil
    if shell.notice == openingNotice(reference) { shell.notice = nil }
    var place = workPlace
    // Text typed meanwhile does not count as something else if the open tab takes the model.
    if tab.takes(family) { place.text = pending.place.text }
    guard shell.overlay == nil, place == pending.place else {
      shell.notice = "\(reference.shortName) is open: choose its path again to go there"
      return []
    }
    return self.place(reference, family, leavesTab: pending.leavesTab)
  }

  /// The open tab, its model, its prompt and its requests, to detect whether the user has done something else
  /// meanwhile.
  private var workPlace: PendingModel.Place {
    PendingModel.Place(tab: tab, model: current.model, text: current.prompt.editor.text, requests: current.begun)
  }

  private func openingNotice(_ reference: ModelReference) -> String { "opening \(reference.name)" }

  /// Puts a model into the open tab, or into the first one that takes its family.
  mutating func place(_ reference: ModelReference, _ family: ModelFamily, leavesTab: Bool = false) -> [Effect] {
    if leavesTab || !tab.takes(family), let tab = TabID(taking: family) { shell.tab = tab }
    guard reference != current.model else { return [] }
    return tabs[shell.tab].use(reference, &shell)
  }
}
