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

  @Test func prunedTextsAreKeptButAreNoLeavesAndComeBack() {
    var tree = SessionTree()
    let prompt = tree.begin([token(1), token(2)], by: tree.add(typed))
    let first = tree.branch(at: prompt, (0..<6).map { token($0) }, by: tree.add(sampled(seed: 1)))
    let early = tree.branch(at: Place(first.node, 2), [token(7)], by: tree.add(sampled(seed: 2)))
    let late = tree.branch(at: Place(first.node, 5), [token(8)], by: tree.add(sampled(seed: 3)))
    #expect(tree.leaves == [first, early, late])
    let version = tree.shapeVersion
    tree.prune(first.node, from: 3)
    #expect(tree.leaves == [Place(first.node, 3), early] && tree.shapeVersion > version)
    #expect(
      tree.isPruned(late) && tree.isPruned(first) && !tree.isPruned(early) && !tree.isPruned(Place(first.node, 3)))
    tree.prune(first.node, from: 0)
    #expect(tree.leaves == [prompt] && tree.isPruned(early))
    tree.prune(first.node, from: nil)
    #expect(tree.leaves == [first, early, late] && !tree.isPruned(late))
    tree.prune(first.node, from: 9)
    #expect(tree.leaves.count == 3, "there is no such token")
  }

  @Test func theSumOfAPathsLogprobsIsKnownAtEveryPlace() {
    var tree = SessionTree()
    let prompt = tree.begin((0..<300).map { token($0, known: false) }, by: tree.add(typed))
    let made = tree.branch(at: prompt, (0..<700).map { token($0) }, by: tree.add(sampled(seed: 1)))
    let twig = tree.branch(at: Place(made.node, 333), (0..<5).map { token($0 + 40) }, by: tree.add(sampled(seed: 2)))
    for count in [0, 1, 255, 256, 257, 511, 512, 700] {
      let sum = (0..<count).reduce(0) { $0 + (token($1).logprob ?? 0) }
      #expect(abs(tree.logprob(of: Place(made.node, count)) - sum) < 1e-9)
    }
    let before = tree.logprob(of: Place(made.node, 333))
    #expect(tree.logprob(of: twig) == before - 5.0 - 5.125 - 5.25 - 5.375 - 5.5)
    #expect(tree.logprob(of: prompt) == 0)
    tree.cut(made.node, to: 400)
    tree.append(token(8), to: made.node)
    #expect(abs(tree.logprob(of: tree.end(of: made.node)) - tree.logprob(of: Place(made.node, 400)) + 1) < 1e-9)
  }

  @Test func cursorsOfAnotherProgramAreTakenInTheirOrder() {
    var tree = SessionTree(bounds: .init(tokens: 0, moves: 1))
    let prompt = tree.begin([token(1)], by: tree.add(typed))
    let end = tree.branch(at: prompt, [token(2)], by: tree.add(sampled(seed: 1)))
    _ = tree.addCursor(at: [end])
    _ = tree.addCursor(at: [prompt, end])
    tree.startRecording()
    #expect(tree.takeCursors() == [[end], [prompt, end]] && tree.cursors.isEmpty && tree.isValid(end))
    #expect(tree.takeRecords().count == 2)
  }
}
