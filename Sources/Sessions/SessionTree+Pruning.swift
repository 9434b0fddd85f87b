/// Pruning, which keeps a tree within its bounds.
extension SessionTree {
  /// Removes the least recently left texts until the number of tokens without a cursor is within the bounds, and the
  /// most probable tokens beside those of texts left least recently.
  ///
  /// Never removed: the texts that cursors are in, the next undo and redo place of each cursor, named and marked
  /// places, the sources of kept translations, the turns before kept turns, and every node before a kept place. Undo
  /// and redo moves to removed places are dropped.
  public mutating func prune() {
    pruneTops()
    let allowed = bounds.tokens
    guard tokenCount > allowed else { return }
    let needed = neededCounts()
    var left = tokenCount - needed.values.reduce(0, +)
    guard left > allowed else { return }
    let order = allNodes.filter { node in needed[node.id].map { $0 < node.tokens.count } ?? !isDraft(node.id) }
      .map { (time: $0.lastLeft, id: $0.id) }
      .sorted { $0 < $1 }
    var sources: [NodeID: Int] = [:]
    for root in roots { if let source = self[root]?.source { sources[source.node, default: 0] += 1 } }
    for (_, id) in order where left > allowed { left -= removeUnneeded(id, needed, &sources) }
    let pruned = self
    keepMoves { $0.allSatisfy(pruned.isValid) }
  }

  /// Removes the most probable tokens beside those of the nodes left least recently, until they are within the bounds.
  /// Removes an eighth more than necessary, so that the next texts need no pruning. Files keep them.
  private mutating func pruneTops() {
    guard topCount > bounds.tops else { return }
    let order = allNodes.filter { $0.tokens.topCount > 0 }.map { (time: $0.lastLeft, id: $0.id) }.sorted { $0 < $1 }
    for (_, id) in order where topCount > bounds.tops / 8 * 7 {
      topCount -= self[id]?.tokens.topCount ?? 0
      nodes[id.number]?.tokens.removeTops()
    }
  }

  /// Filters the undo and redo moves of all cursors.
  private mutating func keepMoves(_ isKept: ([Place]) -> Bool) {
    for (id, cursor) in cursors {
      let past = cursor.past.filter(isKept)
      let undone = cursor.undone.filter(isKept)
      cursors[id] = SessionCursor(places: cursor.places, past: past, undone: undone)
    }
  }

  /// The number of tokens of each node that cursors, names and marks need.
  private func neededCounts() -> [NodeID: Int] {
    var needed: [NodeID: Int] = [:]
    for cursor in cursors.values where !isWriting(cursor) {
      for places in [cursor.places, cursor.past.last ?? [], cursor.undone.last ?? []] {
        for place in places {
          mark(place, &needed)
          for node in together(with: place.node) where node != place.node { mark(end(of: node), &needed) }
        }
      }
    }
    for node in allNodes {
      for count in node.labels.keys { mark(Place(node.id, count), &needed) }
      for count in node.marks { mark(Place(node.id, count), &needed) }
    }
    return needed
  }

  /// Marks a path as needed. Stops at a node that is already marked, because the nodes before it are marked too.
  private func mark(_ place: Place, _ needed: inout [NodeID: Int]) {
    var next: Place? = place
    while let here = next, let node = self[here.node] {
      let known = needed[node.id]
      needed[node.id] = max(known ?? 0, here.count)
      if known == nil, let before = turnBefore(node.id) { mark(before, &needed) }
      next = known == nil ? node.parent ?? node.source : nil
    }
  }

  /// Removes a node, or its tokens after the last needed one. Also removes ancestors that are then no longer needed.
  ///
  /// - Parameter sources: the number of translations of each source node.
  /// - Returns: the number of removed tokens.
  private mutating func removeUnneeded(_ id: NodeID, _ needed: [NodeID: Int], _ sources: inout [NodeID: Int]) -> Int {
    var removed = 0
    for id in together(with: id) {
      var next: NodeID? = id
      while let here = next, let node = self[here] {
        let attached = node.children.compactMap { self[$0]?.parent?.count }.max()
        let isSource = sources[here, default: 0] > 0
        if needed[here] == nil, attached == nil, !isSource {
          removed += node.tokens.count
          if let source = node.source { sources[source.node, default: 1] -= 1 }
          remove(here)
          next = node.parent?.node ?? node.source?.node
          // An ancestor that was left later is considered in its own turn.
          if let parent = next, let above = self[parent], above.lastLeft > node.lastLeft { next = nil }
        } else {
          let kept = isSource ? node.tokens.count : max(needed[here] ?? 0, attached ?? 0)
          let extra = max(0, node.tokens.count - kept)
          cut(here, to: kept)
          removed += extra
          next = nil
        }
      }
    }
    return removed
  }

  /// Keeps the first `count` tokens of a node.
  mutating func cut(_ id: NodeID, to count: Int) {
    guard let node = self[id], count < node.tokens.count else { return }
    tokenCount -= node.tokens.count - count
    nodes[id.number]?.tokens.truncate(to: count)
    topCount -= node.tokens.topCount - (self[id]?.tokens.topCount ?? 0)
    if let pruned = node.prunedFrom { nodes[id.number]?.prunedFrom = min(pruned, count) }
    shape.value += 1
    note(.cut(id, count: count))
  }

  /// Removes a node without children, and its origin if it was the last node of it.
  mutating func remove(_ id: NodeID) {
    guard let node = self[id] else { return }
    tokenCount -= node.tokens.count
    topCount -= node.tokens.topCount
    if isDraft(id) { note(edits: -1, bytes: -editBytes(of: id)) }
    forgetTyped(node)
    if let act = acts[node.origin.number] {
      acts[node.origin.number] = act.nodes > 1 ? Act(origin: act.origin, nodes: act.nodes - 1) : nil
    }
    if let parent = node.parent {
      nodes[parent.node.number]?.children.removeAll { $0 == id }
    } else {
      roots.removeAll { $0 == id }
    }
    nodes[id.number] = nil
    shape.value += 1
    note(.remove(id))
  }
}
