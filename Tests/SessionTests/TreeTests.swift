import EngineAPI
import Testing

@testable import Sessions

@Suite struct TreeTests {
  @Test func tokensAreReadAsTheyWereAppended() {
    var run = TokenRun()
    var expected: [ScoredToken] = []
    for id in 0..<1_000 {
      var next = token(id, known: id % 3 > 0)
      if id % 5 == 0 { next.sampledLogprob = -0.5 }
      if id % 100 == 0 { next.top = [RankedToken(token: next.token, logprob: -1, rank: 1)] }
      if id % 7 == 0 { next.token.bytes = [] }
      if id > 300, id % 11 < 5 { next.coverage = .partial(candidates: id % 20, mass: 0.5) }
      run.append(next)
      expected.append(next)
    }
    #expect((0..<run.count).map { run[$0] } == expected)
    for length in [999, 769, 768, 767, 256, 255, 1, 0] {
      run.truncate(to: length)
      #expect((0..<run.count).map { run[$0] } == Array(expected.prefix(length)))
      #expect(run == TokenRun(expected.prefix(length)))
    }
    run.append(expected[0])
    #expect(run == TokenRun([expected[0]]))
  }

  @Test func aBranchSharesThePrefixAndDoesNotChangeTheOtherText() {
    var tree = SessionTree()
    let prompt = tree.begin((0..<300).map { token($0) }, by: tree.add(typed))
    let first = tree.branch(at: prompt, (300..<900).map { token($0) }, by: tree.add(sampled(seed: 1)))
    let nodes = tree
    let second = tree.branch(at: Place(first.node, 200), [token(5_000)], by: tree.add(.chosen(model: storyteller)))
    #expect(tree.ids(first) == Array(0..<900))
    #expect(tree.ids(second) == Array(0..<500) + [5_000])
    #expect(tree.tokenCount == nodes.tokenCount + 1)
    #expect(nodes.ids(first) == Array(0..<900), "a copy of the tree is not changed")
    #expect(nodes[second.node] == nil)
    #expect(tree[second.node]?.parent == Place(first.node, 200))
    #expect(tree.path(to: second).last == token(5_000))
    #expect(tree.path(to: Place(prompt.node, 0)).last == nil)
  }

  @Test func twoStreamsGrowAtTheSameTime() {
    var tree = SessionTree()
    let prompt = tree.begin([token(0)], by: tree.add(typed))
    var ends = (0..<2).map { tree.branch(at: prompt, by: tree.add(sampled(seed: UInt64($0)))) }
    for step in 0..<600 {
      for stream in 0..<2 { ends[stream] = tree.append(token(step * 2 + stream), to: ends[stream].node) }
    }
    #expect(tree.ids(ends[0]) == [0] + (0..<600).map { $0 * 2 })
    #expect(tree.ids(ends[1]) == [0] + (0..<600).map { $0 * 2 + 1 })
  }

  @Test func aPathCanBeReadFromAnyIndex() {
    var tree = SessionTree()
    var place = tree.begin([token(0), token(1)], by: tree.add(typed))
    for id in 2..<500 {
      // Every third branch begins in the middle of the node before it.
      let run = id % 3 == 0 ? [token(id), token(-1)] : [token(id)]
      place = tree.branch(at: place, run, by: tree.add(.chosen(model: storyteller)))
      place.count = 1
    }
    let whole = tree.path(to: place)
    #expect(whole.ids == Array(0..<500))
    for index in [0, 1, 2, 250, 499] {
      let end = tree.path(to: place, from: index)
      #expect(end.count == 500 - index)
      #expect(Array(end) == Array(whole[index...]))
      #expect(end.ids == Array(index..<500))
    }
    #expect(tree.path(to: place, from: 500).isEmpty)
    for length in 0...500 {
      let found = tree.place(length, on: place)
      #expect(found.map { tree.ids($0) } == Array(0..<length))
    }
    #expect(tree.place(501, on: place) == nil)
    #expect(tree.place(-1, on: place) == nil)
    #expect(tree.root(of: place) == tree.roots[0])
  }

  @Test func aNodesRequestIsRestoredWithItsIDs() throws {
    var tree = SessionTree()
    let request = GenerationRequest(
      context: ModelContext(model: storyteller, ids: [0, 1, 2]), promptCount: 2, seed: 7, sequence: 1)
    let prompt = tree.begin([token(0), token(1)], by: tree.add(typed))
    let chosen = tree.branch(at: prompt, [token(2)], by: tree.add(.chosen(model: storyteller)))
    let made = tree.branch(at: chosen, [token(3)], by: tree.add(.sampled(request)))
    #expect(tree.origin(of: made.node) == Origin.sampled(request).withoutIDs)
    #expect(tree.origin(of: made.node) != .sampled(request), "the path has the ids")
    #expect(tree.generationRequest(of: made.node) == request)
    #expect(tree.generationRequest(of: chosen.node) == nil)
    #expect((0..<4).map { tree.path(to: made).isByHand(at: $0) } == [false, false, true, false])
    #expect(tree.path(to: made).node(at: 3) == made.node)
  }

