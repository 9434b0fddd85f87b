import EngineAPI
import Sampling
import Sessions
import TerminalUI

/// A text of the tree that an engine makes.
struct TreeGrowth: Sendable, Equatable {
  /// The most texts that grow at once.
  static let most = 9

  /// The node that its tokens are added to.
  var node: NodeID
  /// The version of its request.
  var version: Int
}

/// Growing texts.
extension TreeState {
  /// Grows texts, with consecutive seeds: at the cursor in the text; from the tree, those that continue the selected
  /// row or, if nothing continues it and a model made it, those beside it.
  mutating func grow(_ count: Int, _ shell: inout Shell) -> [Effect] {
    guard let row = selected, var place = cursorPlace(shell.tree) else {
      shell.notice = "there is no text yet: a text of another tab grows here"
      return []
    }
    if focus == .tree, outline.rows[row].children.isEmpty, case .sampled = shell.tree.origin(of: place.node) {
      place = outline.beginning(of: row, in: shell.tree)
    }
    return grow(count, at: place, like: trace?.place ?? place, &shell)
  }

  /// Takes the chosen candidate at the cursor, and grows a text from there.
  mutating func growChosen(_ shell: inout Shell) -> [Effect] {
    guard let candidate = candidateToTake(&shell), let here = trace?.place, let place = cursorPlace(shell.tree) else {
      return []
    }
    let model = model
    let chosen = shell.tree.branch(
      at: place, [ScoredToken(candidate, of: lists[0].answer)], by: shell.tree.add(.chosen(model: model)))
    // Undo prunes the chosen token with what grew from it.
    history.add(.grow([chosen.node]))
    setFocus(.tree)
    return grow(1, at: chosen, like: here, isNoted: false, &shell)
  }

  /// Grows texts from a place by the request that made a text nearby.
  private mutating func grow(
    _ count: Int, at place: Place, like text: Place, isNoted: Bool = true, _ shell: inout Shell
  ) -> [Effect] {
    guard let request = request(at: place, like: text, &shell) else { return [] }
    let free = TreeGrowth.most - growths.count
    if count > free {
      shell.notice = "\(NumberText.words(TreeGrowth.most)) texts at most grow at once"
    }
    var effects: [Effect] = []
    var nodes: [NodeID] = []
    for (grown, request) in shell.tree.branches(at: place, request, count: min(count, free)) {
      guard let slot = (0..<TreeGrowth.most).first(where: { growths[$0] == nil }) else { break }
      let version = shell.nextVersion()
      growths[slot] = TreeGrowth(node: grown.node, version: version)
      nodes.append(grown.node)
      effects.append(.generate(Ticket(.growth(slot), version: version), request))
    }
    if !nodes.isEmpty, isNoted { history.add(.grow(nodes)) }
    return effects
  }

  /// The request for texts that continue a place. `nil`, with a notice, if a model can't do that.
  private func request(at place: Place, like text: Place, _ shell: inout Shell) -> GenerationRequest? {
    let model = model
    let length = shell.tree.length(of: place)
    let isTranslation = shell.tree[shell.tree.root(of: place)]?.source != nil
    switch shell.opened[model] {
    case .ready(let information):
      guard information.family == .causal, !isTranslation else {
        shell.notice = "\(model.shortName) does not continue texts: its own tab does more with this one"
        return nil
      }
      guard information.contextLength.map({ length < $0 }) ?? true else {
        shell.notice = "the context is full: no token has room after this one"
        return nil
      }
    case .failed(let error):
      shell.fail(error)
      return nil
    case nil, .loading:
      guard !isTranslation else {
        shell.notice = "a translation grows in its own tab"
        return nil
      }
    }
    let prompt = promptCount(at: place, shell.tree)
    var request =
      sampledRequest(near: text, shell.tree)
      ?? GenerationRequest(
        context: ModelContext(model: model, ids: []), settings: settings(at: text, shell),
        maxTokens: shell.information(model)?.decoding.length.maxNewTokens ?? shell.settings.maxTokens,
        seed: shell.settings.seed, topCount: SessionTree.keptTops)
    if request.maxTokens <= 1 { request.maxTokens = shell.settings.maxTokens }
    request.context.model = model
    request.promptCount = prompt
    request.sequence = length - prompt
    if let information = shell.information(model) {
      request.stopStrings = information.decoding.length.stopStrings
      request.maxSeconds = information.decoding.length.maxTime
    }
    return request
  }

  /// The last request that sampled a part of a text.
  private func sampledRequest(near place: Place, _ tree: SessionTree) -> GenerationRequest? {
    var next: Place? = place
    while let here = next {
      if case .sampled(let request) = tree.origin(of: here.node) { return request }
      next = tree[here.node]?.parent
    }
    return nil
  }

  /// The settings for what follows a place.
  func settings(at place: Place, _ shell: Shell) -> SamplingSettings {
    sampledRequest(near: place, shell.tree)?.settings ?? shell.information(model)?.decoding.settings
      ?? shell.settings.sampling ?? SamplingSettings()
  }

  /// The number of tokens of a text that are its prompt.
  func promptCount(at place: Place, _ tree: SessionTree) -> Int {
    let length = tree.length(of: place)
    if let request = sampledRequest(near: place, tree) { return min(request.promptCount, length) }
    return length
  }

  /// Whether a node is being made.
  func isGrowing(_ node: NodeID) -> Bool { growths.values.contains { $0.node == node } }

  // MARK: Events

  mutating func receive(event: TokenEvent, _ ticket: Ticket, _ shell: inout Shell) {
    let slot = ticket.slot.index
    guard ticket.slot == .growth(slot), let growth = growths[slot], growth.version == ticket.version else { return }
    switch event {
    case .prompt: break
    case .token(let token, text: _):
      // Release the reference to the tree's storage, so that appending does not copy a chunk.
      if trace?.place.node == growth.node { trace?.tokens = TokenPath() }
      shell.tree.append(token.kept, to: growth.node)
      if trace?.place.node == growth.node { trace?.place.count = -1 }
    case .finished(let reason, text: _, let timing):
      growths[slot] = nil
      shell.tree.finish(growth.node, Outcome(reason, timing: timing))
      if case .failed(let error) = reason { shell.fail(error) }
    }
  }

  mutating func stop(_ shell: inout Shell) -> [Effect]? {
    guard !growths.isEmpty else { return nil }
    return growths.values.map(\.node).sorted().flatMap { stop($0, &shell) }
  }

  /// Stops the growth of a node, if it grows, and keeps its text.
  mutating func stop(_ node: NodeID, _ shell: inout Shell) -> [Effect] {
    guard let slot = growths.first(where: { $0.value.node == node })?.key else { return [] }
    growths[slot] = nil
    shell.tree.finish(node, Outcome(.interrupted))
    return [.cancel(.growth(slot))]
  }
}

extension Slot {
  /// A text of the tree that grows.
  public static func growth(_ index: Int) -> Slot { Slot(.tree, "growth", index) }
}
