import EngineAPI
import Sampling
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Compare tab with two scripted models of one vocabulary.
@Suite struct CompareStories {
  private static let words = [
    "Once", " upon", " a", " time", ",", " there", " was", " king", " girl", " old", " young", " who", " had", " the",
    " sea", ".", " lived", " by", " and", " sang",
  ]

  /// Models A and B have the same words; C has others.
  static let catalogue: [ScriptedModel] = [
    ScriptedModel("storyteller", family: .causal, words: words, script: " old king who had the sea.", seed: 11),
    ScriptedModel(
      "storyteller-mini", family: .causal, words: words, script: " old girl who sang by the sea.", seed: 12),
    ScriptedModel("other", family: .causal, words: ["x"], seed: 13),
  ]

  static func player(
    _ size: Size = Size(120, 36), models: [ModelReference] = [], text: String = "Once upon a time, there was a",
    catalogue: [ScriptedModel] = catalogue
  ) -> Player {
    var settings = PlaygroundSettings()
    settings.maxTokens = 10
    var player = Player(
      size.width, size.height, task: .compare, models: models.isEmpty ? [:] : [.compare: models], settings: settings,
      catalogue: catalogue)
    if !text.isEmpty { player.send(.input(.paste(text))) }
    return player
  }

  private func requests(_ player: Player) -> [ComparisonRequest] {
    player.effects.compactMap { if case .compare(_, let request) = $0 { request } else { nil } }
  }

  private func generations(_ player: Player) -> [GenerationRequest] {
    player.effects.compactMap { if case .generate(_, let request) = $0 { request } else { nil } }
  }

  @Test func theSidesReadTheTextAsItIsTyped() throws {
    let player = Self.player()
    let tab = player.state.compare
    let request = try #require(requests(player).last)
    #expect(request.sides.map(\.context.model.name) == ["storyteller", "storyteller-mini"])
    #expect(request.sides[0].context.ids == request.sides[1].context.ids)
    // The last position is that of the token after the text.
    #expect(tab.reading.tokens.map(\.text).joined() == "Once upon a time, there was a")
    #expect(tab.reading.positions.last?.index == tab.reading.tokens.count)
    #expect(tab.reading.isNext(try #require(tab.position).index) && !tab.isBusy)
    #expect(request.sides.allSatisfy { $0.settings == nil })
  }

  @Test func theKeyNGoesFromOnePartingToTheNext() throws {
    var player = Self.player()
    player.press("tab g")
    #expect(player.state.compare.cursor == 0 && player.state.compare.focus == .parting)
    let partings = player.state.compare.reading.positions.indices.filter {
      !player.state.compare.reading.positions[$0].pairs[0].topAgrees
    }
    #expect(partings.count > 1)
    var visited: [Int] = partings.first == 0 ? [0] : []
    for _ in partings.dropFirst(visited.count) {
      player.press("n")
      if let cursor = player.state.compare.cursor, visited.last != cursor { visited.append(cursor) }
    }
    #expect(visited == partings)
    // From the last one the way goes on at the other end.
    player.press("n")
    #expect(player.state.compare.cursor == partings.first)
    #expect(player.state.shell.notice == "from the beginning of the text")
    player.press("N")
    #expect(player.state.compare.cursor == partings.last && player.state.shell.notice == "from the end of the text")
    player.press("N")
    #expect(player.state.compare.cursor == partings.dropLast().last)
    player.press("w")
    let gaps = player.state.compare.reading.positions.map { $0.pairs[0].divergence.jensenShannon }
    #expect(gaps[try #require(player.state.compare.cursor)] == gaps.max())
  }

  @Test func theOrderOfTheCandidatesFollowsTheChoice() throws {
    var player = Self.player()
    player.press("tab tab")
    var orders: [JointOrder] = []
    for _ in 0..<4 {
      let tab = player.state.compare
      let keys = tab.candidates.map { tab.order.key($0) }
      #expect(keys == keys.sorted(by: >) && keys.count >= CompareState.listed)
      orders.append(tab.order)
      player.press("o")
    }
    #expect(orders == [.difference, .contribution, .side(0), .side(1)])
    #expect(player.state.compare.order == .difference)
  }

  @Test func theSharesOfTheCandidatesAddUpToKL() throws {
    // With all tokens listed, the shares are the terms of the sum.
    let tab = Self.player().state.compare
    let position = try #require(tab.position)
    let listed = position.candidates.map { JointOrder.contribution($0) }.reduce(0, +)
    let left = position.candidates.reduce(1) { $0 - Probability.of(logprob: $1.logprobs[0]) }
    #expect(left < 0.9 && abs(listed - position.pairs[0].divergence.forward) < 8 * left)
  }

