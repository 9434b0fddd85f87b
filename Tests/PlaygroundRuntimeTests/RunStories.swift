import EngineAPI
import PlaygroundApp
import ScriptedSupport
import Synchronization
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// An engine whose run waits for commands and never makes a step by itself.
struct CommandedEngine: Engine, ModelTraining {
  private let base = ScriptedEngine()
  private let commands = AsyncStream<TrainingCommand>.makeStream()
  /// The commands in the order in which they came, and whether a cancelled run has written its checkpoint.
  let log = Log()

  /// What has happened.
  final class Log: Sendable {
    private let state = Mutex<(commands: [TrainingCommand], isSaved: Bool)>(([], false))
    var commands: [TrainingCommand] { state.withLock { $0.commands } }
    var isSaved: Bool { state.withLock { $0.isSaved } }
    fileprivate func add(_ command: TrainingCommand) { state.withLock { $0.commands.append(command) } }
    fileprivate func save() { state.withLock { $0.isSaved = true } }
  }

  func models() async throws(EngineError) -> [ModelSummary] { await base.models() }

  func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation { try await base.load(reference, progress: progress) }

  func unload(_ reference: ModelReference) async { await base.unload(reference) }

  func train(
    _ request: TrainRequest, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async throws(EngineError) -> TrainResult {
    report(
      .step(
        TrainingStep(
          step: 1, steps: 100, epoch: 1, loss: 2, learningRate: 1e-4, gradientNorm: 1, tokens: 10, seconds: 1)))
    for await command in commands.stream {
      log.add(command)
      switch command {
      case .pause: report(.paused(step: 1))
      case .resume: report(.resumed(step: 1))
      case .setLearningRate(let rate): report(.learningRate(step: 1, peak: rate))
      case .save: report(.saved(path: request.output + "/checkpoint-1"))
      case .stop: return TrainResult(path: request.output, step: 1, loss: 2, metrics: [])
      }
    }
    // Cancelled: the checkpoint takes a while.
    for _ in 0..<100 { await Task.yield() }
    log.save()
    throw EngineError(.interrupted, "interrupted")
  }

  func steerTraining(_ output: String, _ command: TrainingCommand) async throws(EngineError) {
    commands.continuation.yield(command)
  }

  func trainingHistory(_ path: String) async throws(EngineError) -> TrainingHistory {
    try await base.trainingHistory(path)
  }

  func replayStep(_ bundle: String) async throws(EngineError) -> ReplayedStep { try await base.replayStep(bundle) }
}

/// Runs in a whole playground.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct RunStories {
  private static let request = TrainRequest(
    model: ModelReference("storyteller"), objective: .causal, trainFiles: ["a.txt"], output: "./tales")

  private func runner(_ engine: any Engine, _ mailbox: Mailbox, clock: any RuntimeClock) -> EffectRunner {
    EffectRunner(
      engine: EngineRouter(engine), terminal: MemoryTerminal(), mailbox: mailbox, clock: clock,
      history: HistoryKeeper(nil, writer: StateWriter(), mailbox: mailbox),
      sessions: SessionKeeper(nil, writer: StateWriter(), mailbox: mailbox, clock: clock),
      screens: ScreenKeeper(folder: "/none", time: { .now }, writer: StateWriter(), mailbox: mailbox),
      presets: PresetKeeper(file: nil, writer: StateWriter(), mailbox: mailbox),
      editor: { text, _ in .success(text) }, log: .none)
  }

  private func wait(_ mailbox: Mailbox, for isEnough: ([Message]) -> Bool) async {
    var found: [Message] = []
    for await _ in mailbox.wakes {
      found += mailbox.take()
      if isEnough(found) { return }
    }
  }

