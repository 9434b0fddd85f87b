import EngineAPI

/// Queries.
extension SessionTree {
  /// The node of an identifier; `nil` if it was pruned or never existed.
  public subscript(id: NodeID) -> Node? {
    nodes.contains(index: id.number) ? nodes[id.number] : nil
  }

  /// The origin of an identifier; `nil` if it never existed or all its nodes were pruned.
  public subscript(id: OriginID) -> Origin? { acts.contains(index: id.number) ? acts[id.number]?.origin : nil }

  /// The origin of a node.
  public func origin(of node: NodeID) -> Origin? { self[node].flatMap { self[$0.origin] } }

  /// Whether a place exists.
  public func isValid(_ place: Place) -> Bool {
    guard let node = self[place.node] else { return false }
    return place.count >= 0 && place.count <= node.tokens.count
  }

  /// The place after the last token of a node.
  public func end(of node: NodeID) -> Place { Place(node, self[node]?.tokens.count ?? 0) }

  /// The number of tokens before a place, from the beginning of the text.
  public func length(of place: Place) -> Int { self[place.node].map { $0.start + place.count } ?? 0 }

  /// The place on a path with `length` tokens before it, in the node that contains the last of those tokens. Takes
  /// logarithmic time in the number of nodes.
  public func place(_ length: Int, on place: Place) -> Place? {
    guard length >= 0, length <= self.length(of: place) else { return nil }
    guard var node = self[place.node] else { return nil }
    while node.start >= length, let parent = node.parent {
      // Follow the jump only if its target still begins at or after `length`; otherwise it would skip the node.
      let next = node.jump.flatMap { self[$0] }.flatMap { $0.start >= length ? $0.id : nil } ?? parent.node
      guard let above = self[next] else { return nil }
      node = above
    }
    return Place(node.id, length - node.start)
  }

  /// The sum of the known log-probabilities of the tokens before a place. The time depends neither on the length of the
  /// text nor on the size of the tree.
  public func logprob(of place: Place) -> Double {
    self[place.node].map { $0.logprobBefore + $0.tokens.logprob(ofFirst: place.count) } ?? 0
  }

  /// Changes with every node that is added, removed, pruned or brought back. Appended tokens do not change it.
  public var shapeVersion: Int { shape.value }

  /// The tokens of a path from `index` on. The time depends on the number of nodes, not of tokens.
  public func path(to place: Place, from index: Int = 0) -> TokenPath {
    let index = max(0, index)
    var segments: [TokenPath.Segment] = []
    var next: Place? = place
    while let here = next, let node = self[here.node] {
      let first = max(index, node.start)
      let end = node.start + min(here.count, node.tokens.count)
      if end > first {
        segments.append(
          TokenPath.Segment(
            run: node.tokens, node: node.id, isByHand: self[node.origin]?.isByHand ?? false, first: first - node.start,
            start: first - index, end: end - index))
      }
      next = node.start > index ? node.parent : nil
    }
    return TokenPath(segments.reversed())
  }

  /// Whether two places have the same text. They may differ as places: the end of a node and the start of its child
  /// have the same text.
  public func isSameText(_ left: Place, _ right: Place) -> Bool { trimmed(left) == trimmed(right) }

  /// The canonical place with the same text: moves from the start of a node to the end of its parent.
  private func trimmed(_ place: Place) -> Place {
    var place = place
    while place.count == 0, let parent = self[place.node]?.parent { place = parent }
    return place
  }

  /// The root node of a place's text.
  public func root(of place: Place) -> NodeID {
    var node = self[place.node]
    while let here = node, let parent = here.parent { node = here.jump.flatMap { self[$0] } ?? self[parent.node] }
    return node?.id ?? place.node
  }

  /// The nodes with the same parent place and origin, in order of creation, including the node itself: the beams of a
  /// search, the fillings of a text.
  public func siblings(of node: NodeID) -> [NodeID] {
    guard let here = self[node] else { return [] }
    let all = here.parent.map { self[$0.node]?.children ?? [] } ?? roots
    return all.filter { self[$0].map { $0.parent == here.parent && $0.origin == here.origin } ?? false }
  }

  /// The context for continuing at a place: the ids of its path and, for a translation, of its source.
  ///
  /// - Parameter model: the model that continues; `nil` means the model that made the place.
  public func context(at place: Place, model: ModelReference? = nil) -> ModelContext? {
    guard let own = model ?? origin(of: place.node)?.model else { return nil }
    let root = root(of: place)
    let source = if case .filling = origin(of: root) { nil as Place? } else { self[root]?.source }
    return ModelContext(model: own, encoderIDs: source.map { path(to: $0).ids }, ids: path(to: place).ids)
  }

  /// The mask-filling request that made a node, including the ids of the masked text; `nil` if the node has another
  /// origin.
  public func fillMaskRequest(of node: NodeID) -> FillMaskRequest? {
    guard let here = self[node], case .filling(var request) = self[here.origin], let source = here.source else {
      return nil
    }
    request.context.ids = path(to: source).ids
    return request
  }

  /// The generation request that made a node, with the ids of the path before it; `nil` if the node has another origin.
  public func generationRequest(of node: NodeID) -> GenerationRequest? {
    guard let here = self[node], case .sampled(var request) = self[here.origin] else { return nil }
    let place = here.parent ?? Place(node, 0)
    if let context = context(at: place, model: request.context.model) { request.context = context }
    return request
  }

  /// The beam request that made a node, with the ids of the path before it; `nil` if the node has another origin.
  public func beamRequest(of node: NodeID) -> BeamRequest? {
    guard let here = self[node], case .beam(var request) = self[here.origin] else { return nil }
    let place = here.parent ?? Place(node, 0)
    if let context = context(at: place, model: request.context.model) { request.context = context }
    return request
  }

  /// Whether the text that ends at a place is pruned.
  public func isPruned(_ place: Place) -> Bool {
    var next: Place? = place
    while let here = next, let node = self[here.node] {
      if node.hides(here.count) { return true }
      next = node.parent
    }
    return false
  }

  /// The place after the last token of a node that is shown.
  public func shownEnd(of node: NodeID) -> Place {
    let end = end(of: node)
    return Place(node, self[node]?.prunedFrom.map { min($0, end.count) } ?? end.count)
  }

  /// The number of nodes that were ever added.
  public var nodeCount: Int { nodes.count }

  /// All nodes, parents before their children.
  public var allNodes: some Sequence<Node> { (0..<nodes.count).lazy.compactMap { nodes[$0] } }
}

extension SessionTree.Node {
  /// Whether what continues the first `count` tokens is pruned. A first node without tokens, that of a translation, is
  /// pruned as a whole.
  func hides(_ count: Int) -> Bool {
    guard let prunedFrom else { return false }
    return count > prunedFrom || prunedFrom == 0 && parent == nil && tokens.isEmpty
  }
}