  @Test func enterLetsEverySideGoOnFromTheSamePrefix() throws {
    var player = Self.player()
    player.press("enter")
    let made = generations(player)
    #expect(made.count == 2 && made[0].context.ids == made[1].context.ids && made[0].seed == made[1].seed)
    #expect(player.state.compare.sides.allSatisfy { $0.writing?.reason != nil })
    // From the text before a token, with a chosen candidate.
    player.press("tab g right tab down enter")
    let forked = generations(player).suffix(2)
    let chosen = player.state.compare.candidates[1].token.id
    let index = try #require(player.state.compare.position?.index)
    #expect(forked.allSatisfy { $0.context.ids == Array(made[0].context.ids[..<index]) + [chosen] })
    // Both texts are in the tree.
    for side in player.state.compare.sides {
      let place = try #require(side.writing?.trace.place)
      #expect(player.state.shell.tree.generationRequest(of: place.node)?.context.model == side.model)
    }
  }

  @Test func wordsThatOnlyOneSideHasWrittenAreMarked() throws {
    var player = Self.player()
    player.change { $0.tabs[CompareState.self].sides[0].settings = .greedy }
    player.change { $0.tabs[CompareState.self].sides[1].settings = .greedy }
    player.press("enter")
    let sides = player.state.compare.sides
    let texts = sides.map { $0.writing?.trace.pieces(endOfText: [0]).joined() ?? "" }
    #expect(texts == ["old king who had the sea.", "old girl who sang by the sea."])
    let own = sides.map { side in
      (side.writing?.ownWords ?? []).sorted().map { side.writing?.trace.tokens[$0].token.text ?? "" }
    }
    #expect(own == [[" king", " had"], [" girl", " sang", " by"]])
  }

  @Test func tokensBelongToTheWordThatTheyArePartsOf() {
    let words = WrittenWord.words([" the", " ki", "ng", ",", " a", "\n", "b"])
    #expect(words.map(\.text) == ["the", "king,", "a", "b"])
    #expect(words.map(\.tokens) == [[0], [1, 2, 3], [4], [5, 6]])
  }

  @Test func otherSettingsOfASideAreComparedToo() throws {
    var player = Self.player()
    player.press("tab tab tab tab")
    #expect(player.state.compare.focus == .side(1) && player.state.compare.lead == 1)
    player.press("f3")
    player.press("right")
    player.press("esc")
    let request = try #require(requests(player).last)
    #expect(request.sides[0].settings == nil && request.sides[1].settings != nil)
  }

  @Test func sidesAreAddedAndLeftOut() throws {
    var player = Self.player()
    player.press("tab + +")
    #expect(player.state.compare.sides.count == 4 && player.state.compare.focus == .side(3))
    player.press("+")
    #expect(player.state.shell.notice?.hasPrefix("four sides at most") == true)
    #expect(requests(player).last?.sides.count == 4)
    player.press("- - -")
    #expect(player.state.compare.sides.count == 2 && player.state.shell.notice == "two sides at least")
    #expect(requests(player).last?.sides.count == 2)
  }

  @Test func modelsWithOtherTokenizersAreRefusedWithAHint() {
    let player = Self.player(models: [ModelReference("storyteller"), ModelReference("other")])
    #expect(player.state.compare.reading.failure?.what == "the sides have different tokenizers")
    #expect(requests(player).isEmpty)
    #expect(player.screen.contains("the sides have different tokenizers"))
    var other = player
    other.press("enter")
    #expect(generations(other).isEmpty && other.state.shell.notice == "the sides have different tokenizers")
  }

  @Test func oneModelIsComparedWithItsSmallerFormat() {
    let player = Self.player(models: [ModelReference("other")])
    #expect(player.state.compare.sides.map(\.model.description) == ["other", "other@q8"])
  }

  @Test func escStopsEverySide() throws {
    var player = Self.player()
    player.holdsStreams = true
    player.press("enter")
    player.stream(2)
    #expect(player.state.compare.isBusy)
    player.press("esc")
    #expect(
      player.state.compare.sides.allSatisfy { $0.writing?.reason == .interrupted } && !player.state.compare.isBusy)
    #expect(player.state.compare.sides.allSatisfy { $0.writing?.trace.tokens.count == 2 })
    player.press("tab r")
    #expect(generations(player).suffix(2).allSatisfy { $0.seed == generations(player)[0].seed + 1 })
  }

  @Test func anEmptyTextHasNoComparison() {
    var player = Self.player(text: "Once")
    #expect(!player.state.compare.reading.positions.isEmpty)
    player.press("ctrl-u")
    #expect(player.state.compare.reading.positions.isEmpty && player.state.compare.reading.request == nil)
    #expect(player.screen.contains("write a text, or press the right arrow for an example"))
  }

  @Test func answersToAnOlderTextAreIgnored() throws {
    var player = Self.player(text: "Once")
    player.holdsAnswers = true
    player.type(" u")
    player.answer()
    let shown = player.state.compare.reading
    let late = Ticket(.comparison, version: 1)
    player.send(.comparing(late, ComparisonPart(positions: [], fraction: 0.5)))
    player.send(.compared(late, .failure(EngineError(.input, "late"))))
    #expect(player.state.compare.reading == shown)
  }
}
