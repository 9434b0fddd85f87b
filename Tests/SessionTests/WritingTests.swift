import EngineAPI
import TerminalUI
import Testing

@testable import Sessions

/// Prompts while they are written: each version is a node that holds what changed.
@Suite struct WritingTests {
  private func change(_ offset: Int, _ removed: String, _ inserted: String, joins: Bool = false) -> TextChange {
    TextChange(
      edit: TextEdit(
        offset: offset, removed: removed, inserted: inserted, cursorBefore: offset + removed.utf8.count,
        cursorAfter: offset + inserted.utf8.count), includesLast: joins)
  }

  private func text(_ tree: SessionTree, _ cursor: CursorID) -> String? {
    tree.cursors[cursor]?.place.flatMap { tree.draft(at: $0) }
  }

  @Test func anUndoneVersionStaysInTheTree() throws {
    var tree = SessionTree()
    let cursor = tree.beginDraft("Once upon", model: storyteller)
    tree.record(change(9, "", " a time"), at: cursor, model: storyteller)
    let left = try #require(tree.cursors[cursor]?.place)
    let undone = tree.undoEdit(cursor)
    #expect(undone == change(9, "", " a time").edit.inverse)
    tree.record(change(9, "", " a hill"), at: cursor, model: storyteller)
    #expect(text(tree, cursor) == "Once upon a hill")
    #expect(tree.draft(at: left) == "Once upon a time")
    #expect(tree.siblings(of: left.node).count == 1 && tree[left.node]?.parent?.node == tree.roots[0])
    let none = tree.redoEdit(cursor)
    #expect(none == nil, "nothing is after the newest version")
    _ = tree.undoEdit(cursor)
    let again = tree.redoEdit(cursor)
    #expect(again?.inserted == " a hill", "redo goes to the version that was left last")
    _ = tree.undoEdit(cursor)
    let first = tree.undoEdit(cursor)
    #expect(first == nil && text(tree, cursor) == "Once upon")
  }

  @Test func anEditInTheMiddleKeepsOnlyWhatItChanges() {
    var tree = SessionTree()
    let book = String(repeating: "word ", count: 200_000)
    let cursor = tree.beginDraft(book, model: storyteller)
    for number in 0..<100 {
      tree.record(change(500_000 + number, "", "x"), at: cursor, model: storyteller)
    }
    #expect(tree.editBytes == book.utf8.count + 100 && tree.editCount == 101)
    #expect(text(tree, cursor)?.utf8.count == book.utf8.count + 100)
  }

  @Test func typingThatGoesOnIsTheSameVersionUnlessSomethingRefersToIt() throws {
    var tree = SessionTree()
    let cursor = tree.beginDraft("", model: storyteller)
    tree.record(change(0, "", "o"), at: cursor, model: storyteller)
    tree.record(change(0, "", "on", joins: true), at: cursor, model: storyteller)
    #expect(tree.editCount == 2 && text(tree, cursor) == "on" && tree.editBytes == 2)
    let place = try #require(tree.cursors[cursor]?.place)
    tree.label(place, "kept")
    tree.record(change(2, "", "ce", joins: true), at: cursor, model: storyteller)
    #expect(tree.editCount == 3 && tree.draft(at: place) == "on" && text(tree, cursor) == "once")
  }

