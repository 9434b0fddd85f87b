import EngineAPI

/// The texts of a session as rows: each row is a stretch of text from one fork to the next, parents before their
/// children.
///
/// It is made anew when the shape of the tree changes, and holds places instead of tokens: what a row says is read from
/// the tree when it is drawn.
public struct TreeOutline: Sendable, Equatable {
  /// The tokens of a node that are on a row.
  public struct Segment: Sendable, Equatable {
    /// The node.
    public var node: NodeID
    /// The index of the first token.
    public var from: Int
    /// The index after the last token; `nil` for all tokens of the node, also those that are still to come.
    public var to: Int?
  }

  /// A stretch of text.
  public struct Row: Sendable, Equatable {
    /// Its parts, in order; at least one.
    public var segments: [Segment]
    /// The number of rows before it on its path.
    public var depth: Int
    /// The row that it continues.
    public var parent: Int?
    /// The rows that continue it.
    public var children: [Int] = []
    /// Its place among those that continue the same row.
    public var index: Int

    /// What tells the row from others, also when the outline is made anew.
    public var start: Place { Place(segments[0].node, segments[0].from) }
  }

  /// The rows.
  public private(set) var rows: [Row] = []
  /// The rows without a parent.
  public private(set) var roots: [Int] = []
  /// The parts of each node that are on rows.
  private var parts: [NodeID: [(from: Int, row: Int)]] = [:]
  /// The number of nodes looked at, for tests of the cost.
  private(set) var visited = 0

  /// An outline without rows.
  public init() {}

  /// Whether both have the same rows.
  public static func == (left: TreeOutline, right: TreeOutline) -> Bool { left.rows == right.rows }

  /// The row that shows the token before a place; of a node without tokens, its own.
  public func row(of place: Place, in tree: SessionTree) -> Int? {
    var place = place
    while true {
      let known = parts[place.node] ?? []
      if let part = known.last(where: { $0.from < place.count }) { return part.row }
      // The text before a node is on its parent's row, unless the node has no token yet.
      guard let node = tree[place.node], let parent = node.parent, !node.tokens.isEmpty || known.isEmpty else {
        return known.first?.row
      }
      place = parent
    }
  }

  /// The rows beside a row, itself included.
  public func siblings(of row: Int) -> [Int] { rows[row].parent.map { rows[$0].children } ?? roots }

  /// The place where a row ends.
  public func end(of row: Int, in tree: SessionTree) -> Place {
    let last = rows[row].segments[rows[row].segments.count - 1]
    return Place(last.node, last.to ?? tree.shownEnd(of: last.node).count)
  }

  /// The place where a row begins: after the text that it continues.
  public func beginning(of row: Int, in tree: SessionTree) -> Place {
    let start = rows[row].start
    guard start.count == 0 else { return start }
    return tree[start.node]?.parent ?? start
  }
}

extension TreeOutline {
  /// The outline of a tree. Versions of prompts, pruned texts and texts that are sources alone are left out.
  public init(_ tree: SessionTree) {
    let reader = Reader(tree: tree)
    var open: [(start: Place, depth: Int, parent: Int?)] = reader.roots.reversed().map { ($0, 0, nil) }
    while let (start, depth, parent) = open.popLast() {
      let (segments, next) = reader.stretch(from: start)
      let number = rows.count
      let index = parent.map { rows[$0].children.count } ?? roots.count
      rows.append(Row(segments: segments, depth: depth, parent: parent, index: index))
      if let parent { rows[parent].children.append(number) } else { roots.append(number) }
      for segment in segments { parts[segment.node, default: []].append((segment.from, number)) }
      open += next.reversed().map { ($0, depth + 1, number) }
    }
    for node in parts.keys { parts[node]?.sort { $0.from < $1.from } }
    visited = reader.visited
  }

  /// Reads a tree; remembers where the nodes fork.
  private struct Reader {
    let tree: SessionTree
    private let sources: Set<NodeID>
    /// The rows that begin after a number of tokens of a node, the last one first.
    private var forks: [NodeID: [Int: [Place]]] = [:]
    private(set) var visited = 0

    init(tree: SessionTree) {
      self.tree = tree
      sources = Set(tree.roots.compactMap { tree[$0]?.source?.node })
      // Children come after their parents, so going backward needs no recursion, however deep the tree is.
      for node in tree.allNodes.reversed() {
        visited += 1
        guard let parent = node.parent else { continue }
        let starts = starts(of: node)
        if !starts.isEmpty { forks[parent.node, default: [:]][parent.count, default: []] += starts.reversed() }
      }
    }

    /// The rows that begin after the first tokens of a node, in the order of creation.
    private func starts(in node: NodeID, at count: Int) -> [Place] { (forks[node]?[count] ?? []).reversed() }

    /// Where the texts begin.
    var roots: [Place] {
      tree.roots.flatMap { root -> [Place] in
        guard let node = tree[root] else { return [] }
        if case .draft = tree.origin(of: root) { return [] }
        let isForked = forks[root] != nil
        let isSourceAlone = sources.contains(root) && !isForked
        let isEmpty = node.tokens.isEmpty && !isForked
        let own = node.prunedFrom == 0 || isSourceAlone || isEmpty ? [] : [Place(root, 0)]
        return own + (node.tokens.isEmpty ? [] : starts(in: root, at: 0))
      }
    }

    /// The parts of a row that begins at a place, and where the rows begin that continue it.
    func stretch(from start: Place) -> (segments: [Segment], next: [Place]) {
      var segments: [Segment] = []
      var (node, from) = (start.node, start.count)
      while true {
        let shown = tree.shownEnd(of: node).count
        if let fork = forks[node]?.keys.filter({ $0 > from && $0 < shown }).min() {
          segments.append(Segment(node: node, from: from, to: fork))
          return (segments, [Place(node, fork)] + starts(in: node, at: fork))
        }
        segments.append(Segment(node: node, from: from, to: tree[node]?.prunedFrom))
        let next = starts(in: node, at: shown)
        guard next.count == 1, next[0].count == 0, isMade(next[0].node) == isMade(node) else { return (segments, next) }
        (node, from) = (next[0].node, 0)
      }
    }

    /// Whether a model made a node, or the user chose its token in the place of the model's.
    private func isMade(_ node: NodeID) -> Bool {
      switch tree.origin(of: node) {
      case .sampled, .beam, .filling, .chosen, .forced: true
      default: false
      }
    }

    /// The rows that begin where a node begins: its own, and those of children that continue its parent's text.
    private func starts(of node: SessionTree.Node) -> [Place] {
      if case .edited = tree.origin(of: node.id) { return [] }
      let others = starts(in: node.id, at: 0)
      if node.prunedFrom == 0 { return others }
      // A text that is only a source, and a request that made nothing, are left out.
      let isForked = forks[node.id] != nil
      let isNeeded =
        node.tokens.isEmpty ? node.outcome == nil && !isForked : !(sources.contains(node.id) && !isForked)
      return (isNeeded ? [Place(node.id, 0)] : []) + others
    }
  }
}
