import EngineAPI
import TestSupport
import Testing

@testable import Sessions

/// The rows of a tree.
@Suite struct TreeOutlineTests {
  private let model = ModelReference("storyteller")

  private func token(_ id: Int) -> ScoredToken {
    ScoredToken(
      token: TokenValue(id: id, bytes: Array(" w\(id)".utf8)), logprob: -Double(id % 7) / 2, rank: 1, entropy: 1)
  }

  private func sampled(_ seed: UInt64) -> Origin {
    .sampled(GenerationRequest(context: ModelContext(model: model, ids: []), seed: seed))
  }

  private func type(_ words: String, in tree: inout SessionTree) -> Place {
    let values = words.split(separator: " ").map { TokenValue(id: Int($0) ?? 0, bytes: Array(" \($0)".utf8)) }
    return tree.type(words, values, model: model)
  }

  /// The ids on a row.
  private func ids(_ row: Int, _ outline: TreeOutline, _ tree: SessionTree) -> [Int] {
    let from = tree.length(of: outline.beginning(of: row, in: tree))
    return tree.path(to: outline.end(of: row, in: tree), from: from).ids
  }

  @Test func aRowGoesFromOneForkToTheNext() {
    var tree = SessionTree()
    let prompt = type("1 2 3", in: &tree)
    let first = tree.branch(at: prompt, (10..<16).map(token), by: tree.add(sampled(1)))
    _ = tree.branch(at: prompt, (20..<22).map(token), by: tree.add(sampled(2)))
    let chosen = tree.branch(at: Place(first.node, 2), [token(30)], by: tree.add(.chosen(model: model)))
    _ = tree.branch(at: chosen, (31..<33).map(token), by: tree.add(sampled(3)))
    let outline = TreeOutline(tree)
    #expect(outline.rows.map(\.depth) == [0, 1, 2, 2, 1])
    #expect(
      outline.rows.indices.map { ids($0, outline, tree) } == [
        [1, 2, 3], [10, 11], [12, 13, 14, 15], [30, 31, 32], [20, 21],
      ])
    #expect(outline.rows[1].children == [2, 3] && outline.rows[3].index == 1 && outline.siblings(of: 4) == [1, 4])
    #expect(
      outline.row(of: Place(first.node, 2), in: tree) == 1 && outline.row(of: Place(first.node, 3), in: tree) == 2)
    #expect(outline.row(of: chosen, in: tree) == 3 && outline.row(of: Place(first.node, 0), in: tree) == 0)
  }

  @Test func promptsShareRowsAndVersionsOfPromptsHaveNone() {
    var tree = SessionTree()
    let writer = tree.beginDraft("text", model: model)
    #expect(tree.cursors[writer] != nil)
    let one = type("1 2 3", in: &tree)
    let two = type("1 2 4", in: &tree)
    for place in [one, two] { _ = tree.branch(at: place, [token(9)], by: tree.add(sampled(1))) }
    let outline = TreeOutline(tree)
    #expect(outline.rows.indices.map { ids($0, outline, tree) } == [[1, 2], [3], [9], [4], [9]])
  }

  @Test func aRequestThatMadeNothingAndASourceHaveNoRow() {
    var tree = SessionTree()
    let prompt = type("1", in: &tree)
    let growing = tree.branch(at: prompt, by: tree.add(sampled(1)))
    let stopped = tree.branch(at: prompt, by: tree.add(sampled(2)))
    tree.finish(stopped.node, Outcome(.interrupted))
    let source = type("5 6", in: &tree)
    let root = tree.begin(by: tree.add(.translation(from: "en", to: "fr", model: model)), source: source)
    let beams = tree.add(
      .beam(
        BeamRequest(TextRequest(context: ModelContext(model: model, ids: [])), search: BeamSearchSettings(beams: 2))))
    for id in [7, 8] { _ = tree.branch(at: root, [token(id)], by: beams) }
    let outline = TreeOutline(tree)
    #expect(
      outline.rows.map(\.start) == [Place(prompt.node, 0), Place(growing.node, 0), Place(root.node, 0)]
        + tree.siblings(of: NodeID(5)).map { Place($0, 0) })
    #expect(outline.rows.map(\.depth) == [0, 1, 0, 1, 1])
  }

  /// Whatever the tree: the rows from a root to a leaf are the leaf's text, and every leaf has a row.
  @Test(arguments: 0..<30 as Range<UInt64>) func theRowsOfAPathAreItsText(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var tree = SessionTree()
    var places = [type("1 2 3", in: &tree), type("1 2 5 6", in: &tree)]
    for step in 0..<40 {
      let place = places[Int.random(in: 0..<places.count, using: &random)]
      let here = Place(place.node, Int.random(in: 0...place.count, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: tree.prune(here.node, from: Bool.random(using: &random) ? here.count : nil)
      case 1: places.append(tree.branch(at: here, [token(step)], by: tree.add(.chosen(model: model))))
      default:
        let count = Int.random(in: 1..<5, using: &random)
        places.append(
          tree.branch(at: here, (0..<count).map { token(step * 10 + $0) }, by: tree.add(sampled(UInt64(step)))))
      }
    }
    let outline = TreeOutline(tree)
    for (number, row) in outline.rows.enumerated() {
      var (words, next) = ([Int](), Int?.some(number))
      while let here = next {
        words = ids(here, outline, tree) + words
        next = outline.rows[here].parent
      }
      #expect(words == tree.path(to: outline.end(of: number, in: tree)).ids)
      #expect(
        row.children.allSatisfy { outline.rows[$0].parent == number }
          && outline.siblings(of: number)[row.index] == number)
      #expect(!tree.isPruned(outline.end(of: number, in: tree)))
    }
    let ends = Set(outline.rows.indices.map { tree.path(to: outline.end(of: $0, in: tree)).ids })
    for leaf in tree.leaves where tree.length(of: leaf) > 0 { #expect(ends.contains(tree.path(to: leaf).ids)) }
  }

  @Test func theRowsAreMadeAnewOnlyWhenTheShapeChanges() {
    var tree = SessionTree()
    let prompt = type("1", in: &tree)
    let made = tree.branch(at: prompt, [token(2)], by: tree.add(sampled(1)))
    let version = tree.shapeVersion
    for id in 3..<50 { tree.append(token(id), to: made.node) }
    #expect(tree.shapeVersion == version)
    let outline = TreeOutline(tree)
    tree.append(token(60), to: made.node)
    #expect(ids(1, outline, tree).last == 60, "a row grows with its text")
    _ = tree.branch(at: Place(made.node, 3), [token(70)], by: tree.add(sampled(2)))
    #expect(tree.shapeVersion > version)
  }
}
