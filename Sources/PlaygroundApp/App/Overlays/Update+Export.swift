import EngineAPI
import Sessions
import TerminalUI

/// Exporting the session and the screen to files.
extension PlaygroundState {
  /// The endings of file names that choose a form, with the form in words.
  private static let exportForms: [(ending: String, words: String)] = {
    let forms: [SessionFormat] = [.html, .md, .csv, .jsonl, .ansi]
    return forms.map { (ending: $0.rawValue, words: $0.words) } + [(ending: "svg", words: "a picture of the screen")]
  }()

  /// The rows while the name of a file is typed: that name if its ending is one of a form, else one name for each form.
  func exportItems(_ typed: String) -> [PickerItem] {
    let name = typed.withoutOuterSpaces
    if let words = Self.exportWords(name) { return [PickerItem(name: name, detail: words, choice: .exportName(name))] }
    let stem = name.isEmpty || name.hasSuffix("/") ? name + exportStem : name
    return Self.exportForms.map { form in
      let name = "\(stem).\(form.ending)"
      return PickerItem(name: name, detail: form.words, choice: .exportName(name))
    }
  }

  /// The form that a file name asks for, in words; `nil` if its ending is no form's.
  private static func exportWords(_ name: String) -> String? {
    SessionFormat(fileName: name)?.words ?? (isPicture(name) ? exportForms.last?.words : nil)
  }

  private static func isPicture(_ name: String) -> Bool { name.lowercased().hasSuffix(".svg") }

  /// The words of the session's file name, without its date, its time and its ending.
  private var exportStem: String {
    guard let name = ownSession.name, !name.isEmpty else { return "triptych" }
    let stem = name.lastIndex(of: ".").map { $0 > name.startIndex ? name[..<$0] : name[...] } ?? name[...]
    let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
    let isDated = parts.count > 4 && parts.prefix(4).allSatisfy { $0.allSatisfy(\.isNumber) }
    return isDated ? parts.dropFirst(4).joined(separator: "-") : String(stem)
  }

  /// The effect that writes a file of this name.
  mutating func export(to name: String) -> [Effect] {
    let path = shell.expanded(name)
    guard let format = SessionFormat(fileName: name) else {
      let picture = ScreenSVG(view(self), theme: theme ?? .standard, title: "Triptych").document
      return [.exportScreen(svg: picture, path: path)]
    }
    guard shell.tree.tokenCount > 0 else {
      shell.notice = "there is no text to export yet"
      return []
    }
    return [.exportSession(exportedSession, format, path: path)]
  }

  /// The texts of the screen with their models.
  private var exportedSession: Session {
    var session = Session()
    var seen: Set<ModelReference> = []
    for node in shell.tree.allNodes {
      guard let model = shell.tree.origin(of: node.id)?.model, model != .none, seen.insert(model).inserted else {
        continue
      }
      let information = shell.information(model)
      session.add(
        SessionModel(
          reference: model, path: information?.summary.path ?? "", format: information?.format,
          bytes: information?.summary.bytes))
    }
    session.tree = shell.tree
    return session
  }
}

/// Leaving while the session can't be saved.
extension PlaygroundState {
  /// The user's own session, also while a lesson is open.
  var ownSession: KeptSession { lesson?.ownShell.session ?? shell.session }

  /// Asks what to do, instead of leaving, if the session can't be saved.
  mutating func askBeforeLeaving(_ effects: inout [Effect]) {
    let leaves = { (effect: Effect) in if case .leave = effect { true } else { false } }
    guard ownSession.status == .failing, !shell.leavesUnsaved, effects.contains(where: leaves) else { return }
    effects.removeAll(where: leaves)
    openPicker(.leaving)
  }

  /// The rows of what to do with a session that can't be saved.
  var leavingItems: [PickerItem] {
    [
      PickerItem(name: "Save it in another file, then leave", detail: "", choice: .leaving(.saveElsewhere)),
      PickerItem(name: "Leave without saving: what is new is lost", detail: "", choice: .leaving(.leave)),
      PickerItem(name: "Stay", detail: "saved when there is room", choice: .leaving(.stay)),
    ]
  }

  mutating func leave(_ choice: PickerItem.Leaving) -> [Effect] {
    switch choice {
    case .saveElsewhere: openPicker(.sessionFile)
    case .leave:
      shell.leavesUnsaved = true
      return [.leave(code: 0)]
    case .stay: break
    }
    return []
  }

  /// The row while the name of a file for the session is typed.
  func sessionFileItems(_ typed: String) -> [PickerItem] {
    let name = typed.withoutOuterSpaces
    guard !name.isEmpty else {
      let words = "type the name of a file on a disk with room"
      return [PickerItem(name: words, detail: "", choice: .problem(words))]
    }
    return [PickerItem(name: "Save in \(name), then leave", detail: "", choice: .sessionFile(name))]
  }
}
