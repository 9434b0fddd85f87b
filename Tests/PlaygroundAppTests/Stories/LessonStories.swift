import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// Lessons walked through with keys, from the first to the last.
@Suite struct LessonStories {
  /// The keys for each step that has a condition, by lesson. Steps that are only read take Alt-Right.
  private static let doings: [[String]] = [
    ["space m a r m a l a d e"],
    ["tab", "down", "enter"],
    ["d", "s", "0 . 5 enter", "esc", "s 2 enter", "esc"],
    ["ctrl-p", "t o p - p space 0 . 6 enter", "d"],
    ["enter", "tab tab", "r", "u"],
    ["enter", "tab tab", "left left left", "shift-tab", "down", "enter", "u"],
    ["enter", "tab tab", "left left", "c"],
    ["enter", "down", "enter", "ctrl-z", "end left alt-m"],
    ["enter", "tab tab tab", "down", "ctrl-p", "b e a m s space 1 enter"],
    ["f2", "s t o r y t e l l e r @ q 4 enter"],
  ]

  /// Presses what the present lesson asks for until its last step is shown.
  private func walk(_ player: inout Player, _ doings: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    var left = doings[...]
    while let run = player.state.lesson, run.step + 1 < run.lesson.steps.count {
      let before = run.step
      if run.shown.condition == nil {
        player.press("alt-right")
      } else {
        guard let keys = left.popFirst() else {
          Issue.record("nothing to do for \(run.shown.sentence)", sourceLocation: sourceLocation)
          return
        }
        player.press(keys)
      }
      guard player.state.lesson?.step == before + 1, player.state.lesson?.index == run.index else {
        Issue.record(
          "lesson \(run.index + 1), step \(before + 1) does not go on: \(run.shown.sentence)\n\(player.screen)",
          sourceLocation: sourceLocation)
        return
      }
      #expect(player.grid().problems(player.state) == [], "\(player.screen)", sourceLocation: sourceLocation)
      expectWholeSentence(player, sourceLocation)
      if player.state.overlay == nil, let key = player.state.shell.promptKey(.nextStep) {
        let hints = player.grid().lines[player.state.size.height - 1]
        #expect(hints.contains(key), "the key of the next step: \(hints)", sourceLocation: sourceLocation)
      }
    }
    #expect(left.isEmpty, sourceLocation: sourceLocation)
  }

  /// Expects the step's whole sentence on the screen, whatever overlay is open.
  private func expectWholeSentence(_ player: Player, _ sourceLocation: SourceLocation) {
    let grid = player.grid()
    let strip = player.state.shell.layout.strip
    let words = (strip.y..<strip.maxY).flatMap { grid.lines[$0].split(separator: " ") }
    let sentence = player.state.lessonSentence(glyphs: grid.glyphs).split(separator: " ")
    #expect(words.suffix(sentence.count) == sentence[...], "\(player.screen)", sourceLocation: sourceLocation)
  }

  @Test(arguments: Lesson.all.indices, [Size(120, 36), Size(100, 26), Size(80, 24), Size(40, 12)])
  func everyStepGoesOnWhenItIsDone(index: Int, size: Size) {
    var player = Player(size.width, size.height)
    player.press("f7")
    for _ in 0..<index { player.press("down") }
    player.press("enter")
    #expect(player.state.lesson?.index == index && player.state.tab == Lesson.all[index].tab)
    walk(&player, Self.doings[index])
  }

  @Test func oneKeyLeadsFromTheFirstSentenceToTheLast() {
    var player = Player(80, 24)
    player.type("my own text")
    player.press("f7 enter")
    var seen: [String] = []
    while let run = player.state.lesson {
      seen.append(run.shown.sentence)
      guard seen.count <= 200 else { break }
      player.press("alt-right")
    }
    #expect(seen == Lesson.all.flatMap { $0.steps.map(\.sentence) })
    #expect(player.state.prompt.editor.text == "my own text")
    #expect(player.screen.contains("that was the last lesson"))
  }

  @Test func escapeGivesEverythingBack() {
    var player = Player(80, 24, settings: .steady)
    player.type("Once upon")
    player.press("enter tab tab left c")
    let (tabs, heat) = (player.state.tabs, player.state.heat)
    player.press("f7 down enter")
    #expect(player.state.prompt.editor.text == "The king had three" && player.state.heat == .probability)
    player.type("x")
    player.press("enter ctrl-p")
    player.type("temperature 2")
    player.press("enter")
    player.press("alt-right alt-right alt-right alt-right alt-right alt-right alt-right alt-right")
    #expect(player.state.lesson?.index == 2)
    #expect(player.state.prompts[.generate] == "Once upon", "drafts keep the person's own text")
    player.press("esc")
    #expect(player.state.lesson == nil)
    #expect(player.state.tabs == tabs)
    #expect(player.state.tab == .generate && player.state.heat == heat)
    player.press("alt-3")
    #expect(player.state.translate.prompt.editor.text == "")
    let remembered = player.effects.compactMap { if case .remember(_, let prompt) = $0 { prompt } else { nil } }
    #expect(remembered == ["Once upon"], "prompts of lessons are not remembered")
  }

