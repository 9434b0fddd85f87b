import EngineAPI

/// One change of a session: a line of its file. Applying all records in order restores the session.
public enum SessionRecord: Sendable, Equatable {
  /// A model that texts refer to.
  case model(SessionModel)
  /// An origin. Replaces an existing one if that is an edit, which further typing has extended.
  case origin(OriginID, Origin)
  /// A node with its first tokens.
  case node(NodeID, parent: Place?, source: Place?, origin: OriginID, tokens: TokenRun)
  /// Tokens appended to a node that had `at` tokens before.
  case tokens(NodeID, at: Int, TokenRun)
  /// The source of a translation, if it became known after the root node was added.
  case source(NodeID, Place)
  /// How the generation of a node ended.
  case outcome(NodeID, Outcome)
  /// The name of a place; `nil` removes it.
  case label(Place, String?)
  /// Whether a place is marked.
  case mark(Place, Bool)
  /// The user has pruned the tokens of a node after the first `from` with everything that continues them; `nil` brings
  /// them back.
  case prune(NodeID, from: Int?)
  /// The node keeps its first `count` tokens.
  case cut(NodeID, count: Int)
  /// Makes a version of a prompt the first one. The next records remove the versions before it.
  case root(NodeID)
  /// A node without children is removed.
  case remove(NodeID)
  /// The places of a cursor; `nil` removes it.
  case cursor(CursorID, [Place]?)
}

/// A model of a session, with facts that identify its weights.
public struct SessionModel: Sendable, Hashable {
  /// The reference that requests use for it.
  public var reference: ModelReference
  /// The path of the model's folder or file when the session used it.
  public var path: String
  /// The number format of the weights in memory; `nil` if unknown.
  public var format: NumberFormat?
  /// The size of the weight files in bytes; `nil` if unknown.
  public var bytes: Int?
  /// The SHA-256 of the weight files in the order of their names, in hexadecimal; `nil` if it was not computed.
  public var sha256: String?
  /// The number format of the KV cache, if it is not f32.
  public var cache: CacheFormat?

  /// A model of these values.
  public init(
    reference: ModelReference, path: String, format: NumberFormat? = nil, bytes: Int? = nil, sha256: String? = nil,
    cache: CacheFormat? = nil
  ) {
    self.reference = reference
    self.path = path
    self.format = format
    self.bytes = bytes
    self.sha256 = sha256
    self.cache = cache == .f32 ? nil : cache
  }

  /// Whether this describes the same weights as the other and may add their hash, which is computed later.
  fileprivate func completes(_ other: SessionModel) -> Bool {
    reference == other.reference && cache == other.cache && (other.sha256 == nil || other.sha256 == sha256)
  }
}

/// A session: the tree of its texts and the models that made them.
public struct Session: Sendable, Equatable {
  /// The time of creation, such as `2026-11-28T18:00:00Z`; `nil` if unknown.
  public var created: String?
  /// A model, and the first text of the session that it can have made.
  private struct Use: Sendable, Equatable {
    var model: SessionModel
    /// The number of the first node that it can have made.
    var firstNode: Int
  }

  private var uses: [Use] = []
  /// The latest state of each model, in the order of their last changes.
  public var models: [SessionModel] {
    uses.indices.filter { index in !uses[(index + 1)...].contains { $0.model.reference == uses[index].model.reference }
    }
    .map { uses[$0].model }
  }
  /// The texts.
  public var tree = SessionTree(bounds: .unlimited)
  private var newModels: [SessionModel] = []

  /// Creates an empty session.
  public init(created: String? = nil) { self.created = created }

  /// Adds a model. Texts from now on are made by it; earlier ones stay with an earlier model of the same reference.
  public mutating func add(_ model: SessionModel) {
    guard !models.contains(model) else { return }
    use(model)
    newModels.append(model)
  }

