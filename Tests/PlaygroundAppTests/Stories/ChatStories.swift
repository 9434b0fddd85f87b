import EngineAPI
import ScriptedSupport
import Sessions
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Chat tab with a scripted model: keys in, screen out.
@Suite struct ChatStories {
  /// A model that answers every message in the same way.
  static func talker(template: Bool = true, context: Int? = 512) -> ScriptedModel {
    var model = ScriptedModel(
      "talker", family: .causal,
      script: " Rain washes tiny bits of salt out of the rocks, and rivers carry them to the sea.",
      contextLength: context)
    model.hasTemplate = template
    return model
  }

  static func player(
    _ size: Size = Size(120, 36), _ model: ScriptedModel = talker(), settings: PlaygroundSettings = .greedy
  ) -> Player {
    Player(
      size.width, size.height, task: .chat, models: [.chat: [ModelReference(model.summary.name)]], settings: settings,
      catalogue: [model] + ScriptedModel.bundled)
  }

  private static let answer = "Rain washes tiny bits of salt out of the rocks, and rivers carry them to the sea."

  /// The texts of the dialogue.
  private func texts(_ player: Player) -> [String] { player.state.chat.page.blocks.map(\.turn.text) }

  /// The text of a turn; empty if there is no such turn.
  private func text(_ index: Int, _ player: Player) -> String {
    let all = texts(player)
    return all.indices.contains(index) ? all[index] : ""
  }

  private func send(_ text: String, _ player: inout Player) {
    player.type(text)
    player.press("enter")
  }

  @Test func enterSendsAndTheAnswerStreams() {
    var player = Self.player()
    player.holdsStreams = true
    send("Why is the sea salty?", &player)
    player.stream(3)
    #expect(player.state.chat.prompt.editor.isEmpty && player.state.chat.isBusy)
    #expect(player.screen.contains("Why is the sea salty?") && player.screen.contains("Rain washes tiny"))
    player.stream(100)
    #expect(texts(player) == ["Why is the sea salty?", Self.answer] && !player.state.chat.isBusy)
    #expect(player.screen.contains("perplexity"))
  }

  @Test func theNextPromptHoldsTheDialogueAndItsPathIsThePrompt() throws {
    var player = Self.player()
    send("Hello", &player)
    send("And lakes?", &player)
    let tree = player.state.shell.tree
    let end = try #require(player.state.chat.place(player.state.shell))
    let text = String(decoding: tree.path(to: end).flatMap(\.token.bytes), as: UTF8.self)
    let once = "user: Hello<|end|>\nassistant: \(Self.answer)<|end|>"
    #expect(text == "\(once)\nuser: And lakes?<|end|>\nassistant: \(Self.answer)<|end|>")
    let requests = player.effects.compactMap { if case .generate(_, let request) = $0 { request } else { nil } }
    #expect(requests.count == 2 && requests[1].context.ids.starts(with: requests[0].context.ids))
  }

  @Test func altEnterBreaksTheLine() {
    var player = Self.player()
    player.type("one")
    player.press("alt-enter")
    player.type("two")
    player.press("enter")
    #expect(texts(player).first == "one\ntwo")
  }

  @Test func retryMakesASiblingAndTheArrowsWalkThroughThem() {
    var settings = PlaygroundSettings.greedy
    settings.texts.sampling?.temperature = 2
    settings.texts.maxTokens = 12
    var player = Self.player(settings: settings)
    send("Hello", &player)
    let first = text(1, player)
    player.press("tab r")
    #expect(text(1, player) != first)
    #expect(player.screen.contains("‹ 2/2 ›"))
    player.press("<")
    #expect(text(1, player) == first && player.screen.contains("‹ 1/2 ›"))
    player.press("> u")
    #expect(player.screen.contains("‹ 1/2 ›"), "undo goes back to the answer before")
  }

  @Test func anEditedMessageIsABranch() {
    var player = Self.player()
    send("Hello", &player)
    send("And lakes?", &player)
    player.press("tab up up up")
    player.press("e")
    #expect(player.state.chat.prompt.editor.text == "And lakes?" || player.state.chat.prompt.editor.text == "Hello")
    player.press("ctrl-u")
    send("Good morning", &player)
    #expect(texts(player) == ["Good morning", Self.answer])
    player.press("tab up <")
    #expect(texts(player) == ["Hello", Self.answer, "And lakes?", Self.answer])
  }

