import EngineAPI

/// The identifier of a node. It never changes and is never reused within a tree.
public struct NodeID: Sendable, Hashable, Comparable {
  /// Counts from 0 in order of creation, so a parent has a lower number than its children.
  public let number: Int

  /// Creates an identifier.
  public init(_ number: Int) { self.number = number }

  /// Whether the left node was created before the right one.
  public static func < (left: NodeID, right: NodeID) -> Bool { left.number < right.number }
}

/// The identifier of an origin in a tree. Nodes made by the same request share it.
public struct OriginID: Sendable, Hashable {
  /// Counts from 0.
  public let number: Int

  init(_ number: Int) { self.number = number }
}

/// A place in a tree: after the first `count` tokens of a node. Its text is the path up to there.
public struct Place: Sendable, Hashable {
  /// The node.
  public var node: NodeID
  /// The number of the node's tokens before the place.
  public var count: Int

  /// Creates a place.
  public init(_ node: NodeID, _ count: Int) {
    self.node = node
    self.count = count
  }
}

/// A tree of tokens in which each text (prompt, completion, beam, filling, translation) is a path. Nodes keep the
/// tokens' probabilities and their origin; cursors keep positions.
///
/// A node has the tokens of one act: a typed prompt, a chosen token, the tokens of one request. A child may begin after
/// any token of its parent, so branching copies no tokens and changes no other node. A text without a cursor stays in
/// the tree until ``SessionTree/prune()`` removes it to keep the bounds.
///
/// The tree is a value. Copies share storage; appending a token to one of two copies copies at most one chunk of 256
/// tokens, one chunk of 256 nodes, and the two lists of chunks.
public struct SessionTree: Sendable, Equatable {
  /// The tokens of one act.
  public struct Node: Sendable, Equatable {
    /// The identifier.
    public let id: NodeID
    /// The place that it continues; `nil` at the beginning of a text.
    public internal(set) var parent: Place?
    /// For the root of a translation, the source text: the encoder's input. For a filling, the text with its masks.
    public internal(set) var source: Place?
    /// How it was made.
    public let origin: OriginID
    /// The number of tokens before its first one, from the beginning of the text.
    public let start: Int
    /// Its tokens.
    public internal(set) var tokens = TokenRun()
    /// The nodes that continue it, in order of creation.
    public internal(set) var children: [NodeID] = []
    /// How its generation ended; `nil` while it is running.
    public internal(set) var outcome: Outcome?
    /// Names of places in it, by the number of its tokens before the place.
    public internal(set) var labels: [Int: String] = [:]
    /// The marked places in it, by the number of its tokens before the place.
    public internal(set) var marks: Set<Int> = []
    /// The number of its tokens that are shown, if the user has pruned the others with everything that continues them;
    /// they are kept, but not shown.
    public internal(set) var prunedFrom: Int?
    /// The sum of the known log-probabilities of the tokens before its first one.
    public let logprobBefore: Double
    /// The number of nodes before it on its path.
    let depth: Int
    /// An ancestor further up, for searching long paths in logarithmic time (Myers, "An applicative random-access
    /// stack", 1983).
    var jump: NodeID?
    /// The value of `clock` when a cursor last left it.
    var lastLeft: Int
  }

  /// An origin and the number of nodes that have it.
  struct Act: Sendable, Equatable {
    var origin: Origin
    var nodes = 0
  }

  /// Limits on what is kept besides the texts that cursors are in.
  public struct Bounds: Sendable, Hashable {
    /// The maximum number of tokens in texts without a cursor.
    public var tokens = 262_144
    /// The maximum number of tokens that the most probable ones are kept beside. The session file keeps those of all.
    public var tops = 16_384
    /// The maximum number of moves of a cursor that can be undone.
    public var moves = 200
    /// The maximum number of versions of a prompt that is being written, for each such prompt.
    public var edits = 2_000
    /// The maximum bytes of text in these versions, for each such prompt.
    public var editBytes = 64 << 20

