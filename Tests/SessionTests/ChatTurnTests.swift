import EngineAPI
import Testing

@testable import Sessions

/// Dialogues in the tree.
@Suite struct ChatTurnTests {
  private static let user = ChatMessage("user", "Hello")

  /// A token of one letter.
  private func letter(_ character: Character) -> TokenValue {
    TokenValue(id: Int(character.asciiValue ?? 0), bytes: Array(String(character).utf8))
  }

  private func letters(_ text: String) -> [TokenValue] { text.map(letter) }

  /// Adds an answer of these letters after a place.
  private func answer(
    _ text: String, _ reason: FinishReason, stop: [String] = [], at place: Place, in tree: inout SessionTree
  ) -> Place {
    let request = GenerationRequest(context: ModelContext(model: storyteller, ids: []), stopStrings: stop)
    let start = tree.branch(at: place, by: tree.add(.sampled(request)))
    for token in letters(text) { tree.append(ScoredToken(unpredicted: token), to: start.node) }
    tree.finish(start.node, Outcome(reason))
    return tree.end(of: start.node)
  }

  private func ids(_ place: Place, _ tree: SessionTree) -> [Int] { tree.path(to: place).ids }

  @Test func thePathIsThePromptAndATurnAddsWhatIsNew() {
    var tree = SessionTree()
    let start = tree.beginDialogue(system: "Be calm", model: storyteller)
    let sent = tree.addMessage(Self.user, prompt: letters("SyUhA"), after: start, model: storyteller)
    #expect(ids(sent, tree) == letters("SyUhA").map(\.id) && sent.node != start.node)
    let made = answer("yes.", .endOfText, at: sent, in: &tree)
    let next = tree.addMessage(
      ChatMessage("user", "More"), prompt: letters("SyUhAyes.UmA"), after: made, model: storyteller)
    #expect(tree[next.node]?.parent == made && tree[next.node]?.tokens.count == 3)
    #expect(
      tree.messages(to: next)
        == [ChatMessage("system", "Be calm"), Self.user, ChatMessage("assistant", "yes"), ChatMessage("user", "More")])
  }

  @Test func aTemplateThatRewritesEarlierTurnsBranchesWhereTheIDsDiffer() {
    var tree = SessionTree()
    let start = tree.beginDialogue(model: storyteller)
    let sent = tree.addMessage(Self.user, prompt: letters("UhA"), after: start, model: storyteller)
    let made = answer("ab.", .endOfText, at: sent, in: &tree)
    let next = tree.addMessage(
      ChatMessage("user", "More"), prompt: letters("UhAb.UmA"), after: made, model: storyteller)
    #expect(ids(next, tree) == letters("UhAb.UmA").map(\.id))
    #expect(tree[next.node]?.parent == sent, "the path forks after the shared prompt")
    #expect(tree.turns(to: next).map(\.text) == ["", "Hello", "ab", "More"], "the dialogue goes on after the answer")
    #expect(tree.newestEnd(after: sent) == next)
    // Nothing that a turn follows is pruned.
    var small = tree
    small.bounds = SessionTree.Bounds(tokens: 1, moves: 5)
    let cursor = small.addCursor(at: [next])
    small.prune()
    #expect(small.turns(to: next).map(\.text) == ["", "Hello", "ab", "More"])
    small.removeCursor(cursor)
  }

  @Test func answersToOnePromptAndVersionsOfAMessageAreAlternatives() {
    var tree = SessionTree()
    let start = tree.beginDialogue(model: storyteller)
    let sent = tree.addMessage(Self.user, prompt: letters("UhA"), after: start, model: storyteller)
    let first = answer("a.", .endOfText, at: sent, in: &tree)
    let second = answer("b.", .endOfText, at: sent, in: &tree)
    let edited = tree.addMessage(ChatMessage("user", "Hi"), prompt: letters("UiA"), after: start, model: storyteller)
    let third = answer("c.", .endOfText, at: edited, in: &tree)
    #expect(tree.turns(to: second).last.map(tree.alternatives) == [first, second])
    #expect(tree.turns(to: third).last.map(tree.alternatives) == [third])
    #expect(tree.turns(to: third)[1].text == "Hi")
    #expect(tree.alternatives(to: tree.turns(to: third)[1]).map(\.node) == [sent.node, edited.node])
    #expect(tree.newestEnd(after: sent) == second)
  }

  @Test func anAnswerIsReadWithoutWhatEndedItAndWithItsContinuations() {
    var tree = SessionTree()
    let start = tree.beginDialogue(model: storyteller)
    let sent = tree.addMessage(Self.user, prompt: letters("UhA"), after: start, model: storyteller)
    let stopped = answer(" yes\nUser:", .stop, stop: ["User:"], at: sent, in: &tree)
    var reading = AnswerReading()
    #expect(tree.turns(to: stopped, reading: reading).last?.text == " yes")
    reading.dropsLeadingSpace = true
    reading.hiddenIDs = [letter("y").id]
    #expect(tree.turns(to: stopped, reading: reading).last?.text == "es")
    // The continuation begins before the token that ended the answer.
    let ended = answer("ab.", .endOfText, at: sent, in: &tree)
    let more = answer("cd.", .endOfText, at: Place(ended.node, 2), in: &tree)
    let turn = tree.turns(to: more).last
    #expect(turn?.text == "abcd" && turn?.nodes == [ended.node, more.node] && turn?.previous == sent)
    #expect(tree.turns(to: Place(ended.node, 1)).last?.text == "a")
  }

  @Test func thePromptOfAnotherModelSharesNoTokens() {
    var tree = SessionTree()
    let start = tree.beginDialogue(model: storyteller)
    let sent = tree.addMessage(Self.user, prompt: letters("UhA"), after: start, model: storyteller)
    let made = answer("ab.", .endOfText, at: sent, in: &tree)
    let other = ModelReference("other")
    let next = tree.addMessage(ChatMessage("user", "More"), prompt: letters("UhAab.UmA"), after: made, model: other)
    #expect(tree[next.node]?.start == 0 && ids(next, tree) == letters("UhAab.UmA").map(\.id))
    #expect(tree.turns(to: next).map(\.text) == ["", "Hello", "ab", "More"])
  }

  @Test func theLastSystemMessageIsInForce() {
    var tree = SessionTree()
    let start = tree.beginDialogue(system: "one", model: storyteller)
    let sent = tree.addMessage(Self.user, prompt: letters("UhA"), after: start, model: storyteller)
    let system = tree.addMessage(ChatMessage("system", "two"), after: sent, model: storyteller)
    #expect(tree.messages(to: system) == [ChatMessage("system", "two"), Self.user])
    let none = tree.addMessage(ChatMessage("system", ""), after: system, model: storyteller)
    #expect(tree.messages(to: none) == [Self.user])
  }

  @Test func reasoningStandsApartInMessages() {
    var tree = SessionTree()
    let start = tree.beginDialogue(model: storyteller)
    let sent = tree.addMessage(Self.user, prompt: letters("U"), after: start, model: storyteller)
    let made = answer("<think>so</think>\nyes", .length, at: sent, in: &tree)
    #expect(tree.messages(to: made).last == ChatMessage("assistant", "yes", reasoning: "so"))
    #expect(tree.turns(to: made).last?.text == "<think>so</think>\nyes")
  }

  @Test func aLineWithASlashIsACommand() throws {
    #expect(try ChatCommand.parse("Hello /retry") == nil && ChatCommand.parse("//retry") == nil)
    #expect(ChatCommand.message("//retry") == "/retry")
    #expect(try ChatCommand.parse("/system  Be calm. ") == .system("Be calm."))
    #expect(try ChatCommand.parse("/system") == .system(""))
    #expect(try ChatCommand.parse("/continue") == .goOn)
    #expect(throws: ChatCommand.Problem.unknown("again")) { try ChatCommand.parse("/again") }
    #expect(throws: ChatCommand.Problem.noArgument("/edit TEXT")) { try ChatCommand.parse("/edit ") }
    #expect(throws: ChatCommand.Problem.needless("/undo")) { try ChatCommand.parse("/undo 2") }
    #expect(Set(ChatCommand.all.map(\.name)).count == ChatCommand.all.count)
  }
}