  @Test func anEditedAnswerStaysAndIsContinued() {
    var player = Self.player()
    send("Hello", &player)
    player.press("tab e ctrl-u")
    send("Once", &player)
    #expect(texts(player) == ["Hello", "Once"] && !player.state.chat.isBusy)
    player.press("tab enter")
    #expect(text(1, player).hasPrefix("Once ") && texts(player).count == 2)
  }

  @Test func commandsAreThoseOfTheCommandLine() {
    var player = Self.player()
    send("/system Be calm.", &player)
    send("Hello", &player)
    #expect(texts(player) == ["Be calm.", "Hello", Self.answer])
    send("/edit Good morning", &player)
    #expect(texts(player) == ["Be calm.", "Good morning", Self.answer])
    send("/undo", &player)
    #expect(texts(player) == ["Be calm."])
    send("//undo is a word", &player)
    #expect(text(1, player) == "/undo is a word")
    send("/score", &player)
    #expect(player.state.shell.notice?.hasPrefix("the whole dialogue: ") == true)
    send("/wrong", &player)
    #expect(player.state.shell.notice?.hasPrefix("there is no command /wrong: /system") == true)
    #expect(player.state.chat.prompt.editor.text == "/wrong")
    player.press("ctrl-u")
    send("/new", &player)
    #expect(texts(player).isEmpty)
    send("/model storyteller", &player)
    #expect(player.state.chat.model == ModelReference("storyteller"))
    send("/quit", &player)
    #expect(player.exitCode == 0)
  }

  @Test func underTheWordsAreTheCandidatesAndWhatTheModelReads() throws {
    var player = Self.player()
    send("Hello", &player)
    player.press("tab left left left")
    let chat = player.state.chat
    #expect(chat.walkedText?.trace.tokens.count == chat.cursor.map { $0 + 3 })
    let query = try #require(chat.candidates.query)
    #expect(query.position == (chat.chosenBlock?.trace?.promptCount ?? 0) + (chat.cursor ?? 0))
    #expect(chat.seenText(player.state.shell).hasPrefix("user: Hello<|end|>\nassistant: Rain"))
    #expect(player.screen.contains("What the model reads") && player.screen.contains("user: Hello<|end|>"))
    player.press("v")
    #expect(!player.screen.contains("What the model reads"))
    // Another token in its place goes on from there.
    player.press("tab down enter")
    #expect(text(1, player) != Self.answer)
    player.press("shift-tab u")
    #expect(text(1, player) == Self.answer)
  }

  @Test func aChosenMessageSaysWhereTheCandidatesAre() {
    var player = Self.player()
    #expect(player.screen.contains("the candidates come with the first answer"))
    send("Hello", &player)
    player.press("tab up")
    #expect(player.screen.contains("choose an answer to see its candidates"), "\(player.screen)")
  }

  @Test func escStopsTheAnswerAndKeepsIt() {
    var player = Self.player()
    player.holdsStreams = true
    send("Hello", &player)
    player.stream(4)
    player.press("esc")
    #expect(!player.state.chat.isBusy && text(1, player).hasPrefix("Rain"))
    #expect(player.screen.contains("stopped"))
    // Before the first token there is no answer.
    player.press("esc ctrl-u")
    send("And lakes?", &player)
    player.press("esc")
    #expect(texts(player).count == 3 && !player.state.chat.isBusy)
  }

  @Test func aModelWithoutATemplateSaysSo() {
    var player = Self.player(Size(80, 24), Self.talker(template: false))
    send("Hello", &player)
    #expect(player.screen.contains("transcript: no chat template"))
    #expect(texts(player) == ["Hello", Self.answer])
  }

