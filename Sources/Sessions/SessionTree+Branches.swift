import EngineAPI

/// Names, marks, siblings and removal of branches.
extension SessionTree {
  /// The places with a name, in order of creation of their nodes, with the names.
  public var namedPlaces: [(place: Place, name: String)] {
    allNodes.flatMap { node in node.labels.sorted { $0.key < $1.key }.map { (Place(node.id, $0.key), $0.value) } }
  }

  /// The marked places, in order of creation of their nodes.
  public var markedPlaces: [Place] { allNodes.flatMap { node in node.marks.sorted().map { Place(node.id, $0) } } }

  /// The ends of texts: places that no node continues, in order of creation. Versions of prompts and pruned texts are
  /// left out.
  public var leaves: [Place] {
    var pruned: Set<NodeID> = []
    return allNodes.compactMap { node in
      // Parents come before their children.
      let isHidden = node.parent.map { pruned.contains($0.node) || self[$0.node]?.hides($0.count) ?? false } ?? false
      if isHidden { pruned.insert(node.id) }
      guard !isHidden, node.prunedFrom != 0 else { return nil }
      let end = shownEnd(of: node.id)
      let isContinued = node.children.contains { self[$0]?.parent == end && isShown($0) }
      return isDraft(node.id) || isContinued ? nil : end
    }
  }

  /// Whether a node that is not hidden by those before it has something to show: its tokens, or children that begin
  /// where it does.
  private func isShown(_ node: NodeID) -> Bool {
    var open = [node]
    while let next = open.popLast(), let here = self[next] {
      if here.prunedFrom != 0 { return true }
      open += here.children.filter { self[$0]?.parent?.count == 0 }
    }
    return false
  }

  /// Adds nodes for several texts that continue a place, with consecutive seeds. Seeds that have made a text there by
  /// an equal request are left out.
  ///
  /// - Parameters:
  ///   - place: the place to continue.
  ///   - request: the request for each text. Its seed is the first one that is tried.
  ///   - count: the number of texts.
  /// - Returns: the new nodes, which have no tokens yet, with the requests that make them; empty if there is no such
  ///   place.
  public mutating func branches(
    at place: Place, _ request: GenerationRequest, count: Int
  ) -> [(place: Place, request: GenerationRequest)] {
    guard isValid(place), let context = context(at: place, model: request.context.model) else { return [] }
    var request = request
    request.context = context
    var used = usedSeeds(at: place, of: request)
    return (0..<max(0, count)).map { _ in
      while !used.insert(request.seed).inserted { request.seed &+= 1 }
      return (branch(at: place, by: add(.sampled(request))), request)
    }
  }

  /// The seeds of the requests that made the texts at a place and differ from `request` in nothing else.
  private func usedSeeds(at place: Place, of request: GenerationRequest) -> Set<UInt64> {
    let alike = { (request: GenerationRequest) in
      var request = request
      request.seed = 0
      request.context.ids = []
      request.context.encoderIDs = nil
      // Ignore what changes no token: the limit of the length, the listed candidates, the way of computing.
      (request.maxTokens, request.topCount, request.promptChunk, request.speculation) = (0, 0, 0, .off)
      return request
    }
    let wanted = alike(request)
    let seeds = (self[place.node]?.children ?? []).compactMap { child -> UInt64? in
      guard self[child]?.parent == place, case .sampled(let made) = origin(of: child), alike(made) == wanted else {
        return nil
      }
      return made.seed
    }
    return Set(seeds)
  }
}
