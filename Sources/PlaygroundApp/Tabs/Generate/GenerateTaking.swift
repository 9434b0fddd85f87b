import EngineAPI
import Sessions
import TerminalUI

/// Showing a text of the tree in a stream.
extension GenerateState {
  mutating func take(_ places: [Place], asFurther: Bool, _ shell: inout Shell) -> [Effect]? {
    guard places.count == 1, isOwn(places[0], shell) else { return nil }
    guard let place = sampledPlace(places[0], in: shell.tree), let run = StreamRun(at: place, in: shell.tree) else {
      takePrompt(at: places[0], shell)
      return []
    }
    if asFurther, streams.contains(where: { $0.run != nil }) {
      guard streams.count < StreamState.most else { return [] }
      if leading.run != nil { addStream(&shell) }
    }
    let index = lead
    let wasRunning = streams[index].isRunning
    releaseSeed(stream: index)
    settle(stream: index, &shell)
    let reader = streams[index].reader ?? shell.tree.addCursor()
    streams[index].reader = reader
    streams[index].waiting = nil
    shell.tree.move(reader, to: [place])
    showPlace(stream: index, shell)
    if !seeds.hasUsed(run.request) { seeds.use(run.request) }
    if !asFurther, prompt.editor.text != run.prompt { prompt.editor.setText(run.prompt) }
    setFocus(.stream(index))
    return wasRunning ? [.cancel(.stream(streams[index].id))] : []
  }

  func standing(_ shell: Shell) -> Place? {
    guard let trace = leading.run?.trace else { return nil }
    return leading.cursor.flatMap { shell.tree.place(trace.promptCount + $0 + 1, on: trace.place) } ?? trace.place
  }

  /// Whether a text belongs to this tab: it is typed or made by a causal model, and no chat.
  private func isOwn(_ place: Place, _ shell: Shell) -> Bool {
    let tree = shell.tree
    guard let model = tree.origin(of: place.node)?.model, tree[tree.root(of: place)]?.source == nil else {
      return false
    }
    if let family = shell.information(model)?.family, !Self.families.contains(family) { return false }
    var next: Place? = place
    while let here = next, let node = tree[here.node] {
      switch tree.origin(of: here.node) {
      case .sampled, .typed, .chosen, .forced: next = node.parent
      default: return false
      }
    }
    // A text of a model that is not open yet may have been typed for a tab of another family.
    return shell.information(model) != nil || sampledPlace(place, in: tree) != nil
  }

  /// The place itself if a request made it; otherwise the start of a request that continues it.
  private func sampledPlace(_ place: Place, in tree: SessionTree) -> Place? {
    if case .sampled = tree.origin(of: place.node) { return place }
    let made = tree[place.node]?.children.first { child in
      guard tree[child]?.parent == place, case .sampled = tree.origin(of: child) else { return false }
      return true
    }
    return made.map { Place($0, 0) }
  }

  /// Puts a typed text into the prompt.
  private mutating func takePrompt(at place: Place, _ shell: Shell) {
    let text = String(decoding: shell.tree.path(to: place).flatMap(\.token.bytes), as: UTF8.self)
    if prompt.editor.text != text { prompt.editor.setText(text) }
    setFocus(.prompt)
  }
}
