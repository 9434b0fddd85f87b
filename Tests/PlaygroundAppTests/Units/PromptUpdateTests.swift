import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

@Suite struct PromptUpdateTests {
  @Test func everyKeyAsksForTheTokensOfTheWholeText() {
    var player = Player(80, 24)
    player.holdsAnswers = true
    player.type("Hi")
    let asked = player.effects.compactMap { effect -> String? in
      if case .tokenize(_, let text, _) = effect { text } else { nil }
    }
    #expect(asked == ["", "H", "Hi"])
  }

  @Test func staleTokensAreIgnored() throws {
    var player = Player(80, 24)
    player.holdsAnswers = true
    player.type("ab")
    let tickets = player.effects.compactMap { effect -> Ticket? in
      if case .tokenize(let ticket, _, _) = effect { ticket } else { nil }
    }
    let spans = { (text: String) in TokenizedText(text, ScriptedModel.bundled[0].tokenize(text)) }
    player.send(.tokenized(tickets[1], .success(spans("a"))))
    #expect(player.state.prompt.tokens.isEmpty)
    player.send(.tokenized(tickets[2], .success(spans("ab"))))
    #expect(player.state.prompt.tokens.count == 2)
    #expect(player.state.prompt.tokenizedText == "ab")
  }

  @Test func theCursorIsAtTheTokenThatItStandsBefore() {
    var player = Player(80, 24)
    player.type("Once upon a")
    #expect(
      player.state.prompt.tokens.tokens.compactMap { player.state.prompt.range(of: $0) } == [0..<4, 4..<9, 9..<11])
    #expect(player.state.prompt.cursorPosition == 3)
    player.press("left")
    #expect(player.state.prompt.cursorPosition == 2)
    player.press("home")
    #expect(player.state.prompt.cursorPosition == 0)
    #expect(player.screen.contains("Candidates for token 1") || player.screen.contains("for token 1"))
  }

  @Test func specialTokensAroundATextAreNoPlaces() {
    var player = Player(80, 24, task: .fillMask)
    player.type("is")
    // The scripted masked model puts a token before and after the text.
    #expect(player.state.prompt.tokens.count == 4)
    #expect(player.state.prompt.cursorPosition == 3)
    #expect(player.state.prompt.endPosition == 3)
  }

  @Test func thePrefixOfATranslationIsNoPartOfTheText() {
    var player = Player(80, 24, task: .translate)
    player.type("How are you?")
    let prompt = player.state.prompt
    #expect(prompt.prefixLength == "translate English to French: ".utf8.count)
    #expect(prompt.tokens.tokens.compactMap { prompt.range(of: $0) } == [0..<3, 3..<7, 7..<11, 11..<12])
  }

  @Test func upOnTheFirstLineWalksThroughHistory() {
    var player = Player(80, 24, settings: PlaygroundSettings(history: [.generate: ["first", "two\nlines"]]))
    player.type("draft")
    player.press("up")
    #expect(player.state.prompt.editor.text == "two\nlines")
    player.press("up")
    #expect(player.state.prompt.editor.text == "two\nlines", "the cursor goes to the first line before history does")
    player.press("up")
    #expect(player.state.prompt.editor.text == "first")
    player.press("down down")
    #expect(player.state.prompt.editor.text == "two\nlines" || player.state.prompt.editor.text == "draft")
    player.press("alt-down")
    #expect(player.state.prompt.editor.text == "draft")
  }

  @Test func sendingRemembersAPromptOnce() {
    var player = Player(80, 24)
    player.type("Once")
    player.press("enter enter")
    let remembered = player.effects.filter { if case .remember = $0 { true } else { false } }
    #expect(remembered == [.remember(.generate, prompt: "Once")])
  }

  @Test func newLinesPastesAndUndoAreTheEditors() {
    var player = Player(80, 24)
    player.type("a")
    player.press("alt-enter ctrl-j")
    player.send(.input(.paste("x\r\ny")))
    #expect(player.state.prompt.editor.text == "a\n\nx\ny")
    player.press("ctrl-z")
    #expect(player.state.prompt.editor.text == "a\n\n")
    player.press("ctrl-r")
    #expect(player.state.prompt.editor.text == "a\n\nx\ny")
  }

  @Test func pastingElsewhereGoesIntoThePrompt() {
    var player = Player(80, 24)
    player.press("tab")
    player.send(.input(.paste("pasted")))
    #expect(player.state.focus == .prompt && player.state.prompt.editor.text == "pasted")
  }

  @Test func theEditorsTextComesBack() {
    var player = Player(80, 24)
    player.type("abc")
    player.press("ctrl-g")
    #expect(player.effects.contains(.edit("abc")))
    #expect(player.state.prompt.editor.text == "abc (edited)")
    player.send(.edited(nil))
    #expect(player.state.prompt.editor.text == "abc (edited)")
    player.press("ctrl-z")
    #expect(player.state.prompt.editor.text == "abc")
  }

  @Test func examplesAreOneKeyAway() {
    for task in TabID.allCases {
      var player = Player(80, 24, task: task)
      guard player.state.focusOrder.contains(.prompt) else { continue }
      player.press("right")
      let first = player.state.prompt.editor.text
      #expect(!first.isEmpty)
      // No classifier is bundled, so its tab opens without a model.
      if task != .classify { #expect(player.state.prompt.tokens.count > 2) }
      player.press("tab x")
      #expect(player.state.prompt.editor.text != first && player.state.focus == .prompt)
      player.press("ctrl-z")
      #expect(player.state.prompt.editor.text == first)
    }
  }

  @Test func enterInAnEmptyPromptTakesTheExample() {
    var player = Player(80, 24)
    player.press("enter")
    #expect(player.state.prompt.editor.text.hasPrefix("Once upon a time"))
    #expect(player.state.generate.leading.run != nil)
  }

  @Test func typingManyCharactersAsksOnceAndShowsTheSame() {
    var player = Player(80, 24)
    player.type("Once upon a time, q")
    var state = Player(80, 24).state
    var effects: [Effect] = []
    let text = Array("Once upon a time, q")
    for (index, character) in text.enumerated() {
      effects += update(
        &state, .input(.key(KeyStroke(character))), isFollowedByTyping: index + 1 < text.count)
    }
    #expect(state.prompt.editor.text == player.state.prompt.editor.text)
    #expect(state.prompt.editor.cursor == player.state.prompt.editor.cursor)
    let asked = effects.compactMap { effect -> String? in
      if case .tokenize(_, let text, _) = effect { text } else { nil }
    }
    #expect(asked == ["Once upon a time, q"])
    // Text that arrived in one burst is undone at once; text typed key by key, one word at a time.
    _ = update(&state, .key("ctrl-z"))
    #expect(state.prompt.editor.text.isEmpty)
    player.press("ctrl-z")
    #expect(player.state.prompt.editor.text == "Once upon a time, ")
  }

  @Test func aBurstEndsWithTheMessageThatNothingFollows() {
    var state = Player(80, 24).state
    for (text, isTogether) in [("one two ", true), ("red green ", true), ("x y", false)] {
      for (index, character) in text.enumerated() {
        let isFollowed = isTogether && index + 1 < text.count
        _ = update(&state, .input(.key(KeyStroke(character))), isFollowedByTyping: isFollowed)
      }
    }
    var texts: [String] = []
    while !state.prompt.editor.isEmpty {
      _ = update(&state, .key("ctrl-z"))
      texts.append(state.prompt.editor.text)
    }
    #expect(texts == ["one two red green x ", "one two red green ", "one two ", ""])
  }

  @Test func aPromptHasABoundAndSaysWhatIsLeftOut() {
    var player = Player(80, 24)
    player.holdsAnswers = true
    let megabyte = String(repeating: "é", count: 1 << 19)
    for _ in 0..<4 { player.send(.input(.paste(megabyte))) }
    #expect(player.state.prompt.editor.text.utf8.count == PromptState.mostBytes && player.state.notice == nil)
    player.send(.input(.paste(megabyte)))
    #expect(player.state.prompt.editor.text.utf8.count == PromptState.mostBytes)
    #expect(player.state.notice == "prompt longer than can be edited: at most 4 MB: 1 MB of the paste are left out")
    player.type("x")
    #expect(player.state.notice == "prompt longer than can be edited: at most 4 MB")
    player.press("backspace backspace backspace")
    player.send(.input(.paste("aé日本")))
    #expect(player.state.prompt.editor.text.hasSuffix("éaé日"))
    player.send(.edited(String(repeating: "a", count: PromptState.mostBytes + 1)))
    #expect(player.state.prompt.editor.text.hasSuffix("éaé日"))
    guard case .failure(let error) = player.state.overlay else {
      Issue.record("no failure is shown")
      return
    }
    #expect(error.what == "prompt longer than can be edited")
  }

  @Test(arguments: [("é", 1, 0), ("日", 1, 0), ("日", 2, 0), ("🙂", 3, 0), ("日日", 4, 3), ("a🙂", 2, 1)])
  func aPasteIsCutBetweenCharacters(pasted: String, room: Int, kept: Int) {
    var player = Player(80, 24)
    player.holdsAnswers = true
    player.send(.input(.paste(String(repeating: "a", count: PromptState.mostBytes - room))))
    player.send(.input(.paste(pasted)))
    #expect(player.state.prompt.editor.text.utf8.count == PromptState.mostBytes - room + kept)
  }

  @Test func aPromptBeyondTheContextAsksForNothing() {
    var player = Player(80, 24)
    player.send(.input(.paste(String(repeating: "Once ", count: 2_000))))
    #expect(player.screen.contains("the prompt is too long"))
    #expect(player.state.current.tooLong(player.state.shell)?.found == "\(player.state.prompt.tokens.count)")
    let count = player.effects.count
    player.type("x")
    #expect(
      player.effects[count...].allSatisfy { if case .tokenize = $0 { true } else { false } })
    player.press("ctrl-z ctrl-z")
    #expect(!player.screen.contains("the prompt is too long"))
  }
}
