import EngineAPI

/// The identifier of a cursor in a tree; never reused.
public struct CursorID: Sendable, Hashable {
  /// Counts from 0.
  public let number: Int

  init(_ number: Int) { self.number = number }
}

/// The position of a stream, a translation or a filled text in the tree, with its undo and redo history.
public struct SessionCursor: Sendable, Equatable {
  /// The current places: one, or one per line of a text whose lines are translated separately. Empty before anything is
  /// generated.
  public internal(set) var places: [Place]
  /// The undo history; the last element is undone first.
  public internal(set) var past: [[Place]] = []
  /// The redo history; the last element is redone first.
  public internal(set) var undone: [[Place]] = []

  /// Whether undo or redo is possible.
  public var canMove: Bool { !past.isEmpty || !undone.isEmpty }

  /// The first place. A cursor in a single text has only this one.
  public var place: Place? { places.first }
}

/// Cursors and their moves.
extension SessionTree {
  /// Adds a cursor.
  public mutating func addCursor(at places: [Place] = []) -> CursorID {
    defer { nextCursor += 1 }
    cursors[CursorID(nextCursor)] = SessionCursor(places: places.filter(isValid))
    noteCursor(CursorID(nextCursor))
    return CursorID(nextCursor)
  }

  /// Removes a cursor. Its texts stay in the tree as far as the bounds allow.
  public mutating func removeCursor(_ id: CursorID) {
    guard let cursor = cursors.removeValue(forKey: id) else { return }
    noteCursor(id)
    leave(cursor.places)
    prune()
  }

  /// Removes all cursors, for example of a session that another program has written, and returns their places in the
  /// order in which the cursors were added. Nothing is pruned.
  public mutating func takeCursors() -> [[Place]] {
    let all = cursors.sorted { $0.key.number < $1.key.number }
    for (id, _) in all {
      cursors[id] = nil
      noteCursor(id)
    }
    return all.map(\.value.places)
  }

  /// Moves a cursor to other places; this can be undone. Clears the redo history; its texts stay in the tree.
  public mutating func move(_ id: CursorID, to places: [Place]) {
    guard let cursor = cursors[id], cursor.places != places, places.allSatisfy(isValid) else { return }
    if !cursor.places.isEmpty {
      cursors[id]?.past.append(cursor.places)
      leave(cursor.places)
    }
    cursors[id]?.places = places
    cursors[id]?.undone = []
    noteCursor(id)
    let extra = (cursors[id]?.past.count ?? 0) - max(1, bounds.moves)
    if extra > 0 { cursors[id]?.past.removeFirst(extra) }
    prune()
  }

  /// Moves a cursor back to an earlier place of its text. Redo returns to the old place; the undo history is unchanged.
  public mutating func retreat(_ id: CursorID, to place: Place) {
    guard let cursor = cursors[id], cursor.places != [place], isValid(place) else { return }
    leave(cursor.places)
    cursors[id]?.undone.append(cursor.places)
    cursors[id]?.places = [place]
    noteCursor(id)
    let extra = (cursors[id]?.undone.count ?? 0) - max(1, bounds.moves)
    if extra > 0 { cursors[id]?.undone.removeFirst(extra) }
    prune()
  }

  /// Moves a cursor without adding an undo step, for example because its text has grown.
  public mutating func follow(_ id: CursorID, to places: [Place]) {
    guard cursors[id] != nil, places.allSatisfy(isValid) else { return }
    cursors[id]?.places = places
    noteCursor(id)
  }

  /// Adds the place of a further line to a cursor, without adding an undo step.
  public mutating func extend(_ id: CursorID, by place: Place) {
    guard isValid(place) else { return }
    cursors[id]?.places.append(place)
    noteCursor(id)
  }

  /// Appends a token to the cursor's node and moves the cursor after it. Does nothing unless the cursor is at the end
  /// of the node.
  public mutating func append(_ token: ScoredToken, at id: CursorID) {
    guard let place = cursors[id]?.place, place == end(of: place.node), cursors[id]?.places.count == 1 else { return }
    let behind = append(token, to: place.node)
    cursors[id]?.places[0] = behind
    journal?.movedCursors.insert(id)
  }

  /// Undoes the last move. Returns false if there is none.
  @discardableResult
  public mutating func undo(_ id: CursorID) -> Bool {
    guard let cursor = cursors[id], let last = cursor.past.last else { return false }
    leave(cursor.places)
    cursors[id]?.past.removeLast()
    cursors[id]?.undone.append(cursor.places)
    cursors[id]?.places = last
    noteCursor(id)
    return true
  }

  /// Redoes the move that was undone last. Returns false if there is none.
  @discardableResult
  public mutating func redo(_ id: CursorID) -> Bool {
    guard let cursor = cursors[id], let next = cursor.undone.last else { return false }
    leave(cursor.places)
    cursors[id]?.undone.removeLast()
    cursors[id]?.past.append(cursor.places)
    cursors[id]?.places = next
    noteCursor(id)
    return true
  }

  /// Records that a cursor leaves these places now. Pruning removes the least recently left texts first.
  private mutating func leave(_ places: [Place]) {
    clock += 1
    for place in places {
      for node in together(with: place.node) { nodes[node.number]?.lastLeft = clock }
    }
  }

  /// The nodes that are kept or pruned together with a node: all results of the same search or filling.
  func together(with node: NodeID) -> [NodeID] {
    guard let here = self[node] else { return [] }
    return self[here.origin]?.makesSeveral == true ? siblings(of: node) : [node]
  }
}