  @Test func aFullContextIsSaidInTime() {
    var player = Self.player(Size(120, 36), Self.talker(context: 110))
    send("Hello", &player)
    send("Hello", &player)
    #expect(player.state.shell.notice?.contains("of 110 tokens are used: o in the dialogue") == true)
    for _ in 0..<2 { send("Hello", &player) }
    #expect(player.state.shell.overlay != nil, "the dialogue does not fit any more")
    player.press("esc")
    #expect(player.state.chat.prompt.editor.text == "Hello", "the message is not lost")
    player.press("tab o")
    player.press("esc enter")
    #expect(player.state.shell.notice?.contains("messages are left out") == true)
    #expect(texts(player).last == Self.answer)
  }

  @Test func anotherModelAnswersTheSameMessage() {
    var player = Self.player()
    send("Hello", &player)
    send("/model storyteller-mini", &player)
    player.press("tab enter")
    #expect(player.state.shell.notice?.contains("r answers again with storyteller-mini") == true)
    player.press("r")
    #expect(texts(player).count == 2 && text(1, player).hasPrefix("young fisherman"))
    #expect(player.screen.contains("‹ 2/2 ›"))
    player.press("up <")
    #expect(texts(player) == ["Hello", Self.answer])
  }

  @Test func reasoningIsFoldedUntilItIsAskedForAndTheTemplateMayLeaveItOut() throws {
    var model = ScriptedModel("talker", family: .causal, script: " <think> so it is </think> Yes, it is.")
    model.hasTemplate = true
    var player = Self.player(Size(120, 36), model)
    send("Hello", &player)
    let block = try #require(player.state.chat.page.blocks.last)
    #expect(block.turn.text == "<think> so it is </think> Yes, it is.")
    #expect(block.turn.message().reasoning == " so it is " && block.reasoning == 5)
    player.press("tab v")
    #expect(player.screen.contains("reasoning · 5 tok · f shows it") && !player.screen.contains("so it is"))
    #expect(player.screen.contains("Yes, it is.") && block.hidden == 5)
    player.press("left")
    #expect(player.screen.contains("rank 1") && player.state.chat.lists[0].answer?.actual?.ranked.token.text == " is.")
    player.press("f")
    #expect(!player.screen.contains("shows it"))
    let grid = player.grid()
    let style = { (word: String) in
      grid.lines.enumerated().lazy.compactMap { y, line in
        line.firstRange(of: word).map { grid[Point(line[..<$0.lowerBound].columnWidth, y)].style.role }
      }.first
    }
    #expect(style("so it is") == .dim && style("Yes, it") == .text)
    player.press("esc")
    // The next prompt has the answer without its reasoning; the dialogue keeps both.
    send("Really?", &player)
    #expect(player.state.chat.seenText(player.state.shell).contains("assistant:  Yes, it is.<|end|>\nuser: Really?"))
    #expect(texts(player).count == 4 && text(1, player) == block.turn.text)
  }

  @Test(arguments: ReasoningMarks.known) func editedReasoningIsSentAsTheModelWritesIt(marks: ReasoningMarks) throws {
    // A template that writes earlier answers without their reasoning would lose it.
    var model = ScriptedModel(
      "talker", family: .causal, script: " \(marks.open) so it is \(marks.close) Yes, it is.")
    model.hasTemplate = true
    var player = Self.player(Size(120, 36), model)
    send("Hello", &player)
    #expect(player.state.chat.page.blocks.last?.reasoning ?? 0 > 0)
    player.press("tab e")
    #expect(player.state.prompt.editor.text == " \(marks.open) so it is \(marks.close) Yes, it is.")
    player.press("ctrl-end")
    player.type(" Or not.")
    player.press("enter")
    let text = "\(marks.open) so it is \(marks.close) Yes, it is. Or not."
    let sent = player.effects.last { if case .chatPrompt = $0 { true } else { false } }
    guard case .chatPrompt(_, let request)? = sent else {
      Issue.record("nothing was sent")
      return
    }
    #expect(request.conversation == .messages([ChatMessage("user", "Hello")], continuesLast: false))
    #expect(request.answerStart == " " + text)
    #expect(self.text(1, player) == text)
    #expect(player.state.chat.seenText(player.state.shell) == "user: Hello<|end|>\nassistant: " + text)
    // It is continued from there, and later prompts have its parts.
    player.press("tab enter")
    #expect(player.state.chat.run != nil)
  }

