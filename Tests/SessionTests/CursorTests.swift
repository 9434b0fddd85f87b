import EngineAPI
import Testing

@testable import Sessions

@Suite struct CursorTests {
  @Test func undoAndRedoReturnTheSameTexts() {
    var tree = SessionTree()
    let prompt = tree.begin([token(0)], by: tree.add(typed))
    let ends = (1...5).map { tree.branch(at: prompt, [token($0), token($0 + 10)], by: tree.add(sampled(seed: 1))) }
    let cursor = tree.addCursor()
    for end in ends { tree.move(cursor, to: [end]) }
    var seen: [[Int]] = []
    while tree.undo(cursor) { seen.append(tree.cursors[cursor]?.place.map { tree.ids($0) } ?? []) }
    #expect(seen == ends.dropLast().reversed().map { tree.ids($0) })
    while tree.redo(cursor) {}
    #expect(tree.cursors[cursor]?.place == ends.last)
    let isDone1 = tree.redo(cursor)
    #expect(!isDone1)
  }

  @Test func aMoveAfterAnUndoClearsTheRedoHistoryAndKeepsTheText() {
    var tree = SessionTree()
    let origin = tree.add(typed)
    let (a, b, c) = (
      tree.begin([token(1)], by: origin), tree.begin([token(2)], by: origin), tree.begin([token(3)], by: origin)
    )
    let cursor = tree.addCursor(at: [a])
    tree.move(cursor, to: [b])
    tree.undo(cursor)
    tree.move(cursor, to: [c])
    let isDone2 = tree.redo(cursor)
    #expect(!isDone2)
    #expect(tree.ids(b) == [2])
    tree.undo(cursor)
    #expect(tree.cursors[cursor]?.place == a)
    let isDone3 = tree.undo(cursor)
    #expect(!isDone3)
  }

  @Test func aCursorFollowsAppendedTokensWithoutUndoSteps() {
    var tree = SessionTree()
    let prompt = tree.begin([token(0)], by: tree.add(typed))
    let cursor = tree.addCursor(at: [tree.branch(at: prompt, by: tree.add(sampled(seed: 1)))])
    for id in 1...3 { tree.append(token(id), at: cursor) }
    let left = tree.cursors[cursor]?.place
    tree.move(cursor, to: [tree.branch(at: prompt, by: tree.add(sampled(seed: 2)))])
    tree.append(token(9), at: cursor)
    #expect(tree.cursors[cursor]?.place.map { tree.ids($0) } == [0, 9])
    tree.undo(cursor)
    #expect(tree.cursors[cursor]?.place == left)
    #expect(left.map { tree.ids($0) } == [0, 1, 2, 3])
  }

  @Test func whatIsTakenBackIsRedoneAndUndoLeadsWhereItDid() {
    var tree = SessionTree()
    let prompt = tree.begin([token(0)], by: tree.add(typed))
    let ends = (1...2).map { seed in
      tree.branch(at: prompt, (1...4).map { token($0 * seed) }, by: tree.add(sampled(seed: UInt64(seed))))
    }
    let cursor = tree.addCursor(at: [ends[0]])
    tree.move(cursor, to: [ends[1]])
    for count in [3, 2] { tree.retreat(cursor, to: Place(ends[1].node, count)) }
    #expect(tree.cursors[cursor]?.place.map { tree.ids($0) } == [0, 2, 4])
    #expect(tree.cursors[cursor]?.past == [[ends[0]]])
    tree.redo(cursor)
    #expect(tree.cursors[cursor]?.place.map { tree.ids($0) } == [0, 2, 4, 6])
    tree.redo(cursor)
    #expect(tree.cursors[cursor]?.place == ends[1])
    let isDone = tree.redo(cursor)
    #expect(!isDone)
    // No place, no move.
    tree.retreat(cursor, to: Place(ends[1].node, 9))
    tree.retreat(cursor, to: ends[1])
    #expect(tree.cursors[cursor]?.place == ends[1] && tree.cursors[cursor]?.undone == [])
  }

  @Test func placesAtTheSeamOfTwoNodesHaveTheSameText() {
    var tree = SessionTree()
    let prompt = tree.begin([token(0), token(1)], by: tree.add(typed))
    let end = tree.branch(at: prompt, [token(2)], by: tree.add(sampled(seed: 1)))
    let empty = tree.branch(at: prompt, by: tree.add(sampled(seed: 2)))
    let below = tree.branch(at: empty, by: tree.add(sampled(seed: 3)))
    #expect(tree.isSameText(prompt, Place(end.node, 0)))
    #expect(tree.isSameText(prompt, below) && tree.isSameText(Place(end.node, 0), empty))
    #expect(!tree.isSameText(prompt, end) && !tree.isSameText(prompt, Place(prompt.node, 1)))
  }

  @Test func nothingIsAppendedInTheMiddleOfANode() {
    var tree = SessionTree()
    let place = tree.begin([token(0), token(1)], by: tree.add(typed))
    let cursor = tree.addCursor(at: [Place(place.node, 1)])
    tree.append(token(9), at: cursor)
    #expect(tree.ids(place) == [0, 1])
  }

