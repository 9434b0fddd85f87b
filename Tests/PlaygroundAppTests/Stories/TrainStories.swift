import EngineAPI
import ScriptedSupport
import TerminalUI
import Testing

@testable import PlaygroundApp

/// The Train tab: the form, a run and its keys, recorded runs.
@Suite struct TrainStories {
  // MARK: The form

  @Test func whatIsMissingIsMarkedInItsLine() {
    var player = Player.training()
    player.press("enter")
    #expect(player.trainRequest == nil)
    #expect(player.state.train.form.field.name == "model")
    // The lines of model, examples and folder, and the meaning of the chosen one.
    #expect(player.state.train.form.errors.count == 3 && player.screen.components("✗ needed") == 4)
  }

  @Test func valuesAreTypedAndChosen() {
    var player = Player.training()
    player.press("right right right")
    #expect(player.state.train.form["objective"] == "classify")
    player.type("t")
    #expect(player.state.train.form["objective"] == "tag")
    player.press("left down")
    player.type("cloze")
    player.press("down")
    player.type("a.tsv, ~/b.tsv")
    for _ in 0..<3 { player.press("down") }
    player.type("./critic")
    player.press("enter")
    let request = player.trainRequest?.request
    #expect(request?.objective == .classify && request?.model == ModelReference("cloze"))
    #expect(request?.trainFiles == ["a.tsv", "~/b.tsv"] && request?.output == "./critic")
    #expect(request?.options == TrainingOptions() && request?.validationFile == nil && request?.fromScratch == false)
  }

  @Test func optionsHaveTheNamesOfTrainingArguments() {
    var player = Player.training()
    player.startRun(
      "./critic",
      [
        "learning_rate": "3e-4", "num_train_epochs": "2", "optim": "muon", "sample_prompt": "a film | a book ",
        "from_scratch": "new", "eval_steps": "50", "more": "weight-decay=0.1 label_column=mood",
      ])
    let request = player.trainRequest?.request
    #expect(request?.options.learningRate == 3e-4 && request?.options.numTrainEpochs == 2)
    #expect(request?.options.optim == .muon && request?.options.samplePrompts == ["a film", "a book"])
    #expect(request?.fromScratch == true && request?.options.evalSteps == 50)
    #expect(request?.options.weightDecay == 0.1 && request?.options.labelColumn == "mood")
  }

  @Test(arguments: [
    ("learning_rate", "fast", "expected a number"), ("num_train_epochs", "-1", "expected a number"),
    ("seed", "x", "expected"), ("more", "speed=9", "no such option: speed"),
    ("more", "weight_decay", "weight_decay: expected"), ("more", "seed=3", "seed has a line of its own"),
  ])
  func whatIsWrongStandsBesideTheValue(name: String, value: String, problem: String) {
    var player = Player.training(Size(160, 50))
    player.startRun("./critic", [name: value])
    #expect(player.trainRequest == nil && player.state.train.form.field.name == name)
    #expect(player.screen.contains("✗ " + problem), "\(player.screen)")
    // Nothing typed is lost, and another value takes the mark away.
    #expect(player.state.train.form[name] == value && player.state.train.form["model"] == "cloze")
    player.press("backspace")
    #expect(!player.screen.contains("✗"))
  }

  @Test func theFirstLetterReplacesAModelThatWasNotTyped() {
    var player = Player.training()
    player.fill(["model": "storyteller"])
    player.press("down")
    player.type("cl")
    #expect(player.state.train.form["model"] == "cl")
    player.type("oze")
    #expect(player.state.train.form["model"] == "cloze")
    // A key that edits keeps the value.
    player.fill(["model": "storyteller"])
    player.press("backspace")
    player.type("r")
    #expect(player.state.train.form["model"] == "storyteller")
  }

  @Test func theTaskFitsTheModelUntilOneIsChosen() {
    var player = Player.training()
    player.fill(["model": "cloze"])
    player.press("down up")
    #expect(player.state.train.form["objective"] == "masked")
    player.fill(["model": "interpreter"])
    player.press("down up")
    #expect(player.state.train.form["objective"] == "seq2seq")
    player.press("right")
    #expect(player.state.train.form["objective"] == "classify")
    player.fill(["model": "cloze"])
    player.press("down up")
    #expect(player.state.train.form["objective"] == "classify")
  }

