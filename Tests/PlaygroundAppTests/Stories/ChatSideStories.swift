import EngineAPI
import ScriptedSupport
import Sessions
import TerminalUI
import Testing

@testable import PlaygroundApp

/// One question to several models or settings in the Chat tab.
@Suite struct ChatSideStories {
  static func player(_ size: Size = Size(120, 36)) -> Player {
    var short = ScriptedModel("terse", family: .causal, script: " Salt comes from rocks.", contextLength: 512)
    short.hasTemplate = true
    return Player(
      size.width, size.height, task: .chat, models: [.chat: [ModelReference("talker")]], settings: .greedy,
      catalogue: [ChatStories.talker(), short] + ScriptedModel.bundled)
  }

  /// A player with two models side by side.
  static func twoModels(_ size: Size = Size(120, 36)) -> Player {
    var player = player(size)
    player.press("tab + m")
    player.type("terse")
    player.press("enter esc")
    return player
  }

  private func send(_ text: String, _ player: inout Player) {
    player.type(text)
    player.press("enter")
  }

  private func answers(_ player: Player) -> [String] {
    player.state.chat.sides.map { $0.trace?.text(endOfText: []) ?? "" }
  }

  private func texts(_ player: Player) -> [String] { player.state.chat.page.blocks.map(\.turn.text) }

  private static let long = "Rain washes tiny bits of salt out of the rocks, and rivers carry them to the sea."

  @Test func twoModelsAnswerOneQuestionAndTheChosenOneIsGoneOnWith() throws {
    var player = Self.twoModels()
    #expect(player.state.chat.sides.map(\.model.name) == ["talker", "terse"])
    send("Why is the sea salty?", &player)
    #expect(answers(player)[0].hasPrefix(Self.long) && answers(player)[1].hasPrefix("Salt comes from rocks."))
    #expect(texts(player) == ["Why is the sea salty?"] && !player.state.chat.isBusy)
    let count = player.state.shell.tree.nodeCount
    player.press("tab 2 enter")
    #expect(texts(player) == ["Why is the sea salty?", "Salt comes from rocks."])
    #expect(player.state.chat.model.name == "terse" && player.state.shell.tree.nodeCount == count)
    // Both answer the next question, after the chosen answer.
    send("And lakes?", &player)
    let requests = player.effects.compactMap { if case .generate(_, let request) = $0 { request } else { nil } }
    let prompts = try requests.suffix(2).map { request in
      let run = try #require(player.state.chat.sides.first { $0.model == request.context.model })
      let message = try #require(run.message)
      return String(decoding: player.state.shell.tree.path(to: message).flatMap(\.token.bytes), as: UTF8.self)
    }
    let expected =
      "user: Why is the sea salty?<|end|>\nassistant: Salt comes from rocks.<|end|>\nuser: And lakes?<|end|>\nassistant:"
    #expect(prompts == [expected, expected])
    // The answer that was not chosen is still in the tree.
    let leaves = player.state.shell.tree.leaves.map { player.state.shell.tree.turns(to: $0).map(\.text) }
    #expect(leaves.contains { $0.count == 3 && $0[2].contains(Self.long) }, "\(leaves)")
  }

  @Test func oneModelAnswersTwiceWithOtherSeedsOrSettings() {
    var settings = PlaygroundSettings.greedy
    settings.texts.sampling?.temperature = 2
    settings.texts.maxTokens = 12
    var player = ChatStories.player(settings: settings)
    player.press("tab + +")
    player.press("esc")
    send("Hello", &player)
    let tree = player.state.shell.tree
    let seeds = player.state.chat.sides.compactMap { $0.run.flatMap { tree.generationRequest(of: $0.node)?.seed } }
    #expect(seeds == [7, 8, 9] && Set(answers(player)).count == 3, "\(seeds)")
    #expect(Set(player.state.chat.sides.compactMap(\.message)).count == 1, "they are answers to one message")
    // The one with the focus has settings of its own.
    player.press("tab 3 s")
    #expect(player.screen.contains("Sampler of C"))
    player.press("0 enter esc")
    #expect(player.state.chat.sides.map(\.settings.temperature) == [2, 2, 0])
    player.press("-")
    #expect(player.state.chat.sides.count == 2)
    player.press("2 -")
    #expect(player.state.chat.sides.isEmpty && texts(player).count == 2)
  }

  @Test func severalModelsOfTheCommandLineAnswerSideBySide() {
    let models = ["storyteller", "storyteller-mini"].map { ModelReference($0) }
    let player = Player(task: .chat, models: [.chat: models], settings: .greedy)
    #expect(player.state.chat.sides.map(\.model) == models && player.state.chat.models == models)
  }

  @Test func theNextMessageGoesOnWithTheAnswerThatHadTheFocus() {
    var player = Self.twoModels()
    send("Hello", &player)
    player.press("tab 2 esc")
    send("And now?", &player)
    #expect(texts(player) == ["Hello", "Salt comes from rocks.", "And now?"])
  }

  @Test func escStopsAllAnswersWhichStay() {
    var player = Self.twoModels()
    player.holdsStreams = true
    send("Hello", &player)
    player.stream(3)
    #expect(player.state.chat.isBusy)
    player.press("esc")
    #expect(!player.state.chat.isBusy && answers(player).allSatisfy { !$0.isEmpty })
    player.press("tab 1 enter")
    #expect(texts(player) == ["Hello", "Rain washes tiny"])
  }

  @Test func underTheWordsOfASideAreItsCandidates() {
    var player = Self.twoModels()
    send("Hello", &player)
    player.press("tab 2 left left")
    #expect(player.screen.contains("Answer B, token"))
    let actual = player.state.chat.lists[0].answer?.actual?.ranked.token.text
    #expect(actual == player.state.chat.walkedText?.trace.tokens[player.state.chat.walkedCursor ?? 0].token.text)
    player.press("tab down enter")
    #expect(
      player.state.chat.sides[1].trace?.tokens.isByHand(at: 3) == true || answers(player)[1] != "Salt comes from rocks."
    )
    #expect(answers(player)[0].hasPrefix(Self.long))
  }

  @Test func aModelThatCannotAnswerLeavesTheOthers() {
    var player = Self.player()
    player.press("tab + m")
    player.type("/nowhere/model")
    player.press("enter")
    player.press("space esc")
    send("Hello", &player)
    #expect(!player.state.chat.isBusy && answers(player)[0].hasPrefix(Self.long))
  }

  @Test(arguments: [Size(120, 36), Size(80, 24), Size(40, 12)])
  func everyAnswerCanBeSeenOnEveryScreen(size: Size) {
    var player = Self.twoModels(size)
    send("Hello", &player)
    for (index, word) in ["Rain", "Salt"].enumerated() {
      player.press("esc tab \(index + 1)")
      #expect(player.screen.contains(word), "\(player.screen)")
    }
    if size.width == 40 {
      #expect(!player.screen.contains("Rain"), "one at a time")
      player.press("tab tab shift-tab shift-tab")
      #expect(player.state.focus == .answer(1))
    }
  }
}
