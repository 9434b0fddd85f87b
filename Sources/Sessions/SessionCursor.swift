import EngineAPI

/// The number of a cursor in a tree, never given twice.
public struct CursorID: Sendable, Hashable {
  /// Counts from 0.
  public let number: Int

  init(_ number: Int) { self.number = number }
}

/// What a stream, a translation or a filled text shows: where it stands in the tree, and where it stood.
public struct SessionCursor: Sendable, Equatable {
  /// Where it stands: one place, or one for each line of a text whose lines are translated on their own. Empty before
  /// anything was made.
  public internal(set) var places: [Place]
  /// What undo goes back to, the last one first to be undone.
  public internal(set) var past: [[Place]] = []
  /// What redo goes to, the last one first to be redone.
  public internal(set) var undone: [[Place]] = []

  /// Whether undo or redo leads anywhere.
  public var canMove: Bool { !past.isEmpty || !undone.isEmpty }

  /// The first place: of a cursor in one text, the place.
  public var place: Place? { places.first }
}

/// Moving in a tree.
extension SessionTree {
  /// Adds a cursor.
  public mutating func addCursor(at places: [Place] = []) -> CursorID {
    defer { nextCursor += 1 }
    cursors[CursorID(nextCursor)] = SessionCursor(places: places.filter(isValid))
    return CursorID(nextCursor)
  }

  /// Removes a cursor. What it stood in stays in the tree, as far as the bounds allow.
  public mutating func removeCursor(_ id: CursorID) {
    guard let cursor = cursors.removeValue(forKey: id) else { return }
    leave(cursor.places)
    prune()
  }

  /// Moves a cursor to other places; undo brings it back. What it could redo stays in the tree, and is no longer
  /// redone.
  public mutating func move(_ id: CursorID, to places: [Place]) {
    guard let cursor = cursors[id], cursor.places != places, places.allSatisfy(isValid) else { return }
    if !cursor.places.isEmpty {
      cursors[id]?.past.append(cursor.places)
      leave(cursor.places)
    }
    cursors[id]?.places = places
    cursors[id]?.undone = []
    let extra = (cursors[id]?.past.count ?? 0) - max(1, bounds.moves)
    if extra > 0 { cursors[id]?.past.removeFirst(extra) }
    prune()
  }

  /// Moves a cursor along as its text grows: no step of undo. The same for a place that was nothing to come back to.
  public mutating func follow(_ id: CursorID, to places: [Place]) {
    guard cursors[id] != nil, places.allSatisfy(isValid) else { return }
    cursors[id]?.places = places
  }

  /// Adds a line to a text that a cursor shows line by line: no step of undo.
  public mutating func extend(_ id: CursorID, by place: Place) {
    if isValid(place) { cursors[id]?.places.append(place) }
  }

  /// Appends a token to the node that a cursor stands at the end of, and moves the cursor behind it.
  public mutating func append(_ token: ScoredToken, at id: CursorID) {
    guard let place = cursors[id]?.place, place == end(of: place.node), cursors[id]?.places.count == 1 else { return }
    let behind = append(token, to: place.node)
    cursors[id]?.places[0] = behind
  }

  /// Takes the last move back. False where there is none.
  @discardableResult
  public mutating func undo(_ id: CursorID) -> Bool {
    guard let cursor = cursors[id], let last = cursor.past.last else { return false }
    leave(cursor.places)
    cursors[id]?.past.removeLast()
    cursors[id]?.undone.append(cursor.places)
    cursors[id]?.places = last
    return true
  }

  /// Makes the move again that was taken back last. False where there is none.
  @discardableResult
  public mutating func redo(_ id: CursorID) -> Bool {
    guard let cursor = cursors[id], let next = cursor.undone.last else { return false }
    leave(cursor.places)
    cursors[id]?.undone.removeLast()
    cursors[id]?.past.append(cursor.places)
    cursors[id]?.places = next
    return true
  }

  /// Notes that a cursor leaves places now: what was left long ago is pruned first.
  private mutating func leave(_ places: [Place]) {
    clock += 1
    for place in places {
      for node in together(with: place.node) { nodes[node.number]?.lastLeft = clock }
    }
  }

  /// The nodes that are kept or pruned with one: all that one request made beside it.
  func together(with node: NodeID) -> [NodeID] {
    guard let here = self[node] else { return [] }
    return self[here.origin]?.makesSeveral == true ? siblings(of: node) : [node]
  }
}