  @Test(arguments: 0..<10 as Range<UInt64>) func randomEditsGiveTheTextsOfANaiveModel(seed: UInt64) throws {
    var dice = Dice(state: seed)
    var tree = SessionTree(bounds: .init(tokens: 100, moves: 5, edits: seed < 5 ? 2_000 : 12, editBytes: 1 << 20))
    let cursor = tree.beginDraft("start", model: storyteller)
    var (past, now, undone): ([String], String, [String]) = ([], "start", [])
    var seen: [Place: String] = [:]
    for step in 0..<300 {
      switch Int.random(in: 0..<5, using: &dice) {
      case 0:
        let edit = tree.undoEdit(cursor)
        if let edit {
          undone.append(now)
          let last = past.popLast()
          let before = try #require(last)
          #expect(edit.applied(to: now) == before)
          now = before
        } else if seed < 5 {
          #expect(past.isEmpty)
        }
      case 1:
        let edit = tree.redoEdit(cursor)
        if let edit {
          let after = try #require(edit.applied(to: now))
          if let next = undone.popLast() { #expect(after == next) }
          past.append(now)
          now = after
        } else {
          #expect(undone.isEmpty)
        }
      default:
        let start = Int.random(in: 0...now.utf8.count, using: &dice)
        let end = Int.random(in: start...min(now.utf8.count, start + 4), using: &dice)
        let removed = String(decoding: now.utf8.dropFirst(start).prefix(end - start), as: UTF8.self)
        let edit = change(start, removed, "\(step)")
        tree.record(edit, at: cursor, model: storyteller)
        past.append(now)
        now = try #require(edit.edit.applied(to: now))
        undone = []
      }
      #expect(text(tree, cursor) == now)
      let place = try #require(tree.cursors[cursor]?.place)
      seen[place] = seen[place] ?? now
      #expect(tree.allNodes.reduce(0) { $0 + tree.editBytes(of: $1.id) } == tree.editBytes)
      #expect(tree.allNodes.reduce(0) { count, _ in count + 1 } == tree.editCount)
    }
    for (place, text) in seen where tree.isValid(place) { #expect(tree.draft(at: place) == text) }
    #expect(tree.editCount <= tree.bounds.edits)
    if seed < 5 { #expect(seen.keys.allSatisfy(tree.isValid), "within the bounds nothing is lost") }
  }

  @Test func versionsStayWithinTheBoundsOfBytesAndTheLastUndoIsKept() {
    var tree = SessionTree(bounds: .init(tokens: 0, moves: 1, edits: 100, editBytes: 50_000))
    let cursor = tree.beginDraft("", model: storyteller)
    var text = ""
    for number in 0..<60 {
      let next = String(repeating: number % 2 == 0 ? "a" : "b", count: 3_000)
      tree.record(change(0, text, next), at: cursor, model: storyteller)
      text = next
      #expect(tree.editBytes <= 50_000)
    }
    let huge = String(repeating: "c", count: 80_000)
    tree.record(change(0, text, huge), at: cursor, model: storyteller)
    let last = tree.undoEdit(cursor)
    #expect(last?.inserted == text, "the last change can be undone, however large it is")
    tree.prune()
    let again = tree.redoEdit(cursor)
    #expect(again?.inserted == huge)
  }

  @Test func versionsOfAPromptDoNotTakeTheRoomOfTexts() {
    var tree = SessionTree(bounds: .init(tokens: 10, moves: 1))
    let cursor = tree.beginDraft("", model: storyteller)
    for number in 0..<50 { tree.record(change(number, "", "x"), at: cursor, model: storyteller) }
    let lost = tree.begin((0..<20).map { token($0) }, by: tree.add(typed))
    tree.prune()
    #expect(!tree.isValid(lost) && tree.editCount == 51)
  }

  @Test func anOriginGoesWithItsLastNode() {
    var tree = SessionTree(bounds: .init(tokens: 0, moves: 1))
    let origin = tree.add(.beam(BeamRequest(context: ModelContext(model: storyteller, ids: []))))
    let beams = (0..<2).map { tree.begin([token($0)], by: origin) }
    let cursor = tree.addCursor(at: [beams[0]])
    tree.prune()
    #expect(tree[origin] != nil && tree.isValid(beams[1]), "beams are kept together")
    tree.follow(cursor, to: [tree.begin([token(5)], by: tree.add(typed))])
    tree.prune()
    #expect(tree[origin] == nil && !tree.isValid(beams[0]))
  }

  @Test func aFillingsRequestHasTheTextWithItsMasks() {
    var tree = SessionTree()
    let masked = tree.begin([token(1), token(4), token(2)], by: tree.add(typed))
    let request = FillMaskRequest(context: ModelContext(model: storyteller, ids: [1, 4, 2]), topK: 3)
    let filling = tree.begin([token(1), token(9), token(2)], by: tree.add(.filling(request)), source: masked)
    #expect(tree.fillMaskRequest(of: filling.node) == request)
    #expect(tree.context(at: filling)?.encoderIDs == nil && tree.context(at: filling)?.ids == [1, 9, 2])
    #expect(tree.fillMaskRequest(of: masked.node) == nil)
  }
}