  /// The model of a reference when a text was made.
  public func model(_ reference: ModelReference, of node: NodeID) -> SessionModel? {
    let own = uses.filter { $0.model.reference == reference }
    return (own.last { $0.firstNode <= node.number } ?? own.first)?.model
  }

  private mutating func use(_ model: SessionModel) {
    var first = tree.nodeCount
    if let last = uses.lastIndex(where: { $0.model.reference == model.reference }), model.completes(uses[last].model) {
      first = uses.remove(at: last).firstNode
    }
    uses.append(Use(model: model, firstNode: first))
  }

  /// Returns the models added and the changes of the tree since the last call. Changes of the tree are recorded from
  /// ``SessionTree/startRecording()`` on.
  public mutating func takeRecords() -> [SessionRecord] {
    defer { newModels = [] }
    return newModels.map(SessionRecord.model) + tree.takeRecords()
  }

  /// Applies a record.
  ///
  /// - Throws: a problem if the record does not fit the session so far.
  mutating func apply(_ record: SessionRecord) throws(RecordProblem) {
    guard case .model(let model) = record else { return try tree.apply(record) }
    use(model)
  }
}

extension Session: Hashable {
  /// Hashes what is quickly known.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(created)
    hasher.combine(tree.nodeCount)
    hasher.combine(tree.tokenCount)
  }
}

/// Why a record cannot be applied: what was expected and what was found.
struct RecordProblem: Error, Equatable {
  var expected: String
  var found: String

  init(expected: String, found: String) {
    self.expected = expected
    self.found = found
  }
}

/// The records of a tree since the last call of ``SessionTree/takeRecords()``. Two trees are equal regardless of them.
struct Journal: Sendable, Equatable {
  var records: [SessionRecord] = []
  /// The cursors that appended tokens have moved; `takeRecords()` adds their records.
  var movedCursors: Set<CursorID> = []

  static func == (_: Journal, _: Journal) -> Bool { true }
}

extension SessionTree {
  /// Starts to record the changes of the tree.
  public mutating func startRecording() { if journal == nil { journal = Journal() } }

  /// Returns the records since the last call; empty if the tree does not record its changes.
  public mutating func takeRecords() -> [SessionRecord] {
    for id in (journal?.movedCursors ?? []).sorted(by: { $0.number < $1.number }) { noteCursor(id) }
    defer { if journal != nil { journal = Journal() } }
    return journal?.records ?? []
  }

  /// Adds a record if changes are recorded.
  mutating func note(_ record: @autoclosure () -> SessionRecord) {
    guard journal != nil else { return }
    let record = record()
    journal?.records.append(record)
  }

  /// Records the places of a cursor.
  mutating func noteCursor(_ id: CursorID) {
    let places = cursors[id]?.places
    journal?.movedCursors.remove(id)
    note(.cursor(id, places))
  }

  /// Records an appended token, in the last record if that ends with the token before it.
  mutating func noteToken(_ token: ScoredToken, of node: NodeID, at index: Int) {
    guard let last = journal?.records.popLast() else { return note(.tokens(node, at: index, TokenRun([token]))) }
    switch last {
    case .tokens(node, let start, var run) where start + run.count == index:
      run.append(token)
      note(.tokens(node, at: start, run))
    case .node(node, let parent, let source, let origin, var run):
      run.append(token)
      note(.node(node, parent: parent, source: source, origin: origin, tokens: run))
    default:
      note(last)
      note(.tokens(node, at: index, TokenRun([token])))
    }
  }

