import EngineAPI
import Testing

@testable import Sessions

@Suite struct TypingTests {
  private func words(_ text: String) -> [TokenValue] {
    text.split(separator: " ").map { TokenValue(id: $0.utf8.reduce(0) { $0 * 31 + Int($1) }, bytes: Array($0.utf8)) }
  }

  @Test func typedTextsShareTheirPrefix() {
    var tree = SessionTree()
    let texts = ["a b c d", "a b x", "a b c d", "a b c d e", "a b", "a b x y", "q", "a b x z", "a b"]
    let places = texts.map { tree.type($0, words($0), model: storyteller) }
    for (text, place) in zip(texts, places) {
      #expect(tree.path(to: place).map(\.token) == words(text))
      #expect(tree.typedText(before: place) == text)
    }
    #expect(places[2] == places[0] && places[8] == places[4])
    #expect(tree.roots.count == 2)
    #expect(tree.tokenCount == 4 + 1 + 1 + 1 + 1 + 1)
  }

  @Test func differentTextsWithTheSameTokensHaveDifferentPlaces() {
    var tree = SessionTree()
    let a = tree.type("a b", words("a b"), model: storyteller)
    let b = tree.type("a  b", words("a b"), model: storyteller)
    #expect(a != b && tree.tokenCount == 2)
    #expect(tree.typedText(before: a) == "a b" && tree.typedText(before: b) == "a  b")
    #expect(tree.type("a  b", words("a b"), model: storyteller) == b)
    let made = tree.branch(at: b, [token(1)], by: tree.add(sampled(seed: 1)))
    #expect(tree.typedText(before: made) == "a  b")
    let other = tree.type("a b", words("a b"), model: ModelReference("another"))
    #expect(other != a && tree.roots.count == 2, "ids of another vocabulary")
  }

  @Test func typedTextsShareNothingWithGeneratedTexts() {
    var tree = SessionTree()
    let a = tree.type("a", words("a"), model: storyteller)
    let made = tree.branch(
      at: a, [ScoredToken(token: words("b")[0], logprob: -1, rank: 1, entropy: 1)], by: tree.add(sampled(seed: 1)))
    let ab = tree.type("a b", words("a b"), model: storyteller)
    #expect(ab.node != made.node, "typed tokens have no probability")
    #expect(tree.path(to: ab).map(\.logprob) == [nil, nil])
  }

  @Test func anEmptyTextHasAPlace() {
    var tree = SessionTree()
    let first = tree.type("", [], model: storyteller)
    #expect(tree.type("", [], model: storyteller) == first)
    let a = tree.type("a", words("a"), model: storyteller)
    #expect(tree.path(to: a).map(\.token) == words("a"))
    #expect(tree.type("", [], model: storyteller) == first)
  }

  @Test(arguments: 0..<6 as Range<UInt64>) func randomTextsAreATrieAndEachIsFoundAgain(seed: UInt64) {
    var dice = Dice(state: seed)
    var tree = SessionTree()
    var places: [String: Place] = [:]
    var prefixes: Set<String> = []
    for _ in 0..<400 {
      let letters = (0..<Int.random(in: 0...6, using: &dice)).map { _ in
        ["a", "b", "c"].randomElement(using: &dice) ?? "a"
      }
      let text = letters.joined(separator: " ")
      let place = tree.type(text, words(text), model: storyteller)
      #expect(tree.path(to: place).map(\.token) == words(text) && tree.typedText(before: place) == text)
      #expect(places[text] ?? place == place)
      places[text] = place
      for count in 0..<letters.count { prefixes.insert(letters[...count].joined()) }
      #expect(tree.tokenCount == prefixes.count)
    }
  }

  @Test func whatWasPrunedIsTypedAnew() {
    var tree = SessionTree(bounds: SessionTree.Bounds(tokens: 0, moves: 1))
    let lost = tree.type("a b c", words("a b c"), model: storyteller)
    tree.prune()
    #expect(!tree.isValid(lost))
    let kept = tree.type("a b", words("a b"), model: storyteller)
    let cursor = tree.addCursor(at: [Place(kept.node, 1)])
    tree.prune()
    #expect(tree.tokenCount == 1)
    let again = tree.type("a b", words("a b"), model: storyteller)
    tree.move(cursor, to: [again])
    #expect(tree.path(to: again).map(\.token) == words("a b"))
    #expect(tree.type("a b", words("a b"), model: storyteller) == again)
  }

  @Test func tensOfThousandsOfLinesAreTypedInLinearTime() {
    var tree = SessionTree()
    let lines = (0..<30_000).map { "\($0 % 3 == 0 ? "all" : "w\($0)") \($0) end" }
    let places = lines.map { tree.type($0, words($0), model: storyteller) }
    // Each is found among the others; a search of them all would take minutes.
    #expect(zip(lines, places).allSatisfy { tree.type($0, words($0), model: storyteller) == $1 })
    #expect(Set(places).count == lines.count)
  }

  @Test func theTokensOfATextHaveItsBytes() {
    let text = TokenizedText(
      leading: [.init(id: 0, range: 0..<0, isSpecial: true)],
      stretches: [
        .init(
          text: Array("to be".utf8),
          tokens: [.init(id: 5, range: 0..<2, isSpecial: false), .init(id: 6, range: 2..<5, isSpecial: false)]),
        .init(
          text: Array(" or".utf8),
          tokens: [.init(id: 7, range: 0..<3, isSpecial: false), .init(id: 8, range: -1 ..< -1, isSpecial: true)]),
      ], trailing: [.init(id: 1, range: 0..<0, isSpecial: true)])
    #expect(text.values.map(\.text) == ["", "to", " be", " or", "", ""])
    #expect(text.values.map(\.id) == text.ids)
  }

  @Test func theTokensOfATextAddUpToIt() {
    func span(_ id: Int, _ range: Range<Int>) -> TokenizedText.Token { .init(id: id, range: range, isSpecial: false) }
    // Word pieces, with spaces that belong to no token, in two segments; then two tokens of one character.
    let text = TokenizedText(
      leading: [.init(id: 101, range: 0..<0, isSpecial: true)],
      stretches: [
        .init(
          text: Array("hello, my ".utf8), tokens: [span(1, 0..<4), span(2, 4..<5), span(3, 5..<6), span(4, 7..<9)]),
        .init(text: Array(" é!".utf8), tokens: [span(5, 1..<3), span(6, 1..<3), span(7, 3..<4)]),
      ], trailing: [.init(id: 102, range: 0..<0, isSpecial: true)])
    let values = text.values
    #expect(values.map(\.id) == [101, 1, 2, 3, 4, 5, 6, 7, 102])
    #expect(
      values.map { String(decoding: $0.bytes, as: UTF8.self) } == ["", "hell", "o", ",", " my", "  é", "", "!", ""])
  }

  @Test(arguments: [
    ("##ing", " [MASK]", "ing"), ("king", " [MASK]", " king"), (" king", " <mask>", " king"), ("##", "[MASK]", "##"),
  ])
  func aTokenIsWrittenInThePlaceOfAMask(token: String, mask: String, written: String) {
    let value = TokenValue(id: 1, bytes: Array(token.utf8)).written(
      inPlaceOf: TokenValue(id: 2, bytes: Array(mask.utf8)))
    #expect(value == TokenValue(id: 1, bytes: Array(written.utf8)))
  }
}