    /// No limits: nothing is pruned.
    public static let unlimited = Bounds(
      tokens: 1 << 40, moves: 1 << 40, edits: 1 << 40, editBytes: 1 << 40, tops: 1 << 40)

    /// Creates the playground's bounds.
    public init() {}

    /// Creates bounds.
    public init(tokens: Int, moves: Int, edits: Int? = nil, editBytes: Int? = nil, tops: Int? = nil) {
      self.tokens = tokens
      self.moves = moves
      if let tops { self.tops = tops }
      if let edits { self.edits = edits }
      if let editBytes { self.editBytes = editBytes }
    }
  }

  /// Limits on what is kept.
  public var bounds: Bounds
  var nodes = ChunkedArray<Node?>()
  /// The origins, each with the number of its nodes. An origin is removed with its last node.
  var acts = ChunkedArray<Act?>()
  /// The nodes at which texts begin, in order of creation.
  public internal(set) var roots: [NodeID] = []
  /// The number of tokens in all nodes.
  public internal(set) var tokenCount = 0
  /// The number of tokens that the most probable ones are kept beside.
  public internal(set) var topCount = 0
  /// The number of versions of prompts.
  public internal(set) var editCount = 0
  /// The bytes of text in the versions of prompts.
  public internal(set) var editBytes = 0
  /// The cursors, by identifier.
  public internal(set) var cursors: [CursorID: SessionCursor] = [:]
  var nextCursor = 0
  /// The typed nodes by how they begin, so that a text is found among tens of thousands.
  var typedStarts: [TypedStart: NodeID] = [:]
  /// The number of moves made so far.
  var clock = 0
  /// The number of changes of the tree's shape.
  var shape = ChangeCount()
  /// The changes of the tree that have not been saved yet; `nil` if changes are not recorded.
  var journal: Journal?

  /// Creates an empty tree.
  public init(bounds: Bounds = Bounds()) { self.bounds = bounds }

  // MARK: Creation

  /// Adds an origin. All nodes made by one act share one origin, which is removed with the last of them.
  public mutating func add(_ origin: Origin) -> OriginID {
    let id = OriginID(acts.count)
    acts.append(Act(origin: origin.withoutIDs))
    note(.origin(id, origin.withoutIDs))
    return id
  }

  /// Replaces the origin that a node shares with no other.
  mutating func setOrigin(_ origin: Origin, of node: NodeID) {
    guard let id = self[node]?.origin else { return }
    acts[id.number]?.origin = origin
    note(.origin(id, origin))
  }

  /// Adds a root node: the beginning of a new text.
  ///
  /// - Parameter source: the text that the new one is a translation or a filling of.
  /// - Returns: the place after its tokens.
  public mutating func begin(
    _ tokens: some Sequence<ScoredToken> = [], by origin: OriginID, source: Place? = nil
  ) -> Place {
    add(parent: nil, TokenRun(tokens), origin, source: source)
  }

  /// Adds a node that continues a place. Existing nodes are not changed.
  ///
  /// - Returns: the place after the node's tokens, or `place` itself if it does not exist in this tree.
  public mutating func branch(
    at place: Place, _ tokens: some Sequence<ScoredToken> = [], by origin: OriginID
  ) -> Place {
    isValid(place) ? add(parent: place, TokenRun(tokens), origin) : place
  }

  /// Appends a token to a node, in constant time.
  ///
  /// - Returns: the place after it.
  @discardableResult
  public mutating func append(_ token: ScoredToken, to node: NodeID) -> Place {
    guard self[node] != nil else { return Place(node, 0) }
    if journal != nil { noteToken(token, of: node, at: self[node]?.tokens.count ?? 0) }
    nodes[node.number]?.tokens.append(token)
    tokenCount += 1
    if !token.top.isEmpty { topCount += 1 }
    // A place that was an end may be a fork now.
    if nodes[node.number]?.children.isEmpty == false { shape.value += 1 }
    return end(of: node)
  }