  @Test func theMeaningOfEveryTaskIsShown() {
    var player = Player.training(Size(160, 50))
    for objective in TrainingObjective.allCases {
      player.fill(["objective": objective.rawValue])
      player.send(.input(.focus(true)))
      let meaning = TrainField.meanings[objective.rawValue]
      #expect(meaning.map { player.screen.contains("\(objective.rawValue): \($0)") } == true, "\(objective)")
    }
  }

  @Test func aPathCanBePasted() {
    var player = Player.training()
    player.press("down down")
    player.send(.input(.paste("/data/films.tsv\n")))
    #expect(player.state.train.form["train_file"] == "/data/films.tsv")
  }

  @Test func theListOfModelsFillsTheForm() {
    var player = Player.training()
    player.press("f2")
    player.type("cloze")
    player.press("enter")
    #expect(player.state.tab == .train && player.state.train.form["model"] == "cloze")
    // The model is opened by the run, not by the tab.
    #expect(!player.effects.contains(.load(ModelReference("cloze"))))
  }

  @Test func anErrorBeforeTheFirstStepLeadsBackToItsLine() {
    var player = Player.training()
    player.startRun()
    player.endRun(
      .failure(
        EngineError(
          .input, "no such file", at: "films.tsv", expected: "a file with examples", found: "nothing",
          hint: "check the path")))
    #expect(player.screen.contains("no such file") && player.screen.contains("check the path"))
    player.press("esc")
    #expect(player.state.train.showsForm && player.state.train.runs.isEmpty)
    #expect(player.state.train.form.field.name == "train_file" && player.screen.contains("✗ no such file"))
    #expect(player.state.train.form["output_dir"] == "./critic")
  }

  @Test func whatIsLearnedIsShownBeforeTheFirstStep() {
    var player = Player.training()
    player.startRun()
    #expect(player.screen.contains("the examples are read"))
    player.tell(Array(ScriptedRun.events(to: 0).prefix(1)))
    #expect(player.screen.contains("What is learned") && player.screen.contains("a dull, lifeless film → negative"))
  }

  // MARK: Keys of a run

