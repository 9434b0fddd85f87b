import EngineAPI
import Sessions
import TerminalUI

/// Sessions: the list of them, and putting another one in the place of the open one.
extension PlaygroundState {
  /// Opens the list of sessions, and asks for it.
  mutating func openSessions() -> [Effect] {
    shell.overlay = .sessions(SessionBrowser())
    return [.listSessions]
  }

  /// Handles what happens to the session files.
  mutating func receive(_ event: SessionEvent) -> [Effect] {
    switch event {
    case .saved(let number, let name):
      changeSession(number) { session, notice in
        if session.status == .failing { notice = "the session is saved again" }
        (session.name, session.status, session.problem) = (name, .saved, nil)
      }
      if shell.leavesWhenSaved { return [.leave(code: 0)] }
    case .failing(let number, let reason):
      changeSession(number) { session, notice in
        if session.status != .failing {
          notice = "the session is not saved: \(reason); it is kept in memory and saved when there is room"
        }
        (session.status, session.problem) = (.failing, reason)
      }
    case .notMoved(let error):
      shell.leavesWhenSaved = false
      shell.fail(error)
    case .listed(let sessions):
      guard case .sessions(var browser) = shell.overlay else { break }
      browser.take(sessions)
      shell.overlay = .sessions(browser)
    case .opened(let number, let name, let session, let isReadOnly):
      return show(session, number: number, name: name, isReadOnly: isReadOnly)
    case .refused(_, let error): shell.fail(error)
    }
    return []
  }

  /// Changes what is known of the open session's file, also while a lesson is open, and shows a notice.
  private mutating func changeSession(_ number: Int, _ body: (inout KeptSession, inout String?) -> Void) {
    guard ownSession.number == number else { return }
    var (changed, notice) = (ownSession, String?.none)
    body(&changed, &notice)
    if lesson == nil { shell.session = changed } else { lesson?.ownShell.session = changed }
    if let notice { shell.notice = notice }
  }

  /// Puts a session in the place of the open one: its tree, and its texts in the tabs.
  private mutating func show(_ opened: Session, number: Int, name: String, isReadOnly: Bool) -> [Effect] {
    guard number >= shell.session.number else { return [] }
    var effects = lesson == nil ? stopAllTabs() : leaveLesson()
    var tree = opened.tree
    tree.bounds = shell.tree.bounds
    let places = tree.takeCursors().filter { !$0.isEmpty }
    shell.tree = tree
    shell.session.number = number
    (shell.session.name, shell.session.status) = (name, isReadOnly ? .readOnly : .saved)
    shell.isZoomed = false
    restartTabs()
    effects += takeUp(places)
    shell.notice =
      isReadOnly ? "\(name) is open in another program: here it is for reading, and what is new is not saved" : nil
    return effects
  }

  /// New tabs with the same models and settings.
  private mutating func restartTabs() {
    let old = tabs
    var settings = shell.settings
    settings.drafts = [:]
    tabs = TabSet(
      models: Dictionary(uniqueKeysWithValues: TabID.allCases.map { ($0, old[$0].models) }), settings: settings)
    for tab in TabID.allCases {
      tabs[tab].prompt.history = old[tab].prompt.history
      for model in Set(tabs[tab].models) {
        if let information = shell.information(model) { tabs[tab].didOpen(model, information, shell) }
      }
      // Until its model is open, a tab has no settings of the model's own files yet. They come when it opens.
      if let sampler = old[tab].sampler, shell.information(old[tab].model) != nil { tabs[tab].sampler = sampler }
    }
  }

  /// Shows texts in the tabs that they belong to: those at the cursors of a session, or its last one if it has none.
  private mutating func takeUp(_ cursors: [[Place]]) -> [Effect] {
    var effects: [Effect] = []
    var first: TabID?
    let last = shell.tree.leaves.last { shell.tree.length(of: $0) > 0 }
    for places in cursors + (cursors.isEmpty ? [last.map { [$0] } ?? []] : []) {
      let isInUse = first != nil
      guard let (tab, more) = take(places, asFurther: isInUse) else { continue }
      effects += more
      first = first ?? tab
    }
    if first == nil, !cursors.isEmpty, let last, let (tab, more) = take([last], asFurther: false) {
      effects += more
      first = tab
    }
    if let tab = shell.tabForSession ?? first { shell.tab = tab }
    shell.tabForSession = nil
    return effects
  }

  /// Shows the text that ends at a place, or the lines that end at several, in the tab that it belongs to. Returns the
  /// tab and the effects; `nil` if no tab shows such texts.
  ///
  /// - Parameter asFurther: whether the texts that tabs show already stay, where a tab can show several.
  mutating func take(_ places: [Place], asFurther: Bool) -> (tab: TabID, effects: [Effect])? {
    guard !places.isEmpty, places.allSatisfy(shell.tree.isValid) else { return nil }
    for tab in TabID.allCases {
      if let effects = tabs[tab].take(places, asFurther: asFurther, &shell) { return (tab, effects) }
    }
    return nil
  }

  /// Opens the session that is chosen in the list.
  mutating func openChosenSession(_ browser: SessionBrowser) -> [Effect] {
    guard let chosen = browser.chosen else { return [] }
    shell.overlay = nil
    guard shell.session.name != chosen.name || shell.session.status != .saved else {
      shell.notice = "\(chosen.name) is open already"
      return []
    }
    let effects = stopAllTabs()
    return effects + [.openSession(path: chosen.path, number: shell.session.number + 1)]
  }

  /// Removes the session that is chosen in the list, once it is asked for twice.
  mutating func removeChosenSession(key: String?) -> [Effect] {
    guard case .sessions(var browser) = shell.overlay, let chosen = browser.chosen else { return [] }
    guard browser.removing == chosen.path else {
      browser.removing = chosen.path
      shell.overlay = .sessions(browser)
      shell.notice = "\(key ?? "the key") again removes \(chosen.name) for good"
      return []
    }
    browser.removing = nil
    shell.overlay = .sessions(browser)
    return [.removeSession(path: chosen.path)]
  }
}

extension PlaygroundState {
  /// Takes what has happened to the user's texts since the last call, to be added to the session's file. Texts of
  /// lessons are not kept.
  public mutating func takeSessionRecords() -> (number: Int, records: [SessionRecord]) {
    if lesson != nil {
      return (lesson?.ownShell.session.number ?? 0, lesson?.ownShell.tree.takeRecords() ?? [])
    }
    return (shell.session.number, shell.tree.takeRecords())
  }
}