  @Test func theNumberOfUndoableMovesIsBounded() {
    var tree = SessionTree(bounds: SessionTree.Bounds(tokens: 1_000_000, moves: 3))
    let cursor = tree.addCursor()
    let ends = (0..<10).map { tree.begin([token($0)], by: tree.add(typed)) }
    for end in ends { tree.move(cursor, to: [end]) }
    var count = 0
    while tree.undo(cursor) { count += 1 }
    #expect(count == 3)
    #expect(ends.allSatisfy { tree.isValid($0) })
  }

  @Test func textsWithoutACursorStayWithinTheBounds() {
    var tree = SessionTree(bounds: SessionTree.Bounds(tokens: 16_384, moves: 200))
    let cursor = tree.addCursor()
    var ends: [Place] = []
    for number in 0..<1_000 {
      ends.append(tree.begin((0..<256).map { token(number * 256 + $0) }, by: tree.add(typed)))
      tree.move(cursor, to: [ends[number]])
    }
    // 64 texts of 256 tokens, in addition to the current and the previous one, which are always kept.
    #expect(tree.tokenCount == 16_384 + 2 * 256)
    #expect(ends.filter { tree.isValid($0) } == Array(ends.suffix(66)))
    let book = tree.begin((0..<100_000).map { token($0) }, by: tree.add(typed))
    tree.move(cursor, to: [book])
    tree.move(cursor, to: [ends[999]])
    #expect(tree.ids(book).count == 100_000, "the last move can always be undone")
    #expect(tree.cursors[cursor]?.past.last == [book])
    tree.undo(cursor)
    #expect(tree.cursors[cursor]?.place == book)
  }

  @Test("The most probable tokens are kept beside the texts left last") func topsStayWithinTheBounds() {
    var tree = SessionTree(bounds: SessionTree.Bounds(tokens: 1_000_000, moves: 200, tops: 1_000))
    let cursor = tree.addCursor()
    let ranked = (0..<3).map { RankedToken(token: TokenValue(id: $0, bytes: [65]), logprob: -1, rank: $0 + 1) }
    let rich = { (id: Int) in
      var token = token(id)
      token.top = id % 2 == 0 ? ranked : []
      return token
    }
    var ends: [Place] = []
    for number in 0..<40 {
      ends.append(tree.begin((0..<100).map { rich(number * 100 + $0) }, by: tree.add(typed)))
      tree.move(cursor, to: [ends[number]])
    }
    let tops = { (tree: SessionTree, end: Place) in tree.path(to: end).indices.map { tree.path(to: end).top(at: $0) } }
    #expect(tree.tokenCount == 4_000 && tree.topCount <= 1_000 && tree.topCount > 800)
    #expect(tops(tree, ends[39]) == (0..<100).map { $0 % 2 == 0 ? ranked : [] })
    #expect(tops(tree, ends[0]).allSatisfy { $0.isEmpty })
    #expect(tree.ids(ends[0]) == Array(0..<100))
    // The count follows what is cut, removed and appended.
    tree.cut(ends[39].node, to: 41)
    tree.remove(ends[38].node)
    tree.append(rich(0), to: ends[37].node)
    var count = 0
    for node in tree.allNodes { count += (0..<node.tokens.count).count { !node.tokens[$0].top.isEmpty } }
    #expect(tree.topCount == count)
  }

  @Test func branchesOfOneLongTextCostOnlyTheirOwnTokens() {
    var tree = SessionTree()
    let prompt = tree.begin((0..<10_000).map { token($0) }, by: tree.add(typed))
    let cursor = tree.addCursor(at: [prompt])
    for number in 0..<150 {
      let end = tree.branch(at: Place(prompt.node, 9_000 + number), [token(-number)], by: tree.add(sampled(seed: 1)))
      tree.move(cursor, to: [end])
    }
    #expect(tree.tokenCount == 10_150)
    #expect(tree.cursors[cursor]?.past.count == 150)
  }

  @Test func labelsSourcesAndTheOtherBeamsOfASearchAreKept() {
    var tree = SessionTree(bounds: SessionTree.Bounds(tokens: 10, moves: 200))
    let named = tree.begin((0..<50).map { token($0) }, by: tree.add(typed))
    tree.label(Place(named.node, 20), "kept")
    let source = tree.begin((0..<30).map { token($0) }, by: tree.add(typed))
    let start = tree.begin(by: tree.add(typed), source: source)
    let search = tree.add(.beam(BeamRequest(context: ModelContext(model: storyteller, ids: []))))
    let beams = (0..<3).map { _ in tree.branch(at: start, (0..<20).map { token($0) }, by: search) }
    let cursor = tree.addCursor(at: [beams[1]])
    for number in 0..<3 {
      tree.move(cursor, to: [tree.begin((0..<40).map { token($0) }, by: tree.add(sampled(seed: UInt64(number))))])
      if number == 0 {
        #expect(beams.allSatisfy { tree.isValid($0) } && tree.isValid(source))
        #expect(tree.cursors[cursor]?.past == [[beams[1]]])
      }
    }
    #expect(beams.allSatisfy { !tree.isValid($0) }, "all beams of a search are removed together")
    #expect(!tree.isValid(source) && !tree.isValid(start))
    #expect(tree.ids(Place(named.node, 20)) == Array(0..<20))
    #expect(tree.ids(named).count == 20, "tokens after the last label are not needed")
    tree.label(Place(named.node, 20), nil)
    tree.prune()
    #expect(tree[named.node] == nil)
  }
}
