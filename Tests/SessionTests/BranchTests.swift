import EngineAPI
import Testing

@testable import Sessions

@Suite struct BranchTests {
  @Test func siblingsHaveConsecutiveSeedsThatHaveMadeNoTextYet() {
    var tree = SessionTree()
    let prompt = tree.begin([token(1), token(2)], by: tree.add(typed))
    let here = Place(prompt.node, 1)
    let request = GenerationRequest(context: ModelContext(model: storyteller, ids: []), promptCount: 1, seed: 5)
    let first = tree.branches(at: here, request, count: 3)
    #expect(first.map(\.request.seed) == [5, 6, 7] && first.allSatisfy { $0.request.context.ids == [1] })
    #expect(first.allSatisfy { tree.generationRequest(of: $0.place.node) == $0.request })
    var more = request
    (more.seed, more.maxTokens) = (6, 3)
    #expect(tree.branches(at: here, more, count: 2).map(\.request.seed) == [8, 9])
    more.settings.temperature = 0.5
    #expect(tree.branches(at: here, more, count: 1).map(\.request.seed) == [6], "another request")
    #expect(tree.branches(at: prompt, request, count: 1).map(\.request.seed) == [5], "another place")
    more.seed = .max
    #expect(tree.branches(at: here, more, count: 2).map(\.request.seed) == [.max, 0])
    #expect(tree.branches(at: Place(prompt.node, 9), request, count: 2).isEmpty)
    #expect(tree.branches(at: here, request, count: -1).isEmpty)
  }

  @Test func aRemovedBranchTakesWhatGrowsFromItAlong() {
    var tree = SessionTree()
    let prompt = tree.begin([token(1)], by: tree.add(typed))
    let branch = tree.branch(at: prompt, [token(2), token(3)], by: tree.add(sampled(seed: 1)))
    let twig = tree.branch(at: Place(branch.node, 1), [token(4)], by: tree.add(sampled(seed: 2)))
    let other = tree.branch(at: prompt, [token(5)], by: tree.add(sampled(seed: 3)))
    let start = tree.begin(by: tree.add(.translation(from: "en", to: "fr", model: storyteller)), source: twig)
    let translation = tree.branch(at: start, [token(6)], by: tree.add(sampled(seed: 4)))
    let cursor = tree.addCursor(at: [other])
    tree.move(cursor, to: [twig])
    let lines = tree.addCursor(at: [other, translation])
    tree.undo(cursor)
    tree.redo(cursor)
    tree.label(twig, "named")
    #expect(tree.removeBranch(branch.node) == 4)
    #expect([branch, twig, start, translation].allSatisfy { !tree.isValid($0) })
    #expect(tree.isValid(other) && tree[prompt.node]?.children == [other.node] && tree.roots == [prompt.node])
    #expect(tree.cursors[cursor]?.places == [prompt] && tree.cursors[cursor]?.past == [[other]])
    #expect(tree.cursors[lines]?.places == [other])
    #expect(tree.tokenCount == 2 && tree.namedPlaces.isEmpty)
    #expect(tree.removeBranch(branch.node) == nil)
    #expect(tree.removeBranch(prompt.node) == 2 && tree.roots.isEmpty && tree.cursors[cursor]?.places == [])
  }

  @Test func marksAndNamesKeepTextsFromBeingPruned() {
    var tree = SessionTree(bounds: .init(tokens: 0, moves: 1))
    let marked = tree.begin((0..<5).map { token($0) }, by: tree.add(typed))
    let lost = tree.begin([token(9)], by: tree.add(typed))
    tree.mark(Place(marked.node, 3))
    tree.label(Place(marked.node, 2), "second")
    tree.prune()
    #expect(!tree.isValid(lost) && tree.ids(Place(marked.node, 3)) == [0, 1, 2])
    #expect(tree.markedPlaces == [Place(marked.node, 3)])
    #expect(tree.namedPlaces.map(\.name) == ["second"] && tree.namedPlaces.map(\.place) == [Place(marked.node, 2)])
    tree.mark(Place(marked.node, 3), false)
    tree.label(Place(marked.node, 2), nil)
    tree.mark(Place(marked.node, 9))
    tree.prune()
    #expect(tree.tokenCount == 0)
  }

  @Test func leavesAreTheEndsThatNothingContinues() {
    var tree = SessionTree()
    _ = tree.beginDraft("text", model: storyteller)
    let prompt = tree.begin([token(1), token(2)], by: tree.add(typed))
    let early = tree.branch(at: Place(prompt.node, 1), [token(3)], by: tree.add(sampled(seed: 1)))
    #expect(tree.leaves == [prompt, early])
    let late = tree.branch(at: prompt, [token(4)], by: tree.add(sampled(seed: 2)))
    #expect(tree.leaves == [early, late])
  }
}