  @Test func theSameKeyPausesAndGoesOn() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 60))
    player.press("p")
    #expect(player.commands == [.pause] && player.screen.contains("pausing"))
    player.tell([.paused(step: 61)])
    #expect(player.screen.contains("paused") && !player.state.train.isBusy)
    #expect(player.screen.contains("go on") && !player.screen.contains("P pause"))
    player.press("p")
    #expect(player.commands == [.pause, .resume])
    player.tell([.resumed(step: 61)])
    #expect(player.screen.contains("57 s left") && player.state.train.isBusy)
  }

  @Test func theLearningRateIsTypedAbove() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 60))
    player.press("l")
    player.type("fast")
    player.press("enter")
    #expect(player.commands.isEmpty && player.screen.contains("✗ expected a number, at least 0"))
    player.press("ctrl-u")
    player.type("3e-5")
    player.press("enter")
    #expect(player.commands == [.setLearningRate(3e-5)] && player.state.train.entry == nil)
    player.tell([.learningRate(step: 61, peak: 3e-5)])
    #expect(player.screen.contains("highest learning rate after step 61: 3e-5"))
    player.press("l")
    player.type("1")
    player.press("esc")
    #expect(player.commands.count == 1 && player.state.train.entry == nil)
  }

  @Test func theModelIsSavedAndOpenedInItsTab() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 60))
    player.press("s")
    #expect(player.commands == [.save])
    player.tell([.saved(path: "./critic/checkpoint-61")])
    #expect(player.screen.contains("saved: ./critic/checkpoint-61"))
    #expect(!player.effects.contains(.load(ModelReference("./critic/checkpoint-61"))))
    player.press("t")
    #expect(player.commands == [.save, .save])
    player.tell([.saved(path: "./critic/checkpoint-62")])
    #expect(player.effects.contains(.load(ModelReference("./critic/checkpoint-62"))))
    #expect(player.state.train.training != nil)
  }

  @Test func theModelOpensInTheTabOfItsFamilyWhileTheRunGoesOn() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 60))
    player.press("t")
    // A scripted model stands for the checkpoint.
    player.tell([.saved(path: "cloze")])
    #expect(player.state.tab == .fillMask)
    player.tell(ScriptedRun.events(to: 80, from: 60))
    #expect(player.state.train.run?.lastStep?.step == 80)
  }

  @Test func escapeStopsAndKeeps() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 60))
    player.press("esc")
    #expect(player.commands == [.stop] && player.screen.contains("stopping"))
    player.press("esc p s")
    #expect(player.commands == [.stop])
    player.tell([.saved(path: "./critic")])
    player.endRun(.success(TrainResult(path: "./critic", step: 60, loss: 0.5, metrics: [])))
    #expect(player.state.train.training == nil && player.screen.contains("ended"))
    player.press("t")
    #expect(player.effects.contains(.load(ModelReference("./critic"))))
  }

  @Test func aModelThatIsWrittenAgainIsOpenedAgain() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 10))
    let reference = ModelReference("./critic")
    let old = ScriptedModel.bundled[0].information(reference)
    player.change { $0.shell.opened[reference] = .ready(old) }
    player.tell([.saved(path: "./critic")])
    player.endRun(.success(TrainResult(path: "./critic", step: 10, loss: 0.5, metrics: [])))
    player.press("t")
    #expect(player.effects.contains(.load(reference)))
  }

  @Test func aRefusedCommandCanBeGivenAgain() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 10))
    player.press("esc")
    let ticket = Ticket(.training, version: 0)
    player.send(.steered(ticket, EngineError(.usage, "no such run", at: "./critic")))
    #expect(player.screen.contains("no such run") && player.state.train.run?.status == .running)
    player.press("esc esc")
    #expect(player.commands == [.stop, .stop])
  }

  @Test func aStoppedRunGoesOnFromItsCheckpoint() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 120))
    player.press("esc")
    player.endRun(.success(TrainResult(path: "./critic", step: 120, loss: 0.5, metrics: [])))
    player.press("r")
    #expect(player.trainRequest?.request.options.resume == true)
    #expect(player.state.train.runs.count == 1)
    player.tell(ScriptedRun.events(to: 130, from: 100))
    let curve = player.state.train.run?.curve(FigureName("loss"))
    #expect(curve?.buckets.count == 130 && curve?.buckets.last?.end == 130)
    #expect(player.state.train.run?.samples.map(\.step) == [0, 50, 100])
  }

  @Test func oneRunAtATime() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 10))
    let first = player.trainRequest?.ticket
    player.press("n enter")
    #expect(player.trainRequest?.ticket == first && player.screen.contains("critic is still going"))
    player.press("esc")
    #expect(!player.state.train.showsForm && player.commands.isEmpty)
    player.press("r")
    #expect(player.trainRequest?.ticket == first)
  }

  @Test func keysWithoutARunSayWhy() {
    var player = Player.training()
    player.openRun(ScriptedRun.history("./old", lowest: 0.4))
    #expect(!player.screen.contains("p pause") && player.screen.contains("t try it in its tab"))
    player.press("p")
    #expect(player.screen.contains("no run is going: nothing to pause"))
    player.press("l s")
    #expect(player.commands.isEmpty && player.state.train.entry == nil)
  }

  @Test func anErrorDuringTheRunKeepsItsCurves() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 60))
    player.tell([
      .step(
        TrainingStep(
          step: 61, steps: 1200, epoch: 0.1, loss: .nan, learningRate: 1e-4, gradientNorm: .infinity, tokens: 10,
          seconds: 1))
    ])
    player.endRun(.failure(EngineError(.input, "the loss is not a finite number", at: "step 61")))
    player.press("esc")
    #expect(player.screen.contains("✗ failed") && player.screen.contains("the loss is not a finite"))
    #expect(player.state.train.run?.curve(FigureName("loss"))?.last == ScriptedRun.loss(60))
  }

  @Test func eventsOfAnEarlierRunAreLeftOut() {
    var player = Player.training()
    player.startRun("./one")
    let first = player.trainRequest?.ticket
    player.tell(ScriptedRun.events(to: 10))
    player.press("esc")
    player.endRun(.success(TrainResult(path: "./one", step: 10, loss: 1, metrics: [])))
    player.press("n")
    player.startRun("./two")
    if let first { player.send(.training(first, ScriptedRun.events(to: 1, from: 0)[0])) }
    #expect(player.state.train.runs.map(\.name) == ["one", "two"] && player.state.train.run?.start == nil)
  }

  @Test func aRunGoesOnWhileAnotherTabIsOpen() {
    var player = Player.training()
    player.startRun()
    player.press("alt-1")
    player.tell(ScriptedRun.events(to: 60))
    #expect(player.state.tab == .generate && !player.screen.contains("saved"))
    player.press("alt-9")
    #expect(player.screen.contains("60 of 1,200"))
  }

  // MARK: Looking back

  @Test func theSliderShowsWhatTheModelSaidThen() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 412))
    #expect(player.state.train.place == nil && player.screen.contains("step 400 · before → now"))
    player.press("left")
    #expect(player.state.train.place == 350 && player.screen.contains("step 350 · before → now"))
    player.press("home")
    #expect(player.state.train.place == 0 && player.screen.contains("1 of 9"))
    player.press("right")
    #expect(player.state.train.place == 50)
    // A new evaluation leaves the slider where it is.
    player.tell(ScriptedRun.events(to: 450, from: 412))
    #expect(player.state.train.place == 50)
    player.press("end")
    #expect(player.state.train.place == nil && player.screen.contains("step 450 · before → now"))
  }

  @Test func theWholeDistributionIsThatOfTheStep() throws {
    var player = Player.training()
    player.startRun("./tales", ["objective": "causal"])
    player.tell(ScriptedRun.events(to: 412, samples: ScriptedRun.stories(at:)))
    player.press("tab down")
    var candidates = try #require(TrainCandidates(player.state.train))
    #expect(candidates.prompt == "The queen said" && candidates.rows.map(\.text) == [" to", ",", " that"])
    player.press("up left left")
    candidates = try #require(TrainCandidates(player.state.train))
    let expected = ScriptedRun.stories(at: 300).samples[0].candidates.map(\.probability)
    #expect(candidates.rows.map(\.now) == expected)
    #expect(abs(candidates.elsewhere - (1 - expected.reduce(0, +))) < 1e-12)
  }

  @Test func figuresAreWalkedByArrows() {
    var player = Player.training()
    player.startRun()
    player.tell(ScriptedRun.events(to: 100))
    #expect(
      player.state.train.figures == [
        "loss", "kl", "accuracy", "learning_rate", "grad_norm", "tokens_per_second", "memory",
      ])
    player.press("down")
    #expect(player.screen.contains("KL from the start"))
    player.press("up up")
    #expect(player.screen.contains("─ Memory ·"))
    player.press("down w")
    #expect(player.screen.contains("smoothed 0.99") && player.state.train.figure == "loss")
    player.press("a")
    #expect(player.screen.contains("log"))
  }

  // MARK: Recorded runs

  @Test func severalRunsLieOverEachOther() {
    var player = Player.training()
    player.openRun(ScriptedRun.history("./old", lowest: 0.4))
    player.openRun(ScriptedRun.history("/logs/other/events.out.tfevents.1", lowest: 0.2))
    #expect(player.state.train.runs.map(\.name) == ["old", "events.out.tfevents.1"])
    #expect(player.screen.contains("A old") && player.screen.contains("B events.out.tfev"))
    // Each is read again as it grows.
    let watched = player.effects.compactMap { if case .watchRun(_, let path) = $0 { path } else { nil } }
    #expect(watched == ["./old", "/logs/other/events.out.tfevents.1"])
    player.press("shift-tab up")
    #expect(player.state.train.run?.name == "old")
    player.press("backspace")
    #expect(player.state.train.runs.map(\.name) == ["events.out.tfevents.1"])
    #expect(player.effects.contains { if case .cancel(let slot) = $0 { slot == .watching(1) } else { false } })
    player.press("backspace")
    #expect(player.state.train.showsForm)
  }

  @Test func aGrowingRunIsShownAsItGrows() throws {
    var player = Player.training()
    player.openRun(ScriptedRun.history("./old", lowest: 0.4, to: 200))
    let ticket = try #require(
      player.effects.compactMap { if case .watchRun(let ticket, _) = $0 { ticket } else { nil } }.first)
    player.send(.runRead(ticket, .success(ScriptedRun.history("./old", lowest: 0.4, to: 300))))
    #expect(player.state.train.run?.curve(FigureName("loss"))?.buckets.last?.end == 300)
    #expect(player.screen.contains("300"))
  }

  @Test func aPathWithoutARunIsMarked() {
    var player = Player.training()
    player.press("alt-o")
    player.type("./nothing")
    player.press("enter")
    #expect(player.screen.contains("no such folder"))
    player.press("esc")
    #expect(player.screen.contains("✗ no run") && player.state.train.entry?.input.text == "./nothing")
    player.press("esc")
    #expect(player.state.train.entry == nil && player.state.train.showsForm)
  }

  @Test func aRunThatIsShownIsNotOpenedTwice() {
    var player = Player.training()
    player.openRun(ScriptedRun.history("./old", lowest: 0.4))
    player.openRun(ScriptedRun.history("./old", lowest: 0.4))
    #expect(player.state.train.runs.count == 1)
  }

  @Test func aRecordedRunIsResumedByTheForm() {
    var player = Player.training()
    player.openRun(ScriptedRun.history("./old", lowest: 0.4))
    player.press("r")
    #expect(player.state.train.showsForm && player.state.train.form["output_dir"] == "./old")
    player.fill(["model": "cloze", "train_file": "films.tsv"])
    player.press("enter")
    #expect(player.trainRequest?.request.options.resume == true && player.state.train.runs.count == 1)
    // What was recorded stays on the chart.
    #expect(player.state.train.run?.curve(FigureName("loss"))?.isEmpty == false)
  }

  // MARK: Keys of the table

  @Test func lettersOfTheTabYieldOnlyHere() {
    let keys = KeyBindings()
    #expect(keys.action(for: KeyStroke("t"), in: .trainChart, tab: .train) == .tryModel)
    #expect(keys.action(for: KeyStroke("l"), in: .trainSays, tab: .train) == .learningRate)
    #expect(keys.action(for: KeyStroke(.function(4)), in: .trainChart, tab: .train) == .theme)
    #expect(keys.action(for: KeyStroke(.right), in: .trainChart, tab: .train) == .right)
    #expect(keys.action(for: KeyStroke("t"), in: .candidates, tab: .generate) == .theme)
    #expect(keys.action(for: KeyStroke("l"), in: .candidates, tab: .generate) == .right)
    #expect(keys.action(for: KeyStroke("t"), in: .trainForm, tab: .train) == nil)
  }

  @Test func aLongRunTakesBoundedMemory() {
    var run = WatchedRun(
      number: 1, request: TrainRequest(model: ModelReference("m"), objective: .causal, trainFiles: [], output: "o"))
    for step in 1...20_000 {
      run.take(
        .step(
          TrainingStep(
            step: step, steps: 20_000, epoch: 0, loss: 1, learningRate: 1, gradientNorm: 1, tokens: 1, seconds: 1)))
      if step % 5 == 0 { run.take(.samples(TrainingSamples(step: step, samples: []))) }
    }
    #expect(run.figures.allSatisfy { $0.curve.buckets.count <= Curve.most })
    #expect(run.samples.count <= WatchedRun.mostSamples && run.samples.first?.step == 5)
    #expect(run.samples.last?.step == 20_000)
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