  /// Records how the generation of a node ended.
  public mutating func finish(_ node: NodeID, _ outcome: Outcome) {
    guard self[node] != nil else { return }
    nodes[node.number]?.outcome = outcome
    note(.outcome(node, outcome))
  }

  /// Sets the source text of a translation. Does nothing if this would make a text a translation of itself, directly or
  /// indirectly.
  public mutating func setSource(_ source: Place, of root: NodeID) {
    guard isSource(source, of: root) else { return }
    nodes[root.number]?.source = source
    note(.source(root, source))
  }

  /// Whether a place can be the source of a root: it is not in a text that has the root as its source, directly or
  /// indirectly.
  func isSource(_ source: Place, of root: NodeID) -> Bool {
    guard let node = self[root], node.parent == nil, isValid(source) else { return false }
    var next: Place? = source
    while let here = next {
      let above = self.root(of: here)
      if above == root { return false }
      next = self[above]?.source
    }
    return true
  }

  /// Names a place, or removes its name. Named places are never pruned.
  public mutating func label(_ place: Place, _ name: String?) {
    guard isValid(place) else { return }
    nodes[place.node.number]?.labels[place.count] = name
    note(.label(place, name))
  }

  /// Marks a place, or removes its mark. Marked places are never pruned.
  public mutating func mark(_ place: Place, _ isMarked: Bool = true) {
    guard isValid(place) else { return }
    if isMarked {
      nodes[place.node.number]?.marks.insert(place.count)
    } else {
      nodes[place.node.number]?.marks.remove(place.count)
    }
    note(.mark(place, isMarked))
  }

  /// Prunes the tokens of a node after the first `count` with everything that continues them; `nil` brings them back.
  /// Pruned texts stay in the tree and in its file, so pruning can always be undone; they are shown and exported no
  /// more.
  public mutating func prune(_ node: NodeID, from count: Int?) {
    guard let known = self[node], known.prunedFrom != count, count.map({ isValid(Place(node, $0)) }) ?? true else {
      return
    }
    nodes[node.number]?.prunedFrom = count
    shape.value += 1
    note(.prune(node, from: count))
  }

  /// Adds a node after a place, or a root.
  mutating func add(parent: Place?, _ tokens: TokenRun, _ origin: OriginID, source: Place? = nil) -> Place {
    let id = NodeID(nodes.count)
    let above = parent.flatMap { self[$0.node] }
    let node = Node(
      id: id, parent: parent, origin: origin, start: (above?.start ?? 0) + (parent?.count ?? 0),
      tokens: tokens, logprobBefore: parent.map { logprob(of: $0) } ?? 0, depth: above.map { $0.depth + 1 } ?? 0,
      jump: above.map { jump(below: $0) }, lastLeft: clock)
    shape.value += 1
    tokenCount += node.tokens.count
    topCount += node.tokens.topCount
    if acts.contains(index: origin.number) { acts[origin.number]?.nodes += 1 }
    noteTyped(node)
    nodes.append(node)
    if let parent { nodes[parent.node.number]?.children.append(id) } else { roots.append(id) }
    let known = source.flatMap { isSource($0, of: id) ? $0 : nil }
    if let known { nodes[id.number]?.source = known }
    note(.node(id, parent: parent, source: known, origin: origin, tokens: tokens))
    return Place(id, node.tokens.count)
  }

  /// The jump of a child of `parent`: if the last two jumps had equal length, the target of the second; otherwise the
  /// parent.
  private func jump(below parent: Node) -> NodeID {
    guard let first = parent.jump.flatMap({ self[$0] }), let second = first.jump.flatMap({ self[$0] }),
      parent.depth - first.depth == first.depth - second.depth
    else { return parent.id }
    return second.id
  }
}

/// A number of changes. It is no part of a tree's value: trees with equal texts are equal.
struct ChangeCount: Sendable, Equatable {
  var value = 0

  static func == (_: ChangeCount, _: ChangeCount) -> Bool { true }
}