  @Test func whatWasAskedBeforeALessonIsAskedAgainAfterIt() {
    var player = Player(80, 24, holdsAnswers: true)
    player.type("Once")
    player.answer()
    player.holdsAnswers = true
    player.type(" upon")
    player.press("f7 enter esc")
    // The lesson's requests superseded the earlier ones, whose answers never arrive.
    let asked = player.effects.filter {
      if case .tokenize(_, text: "Once upon", model: _) = $0 { true } else { false }
    }
    #expect(asked.count == 2)
    player.holdsAnswers = false
    player.answer()
    #expect(player.state.prompt.tokenizedText == "Once upon")
    #expect(player.state.generate.candidates.answer != nil)
  }

  @Test func escapeStopsATextBeforeItLeavesTheLesson() {
    var player = Player(80, 24)
    player.holdsStreams = true
    player.press("f7 enter enter")
    player.stream(2)
    player.press("esc")
    #expect(player.state.lesson != nil && !player.state.current.isBusy)
    player.press("esc")
    #expect(player.state.lesson == nil)
  }

  @Test func aLessonWithoutAModelSaysSo() {
    var player = Player(80, 24, catalogue: ScriptedModel.bundled.filter { $0.family != .seq2seq })
    player.press("f7 down down down down down down down down enter")
    #expect(player.state.lesson?.index == 8 && player.screen.contains("no such model"))
    player.press("x")
    #expect(player.screen.contains("No model for this lesson could be opened: F2 chooses one."))
  }

  @Test func aLessonTakesWhateverOfTheFamilyIsThere() {
    let own = ScriptedModel("own", family: .masked, words: ["The"], fillings: [["a", "b"]], seed: 3)
    var player = Player(80, 24, catalogue: ScriptedModel.bundled.filter { $0.family != .masked } + [own])
    // The tab's default model is not there.
    player.press("alt-2 x f7")
    for _ in 0..<7 { player.press("down") }
    player.press("enter")
    #expect(player.state.fillMask.model.name == "own" && player.state.lesson?.index == 7)
    player.press("alt-right enter")
    #expect(player.state.lesson?.step == 2 && player.screen.contains("Press ↓ to choose another word."))
  }

  @Test func inAnotherTabTheStripSaysWhereTheLessonIs() {
    var player = Player(80, 24)
    player.press("f7 enter alt-3")
    #expect(player.screen.contains("This lesson continues in the tab Generate: Alt-1."))
    player.press("alt-1")
    #expect(player.screen.contains("A model reads and writes text in pieces: tokens."))
  }

  @Test func helpAndPaletteLeadToTheLessons() {
    var player = Player(80, 24)
    player.press("f1 l")
    #expect(player.screen.contains("What a token is"))
    player.press("esc ctrl-p")
    player.type("Lessons")
    player.press("enter")
    #expect(player.screen.contains("Number formats"))
  }

  @Test func outsideALessonItsKeysMoveByWords() {
    var player = Player(80, 24)
    player.type("two words")
    player.press("alt-left")
    #expect(player.state.prompt.editor.cursor == 4)
  }

  @Test func aLessonCanBeOpenedFromTheStart() {
    let (state, effects) = PlaygroundState.initial(lesson: 9, size: Size(80, 24))
    #expect(state.lesson?.index == 8 && state.tab == .translate)
    #expect(effects.contains(.load(ModelReference("interpreter"))))
    #expect(Limits.lessons == 1...Lesson.count)
  }

  @Test func sentencesFitIntoTheStripAtEverySize() {
    for size in [Size(160, 50), Size(120, 36), Size(80, 24), Size(40, 12)] {
      var player = Player(size.width, size.height)
      player.press("f7 enter")
      while player.state.lesson != nil {
        let sentence = player.state.lessonSentence(glyphs: .unicode)
        let lines = WrappedText(sentence, width: size.width - 2).lines
        #expect(lines.count <= (size.width >= 72 ? 1 : LessonView.rows), "\(sentence)")
        #expect(!sentence.contains("<") && !sentence.contains(">"), "\(sentence)")
        player.press("alt-right")
      }
    }
  }
}
