import EngineAPI
import Testing

@testable import Sessions

/// Compares a tree with a naive model that stores every text separately.
@Suite struct ModelTests {
  /// A cursor of the naive model: texts with their places in the tree.
  struct Naive {
    var now: Place
    var past: [Place] = []
    var undone: [Place] = []
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func randomOperationsGiveTheTextsOfANaiveModel(seed: UInt64) throws {
    var dice = Dice(state: seed)
    var tree = SessionTree(bounds: SessionTree.Bounds(tokens: 1_000_000, moves: 20))
    var texts: [Place: [Int]] = [:]
    let root = tree.begin([token(0)], by: tree.add(typed))
    texts[root] = [0]
    var naive: [CursorID: Naive] = [:]
    for _ in 0..<3 { naive[tree.addCursor(at: [root])] = Naive(now: root) }
    for step in 1..<400 {
      let id = try #require(naive.keys.sorted { $0.number < $1.number }.randomElement(using: &dice))
      var own = try #require(naive[id])
      let text = texts[own.now] ?? []
      switch Int.random(in: 0..<7, using: &dice) {
      case 0, 1:  // Branch anywhere in the text.
        let length = Int.random(in: 1...text.count, using: &dice)
        let here = try #require(tree.place(length, on: own.now))
        let more = (0..<Int.random(in: 0..<300, using: &dice)).map { step * 1_000 + $0 }
        let end = tree.branch(at: here, more.map { token($0) }, by: tree.add(sampled(seed: seed)))
        texts[end] = Array(text.prefix(length)) + more
        tree.move(id, to: [end])
        own.past = Array((own.past + [own.now]).suffix(20))
        own.undone = []
        own.now = end
      case 2:  // Append, if the cursor is at the end of its node.
        if tree.end(of: own.now.node) == own.now {
          tree.append(token(step), at: id)
          own.now.count += 1
          texts[own.now] = text + [step]
        }
      case 3:
        let isDone = tree.undo(id)
        #expect(isDone == !own.past.isEmpty)
        if let last = own.past.popLast() {
          own.undone.append(own.now)
          own.now = last
        }
      case 4:
        let isDone = tree.redo(id)
        #expect(isDone == !own.undone.isEmpty)
        if let next = own.undone.popLast() {
          own.past.append(own.now)
          own.now = next
        }
      case 5:  // Take a part of the text back.
        let here = try #require(tree.place(Int.random(in: 1...text.count, using: &dice), on: own.now))
        guard here != own.now else { break }
        tree.retreat(id, to: here)
        texts[here] = Array(text.prefix(tree.length(of: here)))
        own.undone = Array((own.undone + [own.now]).suffix(20))
        own.now = here
      default:  // Read a part of the text.
        let from = Int.random(in: 0...text.count, using: &dice)
        #expect(tree.path(to: own.now, from: from).ids == Array(text[from...]))
      }
      naive[id] = own
      #expect(
        tree.cursors[id]
          == SessionCursor(places: [own.now], past: own.past.map { [$0] }, undone: own.undone.map { [$0] }))
    }
    for (place, text) in texts { #expect(tree.ids(place) == text) }
    #expect(tree.tokenCount == tree.allNodes.reduce(0) { $0 + $1.tokens.count })
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func pruningKeepsNeededTextsAndTheBounds(seed: UInt64) throws {
    var dice = Dice(state: seed &+ 100)
    var tree = SessionTree(bounds: SessionTree.Bounds(tokens: 200, moves: 50))
    let cursors = (0..<2).map { _ in tree.addCursor(at: [tree.begin([token(1)], by: tree.add(typed))]) }
    for step in 0..<300 {
      let id = cursors[Int.random(in: 0..<2, using: &dice)]
      let now = try #require(tree.cursors[id]?.place)
      let text = tree.ids(now)
      switch Int.random(in: 0..<5, using: &dice) {
      case 0: tree.undo(id)
      case 1: tree.redo(id)
      default:
        let length = Int.random(in: 1...text.count, using: &dice)
        let here = try #require(tree.place(length, on: now))
        let more = (0..<Int.random(in: 0..<60, using: &dice)).map { token(step * 100 + $0) }
        tree.move(id, to: [tree.branch(at: here, more, by: tree.add(sampled(seed: seed)))])
        #expect(tree.cursors[id]?.past.last.map { $0.map { tree.ids($0) } } == [text], "the previous text is kept")
        let paths = tree.cursors.values.flatMap { [$0.places] + $0.past.suffix(1) + $0.undone.suffix(1) }
        let needed = paths.flatMap(\.self).reduce(0) { $0 + tree.length(of: $1) }
        #expect(tree.tokenCount <= needed + 400, "each of the two cursors allows 200 tokens that are not needed")
      }
      for cursor in tree.cursors.values {
        for place in [cursor.places] + cursor.past + cursor.undone { #expect(place.allSatisfy { tree.isValid($0) }) }
      }
      #expect(tree.tokenCount == tree.allNodes.reduce(0) { $0 + $1.tokens.count })
      for node in tree.allNodes {
        #expect(node.parent.map { tree.isValid($0) } ?? tree.roots.contains(node.id))
        #expect(node.children.allSatisfy { tree[$0]?.parent?.node == node.id })
        if let parent = node.parent { #expect(node.start == tree.length(of: parent)) }
      }
    }
  }
}
