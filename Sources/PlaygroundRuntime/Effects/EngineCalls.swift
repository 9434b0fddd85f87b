import EngineAPI
import PlaygroundApp

/// The engine calls of effects. Each posts its result to the mailbox.
///
/// A canceled call posts nothing, except for a stream, which always posts its end.
struct EngineCalls: Sendable {
  let engine: EngineRouter
  let mailbox: Mailbox
  let clock: any RuntimeClock

  func listModels() async {
    var models: [ModelSummary] = []
    do {
      for try await portion in engine.modelPortions() {
        models += portion
        post(.models(models))
      }
    } catch let error as EngineError {
      post(.failure(error))
    } catch {
      post(.failure(EngineError(.resources, "cannot list the models", at: "the engine", found: "\(error)")))
    }
  }

  func load(_ model: ModelReference) async {
    let result = await Result { () async throws(EngineError) -> ModelInformation in
      try await engine.load(model) { mailbox.post(.loading(model, $0)) }
    }
    post(.loaded(model, result))
  }

  func tokenize(_ ticket: Ticket, _ text: String, model: ModelReference) async {
    let result = await Result { () async throws(EngineError) -> TokenizedText in
      try await engine.tokenizeDraft(text, model: model)
    }
    post(.tokenized(ticket, result))
  }

  func prefix(_ direction: TranslationDirection, model: ModelReference) async {
    let result = await Result { () async throws(EngineError) -> String in
      try await engine.translationPrefix(from: direction.source, to: direction.target, model: model)
    }
    post(.translationPrefix(direction, model: model, result))
  }

  func distribution(_ ticket: Ticket, _ request: DistributionRequest) async {
    let result = await Result { () async throws(EngineError) -> DistributionAnswer in
      try await engine.distribution(request)
    }
    post(.distribution(ticket, result))
  }

  /// The delay before a changed prompt is scored, compared, filled by targets, or classified without each of its words,
  /// in seconds. Avoids long work while the user types.
  static let stillness = 0.4

  func score(_ ticket: Ticket, _ request: ScoreRequest) async {
    await clock.sleep(until: clock.now + Self.stillness)
    guard !Task.isCancelled else { return }
    let result = await Result { () async throws(EngineError) -> [ScoredToken] in
      try await engine.score(request) { _ in }
    }
    post(.scored(ticket, result))
  }

  func read(_ ticket: Ticket, _ request: ScoreRequest) async {
    do throws(EngineError) {
      try await engine.scoreInParts(request) { mailbox.post(.reading(ticket, $0)) }
      post(.readingEnded(ticket, nil))
    } catch {
      post(.readingEnded(ticket, error))
    }
  }

  func chatPrompt(_ ticket: Ticket, _ request: ChatTextRequest) async {
    var request = request
    request.localSeconds = clock.localSeconds
    let result = await Result { () async throws(EngineError) -> ChatPrompt in try await engine.chatPrompt(request) }
    post(.chatPrompt(ticket, result))
  }

  func beams(_ ticket: Ticket, _ request: BeamRequest) async {
    let result = await Result { () async throws(EngineError) -> BeamResult in
      try await engine.beamSearch(request) { mailbox.post(.beamProgress(ticket, tokens: $0)) }
    }
    post(.beams(ticket, result))
  }

  func fillMask(_ ticket: Ticket, _ request: FillMaskRequest) async {
    let result = await Result { () async throws(EngineError) -> FillMaskResult in try await engine.fillMask(request) }
    post(.fillings(ticket, result))
  }

  func rankChoices(_ ticket: Ticket, _ request: ChoiceRequest) async {
    await clock.sleep(until: clock.now + Self.stillness)
    guard !Task.isCancelled else { return }
    let result = await Result { () async throws(EngineError) -> ChoiceRanking in try await engine.rank(request) }
    post(.choicesRanked(ticket, result))
  }

  func translateBack(_ ticket: Ticket, _ request: BackTranslationRequest) async {
    await clock.sleep(until: clock.now + Self.pause)
    guard !Task.isCancelled else { return }
    let result = await Result { () async throws(EngineError) -> BackTranslation in
      try await engine.translateBack(request)
    }
    post(.translatedBack(ticket, result))
  }

