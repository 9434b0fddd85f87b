import EngineAPI

/// The number of a node. It is never given twice in a tree, and no branch, cursor or pruning changes it.
public struct NodeID: Sendable, Hashable, Comparable {
  /// Counts from 0 in the order of making: a parent has a lower number than its children.
  public let number: Int

  /// The node with a number.
  public init(_ number: Int) { self.number = number }

  /// Whether the left node was made before the right one.
  public static func < (left: NodeID, right: NodeID) -> Bool { left.number < right.number }
}

/// The number of an origin in a tree: nodes of the same number were made by the same request.
public struct OriginID: Sendable, Hashable {
  /// Counts from 0.
  public let number: Int

  init(_ number: Int) { self.number = number }
}

/// A place in a tree: behind the first `count` tokens of a node, and everything before that node on its path.
public struct Place: Sendable, Hashable {
  /// The node.
  public var node: NodeID
  /// How many of the node's tokens lie before the place.
  public var count: Int

  /// A place.
  public init(_ node: NodeID, _ count: Int) {
    self.node = node
    self.count = count
  }
}

/// Texts as paths in a tree of tokens: prompts, completions, beams, fillings and translations, with their numbers and
/// what made them, and the cursors that stand in it.
///
/// A node is what one act made: a prompt that was typed, a token that was chosen, the tokens of one request. A child
/// begins behind any token of its parent, so branching copies no token and changes no other node. Every text that was
/// left is a place in the tree, until ``SessionTree/prune()`` removes it because of the bounds.
///
/// A value: copies share their storage, and appending a token to one of two copies copies at most one chunk of 256
/// tokens, one of 256 nodes, and the two lists of chunks.
public struct SessionTree: Sendable, Equatable {
  /// What one act made.
  public struct Node: Sendable, Equatable {
    /// The number.
    public let id: NodeID
    /// The place that it continues; `nil` where a text begins.
    public let parent: Place?
    /// The text that a translation renders: the encoder's input. Only nodes without a parent have one.
    public internal(set) var source: Place?
    /// What made it.
    public let origin: OriginID
    /// How many tokens lie before its first one.
    public let start: Int
    /// What it holds.
    public internal(set) var tokens = TokenRun()
    /// The nodes that continue it, in the order of making.
    public internal(set) var children: [NodeID] = []
    /// How its making ended; `nil` while it goes on.
    public internal(set) var outcome: Outcome?
    /// Names given to places in it: how many of its tokens lie before, and the name.
    public internal(set) var labels: [Int: String] = [:]
    /// How many nodes lie before it on its path.
    let depth: Int
    /// An ancestor further up, for paths of many nodes (Myers, "An applicative random-access stack", 1983).
    let jump: NodeID?
    /// When a cursor last left it, as a count of moves.
    var lastLeft: Int
  }

  /// How much is kept beside the texts that cursors stand in.
  public struct Bounds: Sendable, Hashable {
    /// Tokens of left texts, for each cursor.
    public var tokens = 16_384
    /// Moves of a cursor that can be undone.
    public var moves = 200

    /// The bounds of the playground.
    public init() {}

    /// Other bounds.
    public init(tokens: Int, moves: Int) {
      self.tokens = tokens
      self.moves = moves
    }
  }

  /// How much is kept.
  public var bounds: Bounds
  var nodes = ChunkedArray<Node?>()
  var origins = ChunkedArray<Origin>()
  /// The nodes at which texts begin, in the order of making.
  public internal(set) var roots: [NodeID] = []
  /// The number of tokens in all nodes.
  public internal(set) var tokenCount = 0
  /// The cursors, by their number.
  public internal(set) var cursors: [CursorID: SessionCursor] = [:]
  var nextCursor = 0
  /// How many moves were made.
  var clock = 0

  /// An empty tree.
  public init(bounds: Bounds = Bounds()) { self.bounds = bounds }

  // MARK: Making

  /// Notes an origin: one for each act, shared by the nodes that it makes.
  public mutating func add(_ origin: Origin) -> OriginID {
    origins.append(origin.withoutIDs)
    return OriginID(origins.count - 1)
  }

  /// Begins a text.
  ///
  /// - Parameter source: the text that it translates, if it is a translation.
  /// - Returns: the place behind its tokens.
  public mutating func begin(
    _ tokens: some Sequence<ScoredToken> = [], by origin: OriginID, source: Place? = nil
  ) -> Place {
    let place = add(parent: nil, tokens, origin)
    if let source { setSource(source, of: place.node) }
    return place
  }

  /// Adds a node that continues a place; the nodes that are there stay as they are.
  ///
  /// - Returns: the place behind the node's tokens; `place` itself where that is no place of this tree.
  public mutating func branch(
    at place: Place, _ tokens: some Sequence<ScoredToken> = [], by origin: OriginID
  ) -> Place {
    isValid(place) ? add(parent: place, tokens, origin) : place
  }

  /// Adds a token behind the last one of a node, in constant time.
  ///
  /// - Returns: the place behind it.
  @discardableResult
  public mutating func append(_ token: ScoredToken, to node: NodeID) -> Place {
    guard self[node] != nil else { return Place(node, 0) }
    nodes[node.number]?.tokens.append(token)
    tokenCount += 1
    return end(of: node)
  }

  /// Notes how the making of a node ended.
  public mutating func finish(_ node: NodeID, _ outcome: Outcome) {
    guard self[node] != nil else { return }
    nodes[node.number]?.outcome = outcome
  }

  /// Tells what a text that has begun is the translation of. A text is no translation of itself, at any remove.
  public mutating func setSource(_ source: Place, of root: NodeID) {
    guard let node = self[root], node.parent == nil, isValid(source) else { return }
    var next: Place? = source
    while let here = next {
      let above = self.root(of: here)
      if above == root { return }
      next = self[above]?.source
    }
    nodes[root.number]?.source = source
  }

  /// Names a place, or takes its name away: named places are never pruned.
  public mutating func label(_ place: Place, _ name: String?) {
    guard isValid(place) else { return }
    nodes[place.node.number]?.labels[place.count] = name
  }

  private mutating func add(parent: Place?, _ tokens: some Sequence<ScoredToken>, _ origin: OriginID) -> Place {
    let id = NodeID(nodes.count)
    let above = parent.flatMap { self[$0.node] }
    let node = Node(
      id: id, parent: parent, origin: origin, start: (above?.start ?? 0) + (parent?.count ?? 0),
      tokens: TokenRun(tokens), depth: above.map { $0.depth + 1 } ?? 0, jump: above.map { jump(below: $0) },
      lastLeft: clock)
    tokenCount += node.tokens.count
    nodes.append(node)
    if let parent { nodes[parent.node.number]?.children.append(id) } else { roots.append(id) }
    return Place(id, node.tokens.count)
  }

  /// The jump of a child of `parent`: as far as two equal jumps in a row together, else to the parent.
  private func jump(below parent: Node) -> NodeID {
    guard let first = parent.jump.flatMap({ self[$0] }), let second = first.jump.flatMap({ self[$0] }),
      parent.depth - first.depth == first.depth - second.depth
    else { return parent.id }
    return second.id
  }
}