  @Test func aRunIsStartedSteeredAndStoppedByKeys() async throws {
    let world = try World()
    let engine = CommandedEngine()
    let session = world.open(engine) { $0.task = .train }
    await session.see("New run")
    session.press("down")
    for key in ["c", "l", "o", "z", "e", "down", "a", ".", "t", "x", "t", "down", "down", "down", "o", "u", "t"] {
      session.press(key)
    }
    session.press("enter")
    await session.see("1 of 100")
    session.press("p")
    await session.see("paused")
    session.press("p", "s")
    await session.see("saved: out/checkpoint-1")
    // Another tab answers while the run goes on.
    session.press("alt-1")
    await session.see("Prompt")
    session.press("alt-9", "esc")
    await session.see("the model is in out")
    #expect(engine.log.commands == [.pause, .resume, .save, .stop])
    session.press("ctrl-q")
    #expect(await session.code == 0)
  }

  @Test func commandsArriveInTheirOrder() async {
    let (engine, mailbox) = (CommandedEngine(), Mailbox())
    let runner = runner(engine, mailbox, clock: SkippingClock())
    let commands: [TrainingCommand] = [.pause, .setLearningRate(1e-5), .resume, .save, .pause, .resume, .stop]
    _ = runner.run([.train(Ticket(.training, version: 1), Self.request)])
    _ = runner.run(
      commands.enumerated().map {
        .steer(Ticket(.training, version: $0.offset), output: "./tales", $0.element)
      })
    await wait(mailbox) { $0.contains { if case .trained = $0 { true } else { false } } }
    #expect(engine.log.commands == commands)
  }

  @Test func leavingWaitsUntilTheRunHasWrittenItsCheckpoint() async {
    let (engine, mailbox) = (CommandedEngine(), Mailbox())
    // The time limit never comes on this clock.
    let runner = runner(engine, mailbox, clock: HeldClock())
    _ = runner.run([.train(Ticket(.training, version: 1), Self.request)])
    await wait(mailbox) { !$0.isEmpty }
    await runner.stop()
    #expect(engine.log.isSaved)
  }

  @Test func leavingWaitsNoLongerThanItsLimit() async {
    let (mailbox, clock) = (Mailbox(), HeldClock())
    let runner = runner(EndlessEngine(), mailbox, clock: clock)
    _ = runner.run([.train(Ticket(.training, version: 1), Self.request)])
    let stopping = Task { await runner.stop() }
    await clock.waitForSleeper()
    clock.set(EffectRunner.trainingTimeout)
    await stopping.value
  }

  @Test func growingFilesAreReadUntilTheyAreLeft() async {
    let (engine, mailbox) = (CommandedEngine(), Mailbox())
    let clock = HeldClock()
    let runner = runner(engine, mailbox, clock: clock)
    let ticket = Ticket(Slot(.train, "watching", 1), version: 1)
    _ = runner.run([.watchRun(ticket, path: "./old")])
    await clock.waitForSleeper()
    clock.set(2)
    await wait(mailbox) { messages in
      messages.contains { if case .runRead(ticket, .success) = $0 { true } else { false } }
    }
    _ = runner.run([.cancel(ticket.slot)])
  }
}

/// An engine whose run does not end, not even when it is cancelled.
private struct EndlessEngine: Engine, ModelTraining {
  private let base = ScriptedEngine()
  private let never = Latch()

  func models() async throws(EngineError) -> [ModelSummary] { await base.models() }

  func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation { try await base.load(reference, progress: progress) }

  func unload(_ reference: ModelReference) async {}

  func train(
    _ request: TrainRequest, report: @escaping @Sendable (TrainingEvent) -> Void
  ) async throws(EngineError) -> TrainResult {
    await never.wait()
    return TrainResult(path: request.output, step: 0, loss: nil, metrics: [])
  }

  func steerTraining(_ output: String, _ command: TrainingCommand) async throws(EngineError) {}

  func trainingHistory(_ path: String) async throws(EngineError) -> TrainingHistory {
    try await base.trainingHistory(path)
  }

  func replayStep(_ bundle: String) async throws(EngineError) -> ReplayedStep { try await base.replayStep(bundle) }
}