  func classify(_ ticket: Ticket, _ request: ClassifyRequest) async {
    let result = await Result { () async throws(EngineError) -> ClassifyResult in try await engine.classify(request) }
    post(.labels(ticket, result))
  }

  func classifyAll(_ ticket: Ticket, _ request: ClassifyBatchRequest) async {
    await clock.sleep(until: clock.now + Self.stillness)
    guard !Task.isCancelled else { return }
    let result = await Result { () async throws(EngineError) -> [ClassifyResult] in try await engine.classify(request) }
    post(.labelsOfAll(ticket, result))
  }

  func tag(_ ticket: Ticket, _ request: TagRequest) async {
    let result = await Result { () async throws(EngineError) -> TagResult in try await engine.tag(request) }
    post(.tagged(ticket, result))
  }

  func compare(_ ticket: Ticket, _ request: ComparisonRequest) async {
    await clock.sleep(until: clock.now + Self.stillness)
    guard !Task.isCancelled else { return }
    let result = await Result { () async throws(EngineError) -> [SideCost] in
      try await engine.compare(request) { mailbox.post(.comparing(ticket, $0)) }
    }
    post(.compared(ticket, result))
  }

  /// The delay before a text is read for what is inside the model or translated back, in seconds. Avoids a reading for
  /// each token that the cursor passes while a key is held.
  static let pause = 0.1

  func inspect(_ ticket: Ticket, _ request: InspectionRequest) async {
    await clock.sleep(until: clock.now + Self.pause)
    guard !Task.isCancelled else { return }
    let result = await Result { () async throws(EngineError) -> InspectionAnswer in try await engine.inspect(request) }
    post(.inspected(ticket, result))
  }

  /// Trains a model. A canceled run writes a checkpoint and ends.
  func train(_ ticket: Ticket, _ request: TrainRequest) async {
    let result = await Result { () async throws(EngineError) -> TrainResult in
      try await engine.train(request) { mailbox.post(.training(ticket, $0)) }
    }
    mailbox.post(.trained(ticket, result))
  }

  func steer(_ ticket: Ticket, _ output: String, _ command: TrainingCommand) async {
    do throws(EngineError) {
      try await engine.steerTraining(output, command)
      post(.steered(ticket, nil))
    } catch {
      post(.steered(ticket, error))
    }
  }

  func readRun(_ ticket: Ticket, _ path: String) async {
    let result = await Result { () async throws(EngineError) -> TrainingHistory in
      try await engine.trainingHistory(path)
    }
    post(.runRead(ticket, result))
  }

  /// The shortest and the longest pause between two readings of a run's files, in seconds.
  static let watching = 2.0...60.0

  /// Reads a run's files again after a pause, which doubles while they are unchanged. A failed read is retried: files
  /// may be written at that moment.
  func watchRun(_ ticket: Ticket, _ path: String) async {
    var known: TrainingHistory?
    var pause = Self.watching.lowerBound
    while !Task.isCancelled {
      await clock.sleep(until: clock.now + pause)
      guard !Task.isCancelled else { return }
      let history = try? await engine.trainingHistory(path)
      if let history, history != known {
        post(.runRead(ticket, .success(history)))
        (known, pause) = (history, Self.watching.lowerBound)
      } else {
        pause = min(pause * 2, Self.watching.upperBound)
      }
    }
  }

  /// Forwards the events of a stream. Canceling the task abandons the stream, which stops the engine's work. The
  /// engine's last event is then lost, so the end is posted here.
  func generate(_ ticket: Ticket, _ request: GenerationRequest) async {
    let start = clock.now
    var first: Double?
    var last = start
    var count = 0
    for await event in engine.generate(request) {
      last = clock.now
      if case .token = event {
        first = first ?? last
        count += 1
      }
      mailbox.post(.stream(ticket, event, time: last))
      if case .finished = event { return }
    }
    let timing = GenerationTiming(
      promptSeconds: (first ?? last) - start, generateSeconds: last - (first ?? last),
      promptTokens: first == nil ? 0 : request.promptCount, tokens: count)
    mailbox.post(.stream(ticket, .finished(.interrupted, text: "", timing: timing), time: clock.now))
  }

  private func post(_ message: Message) {
    if !Task.isCancelled { mailbox.post(message) }
  }
}

extension Result where Failure == EngineError, Success: Sendable {
  /// The result of an asynchronous call.
  init(_ body: () async throws(EngineError) -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