  @Test func aTranslationKnowsItsSourceAndItsBeams() throws {
    var tree = SessionTree()
    let interpreter = ModelReference("interpreter", format: .q8)
    let source = tree.begin([token(7), token(8)], by: tree.add(.typed(text: "Hello", model: interpreter)))
    let request = BeamRequest(context: ModelContext(model: interpreter, encoderIDs: [7, 8], ids: []), beams: 3)
    let search = tree.add(.beam(request))
    let start = tree.begin(by: tree.add(.typed(text: "", model: interpreter)), source: source)
    let beams = (0..<3).map { tree.branch(at: start, [token($0)], by: search) }
    _ = tree.branch(at: start, [token(9)], by: tree.add(.beam(request)))
    tree.finish(beams[1].node, Outcome(.endOfText, score: -1.5))
    #expect(tree.siblings(of: beams[1].node) == beams.map(\.node))
    #expect(tree[beams[1].node]?.outcome?.score == -1.5)
    #expect(tree.beamRequest(of: beams[2].node) == request)
    #expect(tree.context(at: beams[2]) == ModelContext(model: interpreter, encoderIDs: [7, 8], ids: [2]))
  }

  @Test func pathsAreConcatenated() {
    var tree = SessionTree()
    let a = tree.begin((0..<300).map { token($0) }, by: tree.add(typed))
    let b = tree.branch(at: Place(a.node, 10), [token(7)], by: tree.add(.forced(model: storyteller)))
    var path = TokenPath()
    #expect(path.isEmpty && path.ids.isEmpty && path.sumOfLogprobs == 0)
    path.append(tree.path(to: b, from: 8))
    path.append(tree.path(to: a, from: 297))
    path.append(TokenPath())
    #expect(path.ids == [8, 9, 7, 297, 298, 299] && path.map(\.token.id) == path.ids)
    #expect(path.indices.map { path.isByHand(at: $0) } == [false, false, true, false, false, false])
    #expect(path.node(at: 2) == b.node && path.node(at: 3) == a.node)
  }

  @Test func noTextIsATranslationOfItself() {
    var tree = SessionTree()
    let a = tree.begin(by: tree.add(typed))
    let b = tree.begin(by: tree.add(typed), source: a)
    tree.setSource(b, of: a.node)
    tree.setSource(a, of: a.node)
    #expect(tree[a.node]?.source == nil)
    let c = tree.begin(by: tree.add(typed))
    tree.setSource(c, of: b.node)
    #expect(tree[b.node]?.source == c)
  }

  @Test func operationsAtMissingPlacesChangeNothing() {
    var tree = SessionTree()
    let origin = tree.add(typed)
    let place = tree.begin([token(0)], by: origin)
    let before = tree
    for wrong in [Place(place.node, 2), Place(place.node, -1), Place(NodeID(9), 0), Place(NodeID(-1), 0)] {
      #expect(!tree.isValid(wrong))
      let nowhere = tree.branch(at: wrong, [token(1)], by: origin)
      #expect(nowhere == wrong)
      tree.label(wrong, "name")
    }
    tree.append(token(1), to: NodeID(4))
    tree.finish(NodeID(4), Outcome(.stop))
    tree.setSource(Place(place.node, 0), of: place.node)
    #expect(tree == before)
    #expect(tree.path(to: Place(NodeID(9), 3)).isEmpty)
    #expect(tree.length(of: Place(NodeID(9), 3)) == 0)
  }

  @Test func theSumOfLogprobsIsUnknownIfOneOfThemIs() {
    var tree = SessionTree()
    let prompt = tree.begin([token(8, known: false)], by: tree.add(typed))
    let end = tree.branch(at: prompt, [token(8), token(16)], by: tree.add(sampled(seed: 1)))
    #expect(tree.path(to: end, from: 1).sumOfLogprobs == -3)
    #expect(tree.path(to: end).sumOfLogprobs == nil)
  }

  /// A copy is alive during each append, as when a frame is drawn. The amount copied must not grow with the length.
  @Test func appendingLeavesFullChunksSharedWithCopies() {
    var array = ChunkedArray<Int>()
    var copies: [ChunkedArray<Int>] = []
    let size = ChunkedArray<Int>.chunkSize
    for number in 0..<(3 * size + 10) {
      copies.append(array)
      array.append(number)
    }
    let address = { (chunk: [Int]) in chunk.withUnsafeBufferPointer { $0.baseAddress } }
    for copy in copies {
      let full = copy.count / size
      #expect(copy.chunks.prefix(full).map(address) == array.chunks.prefix(full).map(address))
      #expect((0..<copy.count).allSatisfy { copy[$0] == $0 })
    }
    copies[0].append(-1)
    #expect(array[0] == 0)
    let kept = array
    array[size] = -1
    #expect(kept[size] == size)
    #expect(address(kept.chunks[0]) == address(array.chunks[0]))
    #expect(kept.contains(index: 3 * size + 9) && !kept.contains(index: 3 * size + 10) && !kept.contains(index: -1))
  }
}