  @Test func reasoningThatGrowsIsFoldedToo() {
    var model = ScriptedModel("talker", family: .causal, script: " <think> so it is </think> Yes, it is.")
    model.hasTemplate = true
    var player = Self.player(Size(80, 24), model)
    player.holdsStreams = true
    send("Hello", &player)
    for count in 1...4 {
      player.stream(1)
      #expect(player.screen.contains("reasoning · \(count) tok") && !player.screen.contains("so it is"))
    }
    player.press("tab f")
    #expect(player.screen.contains("so it is"))
  }

  @Test func theDialogueIsSavedAsAFileOfMessages() {
    var player = Self.player()
    send("/save nothing.json", &player)
    #expect(player.screen.contains("there is no message to save"))
    send("/system Be brief.", &player)
    send("Hello", &player)
    send("/save talk.json", &player)
    #expect(player.screen.contains("wrote 3 messages to talk.json"))
    let written = player.effects.last { if case .writeFile = $0 { true } else { false } }
    guard case .writeFile(let text, let path, _)? = written else {
      Issue.record("nothing was written")
      return
    }
    #expect(
      path == "talk.json"
        && text == #"{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"},"#
          + #"{"role":"assistant","content":"\#(Self.answer)"}]}"# + "\n",
      "\(text)")
  }

  @Test func aDialogueOfASessionIsGoneOnWith() throws {
    var settings = PlaygroundSettings.greedy
    settings.keepsSession = true
    var before = Self.player(settings: settings)
    send("/system Be brief.", &before)
    send("Hello", &before)
    var session = Session()
    before.change { session.tree = $0.shell.tree }
    var player = Player(
      task: .generate, settings: settings, catalogue: [Self.talker()] + ScriptedModel.bundled)
    player.sessions = [
      SessionSummary(path: "/sessions/talk", created: nil, models: [ModelReference("talker")], texts: [])
    ]
    player.stored["/sessions/talk"] = session
    player.press("ctrl-o enter")
    #expect(player.state.tab == .chat && player.state.chat.model == ModelReference("talker"))
    #expect(texts(player) == ["Be brief.", "Hello", Self.answer], "the mark at the end of the answer is no part of it")
    #expect(player.state.chat.form?.endIDs == before.state.chat.form?.endIDs && player.state.chat.form != nil)
    player.press("esc")
    send("And now?", &player)
    let seen = player.state.chat.seenText(player.state.shell)
    #expect(
      seen == "system: Be brief.<|end|>\nuser: Hello<|end|>\nassistant: \(Self.answer)<|end|>\n"
        + "user: And now?<|end|>\nassistant: \(Self.answer)<|end|>", "\(seen)")
    player.press("tab r")
    #expect(player.state.chat.page.blocks.last?.count == 2)
  }

  @Test func neitherTypingNorAGrowingAnswerReadsTheWholeDialogueAgain() {
    var player = Self.player()
    send("Hello", &player)
    let before = player.state.chat.page.builds
    player.type("And why are lakes not salty?")
    #expect(player.state.chat.page.builds == before)
    player.holdsStreams = true
    player.press("enter")
    let sent = player.state.chat.page.builds
    let laidOut = player.state.chat.page.blocks.map(\.text.laidOutTokens)
    player.stream(10)
    #expect(player.state.chat.page.builds == sent)
    #expect(player.state.chat.page.blocks.last?.text.laidOutTokens == 10)
    #expect(
      player.state.chat.page.blocks[1].text.laidOutTokens == laidOut[1], "the answer before is not laid out again")
  }

  @Test func theHeaderCountsTheTokens() {
    var player = Self.player()
    send("Hello", &player)
    #expect(player.screen.contains("/512 "))
  }
}

extension PlaygroundState {
  /// The Chat tab.
  var chat: ChatState {
    get { tabs[ChatState.self] }
    set { tabs[ChatState.self] = newValue }
  }
}

extension PlaygroundSettings {
  /// Settings under which the most probable token is taken.
  static var greedy: PlaygroundSettings {
    var settings = PlaygroundSettings.steady
    settings.sampling = .init()
    settings.sampling?.temperature = 0
    settings.maxTokens = 60
    return settings
  }
}