  /// Applies a record.
  ///
  /// - Throws: a problem if the record does not fit the tree.
  mutating func apply(_ record: SessionRecord) throws(RecordProblem) {
    switch record {
    case .model: break
    case .origin(let id, let origin): try apply(id, origin)
    case .node(let id, let parent, let source, let origin, let tokens):
      try require(id.number == nodes.count, "node \(nodes.count)", "node \(id.number)")
      try require(self[origin] != nil, "an origin that is known", "origin \(origin.number)")
      try require(places: [parent, source].compactMap(\.self))
      _ = add(parent: parent, tokens, origin, source: source)
      try require(self[id]?.source == source, "a first node with a source in another text", "node \(id.number)")
      if isDraft(id) { note(edits: 1, bytes: editBytes(of: id)) }
    case .tokens(let id, let start, let run):
      try apply((0..<run.count).lazy.map { run[$0] }, at: start, to: id)
    case .source(let id, let place):
      try require(places: [place])
      setSource(place, of: id)
      try require(self[id]?.source == place, "a first node with a source in another text", "node \(id.number)")
    case .outcome(let id, let outcome):
      _ = try node(id)
      finish(id, outcome)
    case .label(let place, let name):
      try require(places: [place])
      label(place, name)
    case .mark(let place, let isMarked):
      try require(places: [place])
      mark(place, isMarked)
    case .prune(let id, let count):
      let tokens = try node(id).tokens.count
      try require(count.map { (0...tokens).contains($0) } ?? true, "0 to \(tokens) tokens", "\(count ?? 0)")
      prune(id, from: count)
    case .cut(let id, let count):
      let node = try node(id)
      let least = node.children.compactMap { self[$0]?.parent?.count }.max() ?? 0
      try require(count >= least && count <= node.tokens.count, "\(least) to \(node.tokens.count) tokens", "\(count)")
      cut(id, to: count)
    case .root(let id):
      try require(try node(id).parent != nil && isDraft(id), "a later version of a prompt", "node \(id.number)")
      makeRoot(id)
    case .remove(let id):
      try require(try node(id).children.isEmpty, "a node without children", "node \(id.number)")
      remove(id)
    case .cursor(let id, let places):
      try require(places: places ?? [])
      try require((0..<1 << 32).contains(id.number), "a cursor number below 2^32", "\(id.number)")
      cursors[id] = places.map { SessionCursor(places: $0) }
      nextCursor = max(nextCursor, id.number + 1)
    }
  }

  /// Applies a line with tokens.
  ///
  /// - Throws: a problem if it does not fit the tree.
  mutating func apply(_ line: TokenLine) throws(RecordProblem) {
    try apply(line.tokens, at: line.start, to: line.node)
  }

  private mutating func apply(
    _ tokens: some Sequence<ScoredToken>, at start: Int, to id: NodeID
  ) throws(RecordProblem) {
    let count = try node(id).tokens.count
    try require(start == count, "tokens from \(count) on", "from \(start) on")
    for token in tokens { append(token, to: id) }
  }

  private mutating func apply(_ id: OriginID, _ origin: Origin) throws(RecordProblem) {
    try require(id.number >= 0 && id.number <= acts.count, "origin \(acts.count) or one before", "origin \(id.number)")
    guard id.number < acts.count else {
      _ = add(origin)
      return
    }
    guard let act = acts[id.number], case .edited(let old, _) = act.origin else {
      throw RecordProblem(expected: "the next origin, or an earlier one that is an edit", found: "origin \(id.number)")
    }
    note(edits: 0, bytes: act.nodes * (origin.draftBytes - old.byteCount))
    acts[id.number]?.origin = origin
  }

  private func node(_ id: NodeID) throws(RecordProblem) -> Node {
    guard let node = self[id] else { throw RecordProblem(expected: "a node that is known", found: "node \(id.number)") }
    return node
  }

  private func require(places: [Place]) throws(RecordProblem) {
    for place in places where !isValid(place) {
      throw RecordProblem(expected: "a place in the tree", found: "[\(place.node.number), \(place.count)]")
    }
  }

  private func require(
    _ holds: @autoclosure () throws(RecordProblem) -> Bool, _ expected: @autoclosure () -> String,
    _ found: @autoclosure () -> String
  ) throws(RecordProblem) {
    guard try holds() else { throw RecordProblem(expected: expected(), found: found()) }
  }
}
