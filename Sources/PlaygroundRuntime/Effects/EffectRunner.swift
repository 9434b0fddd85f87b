import EngineAPI
import PlaygroundApp
import TerminalUI

/// Runs effects. Slow work runs off the main actor and posts its results to the mailbox. Each slot has at most one
/// task; a new task cancels the previous one.
@MainActor
final class EffectRunner {
  /// Whether a child process uses the terminal; nothing is drawn during that time.
  private(set) var isTerminalAway = false

  private let engine: EngineRouter
  private let terminal: any Terminal
  private let mailbox: Mailbox
  private let clock: any RuntimeClock
  private let history: HistoryKeeper
  private let sessions: SessionKeeper
  private let screens: ScreenKeeper
  private let presets: PresetKeeper
  private let editor: TextEditing
  private let log: RuntimeLog
  private var work: [Slot: Task<Void, Never>] = [:]
  private var others: [Int: Task<Void, Never>] = [:]
  private var lastOther = 0
  private var steering: Task<Void, Never>?
  /// The number of tasks whose answers have not come; counted only if `countsWork`.
  private var working = 0
  private let countsWork: Bool
  /// Whether answers are still to come. False if `countsWork` is.
  var isWorking: Bool { working > 0 }
  private var editing: Task<Void, Never>?
  /// How long to wait for an editor to exit, in seconds.
  static let editorTimeout = 1.0
  /// How long to wait for a run that writes its last checkpoint, in seconds.
  static let trainingTimeout = 30.0

  init(
    engine: EngineRouter, terminal: any Terminal, mailbox: Mailbox, clock: any RuntimeClock, history: HistoryKeeper,
    sessions: SessionKeeper, screens: ScreenKeeper, presets: PresetKeeper, editor: @escaping TextEditing,
    log: RuntimeLog,
    countsWork: Bool = false
  ) {
    self.countsWork = countsWork
    self.engine = engine
    self.terminal = terminal
    self.mailbox = mailbox
    self.clock = clock
    self.history = history
    self.sessions = sessions
    self.screens = screens
    self.presets = presets
    self.editor = editor
    self.log = log
  }

  /// Starts effects in order. Returns how the session ends if one of them is `leave`.
  /// - Parameter task: the open tab, which owns a text edited in an external editor.
  func run(_ effects: [Effect], task: TabID = .first) -> Ending? {
    for effect in effects {
      log.debug("effect \(effect.logName)")
      if case .leave(let code) = effect { return .left(code: code) }
      run(effect, task)
    }
    return nil
  }

  /// Cancels all work. Waits up to `editorTimeout` for an editor to exit and restore the terminal, and up to
  /// `trainingTimeout` for a run to write its checkpoint.
  func stop() async {
    for task in work.values { task.cancel() }
    for task in others.values { task.cancel() }
    if let training = work[.training] { await wait(for: training, seconds: Self.trainingTimeout) }
    guard let editing else { return }
    editing.cancel()
    await wait(for: editing, seconds: Self.editorTimeout)
  }

  private func wait(for task: Task<Void, Never>, seconds: Double) async {
    let (ends, end) = AsyncStream<Void>.makeStream()
    Task {
      await task.value
      end.finish()
    }
    Task {
      await clock.sleep(until: clock.now + seconds)
      end.finish()
    }
    for await _ in ends {}
  }

  private func run(_ effect: Effect, _ task: TabID) {
    let calls = EngineCalls(engine: engine, mailbox: mailbox, clock: clock)
    switch effect {
    case .listModels: startOutsideSlots { await calls.listModels() }
    case .load(let model): startOutsideSlots { await calls.load(model) }
    case .translationPrefix(let direction, let model): startOutsideSlots { await calls.prefix(direction, model: model) }
    case .tokenize(let ticket, let text, let model):
      startAfterPrevious(ticket) { await calls.tokenize(ticket, text, model: model) }
    case .distribution(let ticket, let request): startInSlot(ticket) { await calls.distribution(ticket, request) }
    case .chatPrompt(let ticket, let request): startInSlot(ticket) { await calls.chatPrompt(ticket, request) }
    case .score(let ticket, let request): startInSlot(ticket) { await calls.score(ticket, request) }
    case .read(let ticket, let request): startInSlot(ticket) { await calls.read(ticket, request) }
    case .generate(let ticket, let request): startInSlot(ticket) { await calls.generate(ticket, request) }
    case .beamSearch(let ticket, let request): startInSlot(ticket) { await calls.beams(ticket, request) }
    case .fillMask(let ticket, let request): startInSlot(ticket) { await calls.fillMask(ticket, request) }
    case .rankChoices(let ticket, let request): startInSlot(ticket) { await calls.rankChoices(ticket, request) }
    case .translateBack(let ticket, let request): startInSlot(ticket) { await calls.translateBack(ticket, request) }
    case .classify(let ticket, let request): startInSlot(ticket) { await calls.classify(ticket, request) }
    case .classifyAll(let ticket, let request): startInSlot(ticket) { await calls.classifyAll(ticket, request) }
    case .tag(let ticket, let request): startInSlot(ticket) { await calls.tag(ticket, request) }
    case .compare(let ticket, let request): startInSlot(ticket) { await calls.compare(ticket, request) }
    case .inspect(let ticket, let request): startInSlot(ticket) { await calls.inspect(ticket, request) }
    case .train(let ticket, let request): startInSlot(ticket) { await calls.train(ticket, request) }
    case .steer(let ticket, let output, let command): steer { await calls.steer(ticket, output, command) }
    case .readRun(let ticket, let path): startInSlot(ticket) { await calls.readRun(ticket, path) }
    case .watchRun(let ticket, let path): watch(ticket) { await calls.watchRun(ticket, path) }
    case .cancel(let slot): work.removeValue(forKey: slot)?.cancel()
    case .edit(let text): edit(text, of: task)
    case .copy(let text): terminal.copy(text)
    case .captureMouse(let isOn): terminal.setMouse(isOn)
    case .remember(let task, let prompt): history.append(task, prompt)
    case .saveScreen(let svg): screens.save(svg)
    case .writeFile(let text, let path, let notice): screens.write(text, to: path, notice: notice)
    case .exportSession(let session, let format, let path):
      screens.export(to: path) { format.text(of: session) }
    case .exportScreen(let svg, let path): screens.export(to: path) { svg }
    case .moveSession(let path, let number): sessions.move(to: path, number: number)
    case .savePreset(let preset): presets.save(preset)
    case .listSessions: sessions.list()
    case .openSession(let path, let number): sessions.open(path, number: number)
    case .removeSession(let path): sessions.remove(path)
    case .leave: break
    }
    if effect.isOfFiles { count { [sessions] in await sessions.isUpToDate() } }
  }

  /// Counts work until its answer has been posted.
  private func count(_ end: @escaping @MainActor @Sendable () async -> Void) {
    guard countsWork else { return }
    working += 1
    Task {
      await end()
      working -= 1
      mailbox.nudge()
    }
  }

  private func startInSlot(_ ticket: Ticket, _ body: @escaping @Sendable () async -> Void) {
    work[ticket.slot]?.cancel()
    let task = Task.detached(operation: body)
    work[ticket.slot] = task
    // Colors of the prompt are not worth waiting for.
    if ticket.slot != .scores(ticket.slot.tab) { count { await task.value } }
  }

  /// Passes a command to a run after the earlier ones.
  private func steer(_ body: @escaping @Sendable () async -> Void) {
    let before = steering
    let task = Task.detached {
      await before?.value
      await body()
    }
    steering = task
    count { await task.value }
  }

  /// Starts a task that ends only when it is canceled, so the runtime does not wait for it.
  private func watch(_ ticket: Ticket, _ body: @escaping @Sendable () async -> Void) {
    work[ticket.slot]?.cancel()
    work[ticket.slot] = Task.detached(operation: body)
  }

  /// Starts a task in a slot after the canceled previous one has ended. Otherwise fast typing would run many tokenizers
  /// at the same time.
  private func startAfterPrevious(_ ticket: Ticket, _ body: @escaping @Sendable () async -> Void) {
    let before = work[ticket.slot]
    before?.cancel()
    let task = Task.detached {
      await before?.value
      if !Task.isCancelled { await body() }
    }
    work[ticket.slot] = task
    count { await task.value }
  }

  /// Starts a task outside of any slot.
  private func startOutsideSlots(_ body: @escaping @Sendable () async -> Void) {
    lastOther += 1
    let number = lastOther
    let task = Task.detached(operation: body)
    others[number] = task
    count { await task.value }
    Task {
      await task.value
      others[number] = nil
    }
  }

  private func edit(_ text: String, of task: TabID) {
    guard !isTerminalAway else { return }
    isTerminalAway = true
    terminal.suspend()
    let (editor, mailbox) = (editor, mailbox)
    editing = Task {
      // Detached, so that starting a process never blocks the main actor. A detached task does not inherit
      // cancellation, so it is canceled explicitly.
      let work = Task.detached { await editor(text, task) }
      let outcome = await withTaskCancellationHandler {
        await work.value
      } onCancel: {
        work.cancel()
      }
      editing = nil
      guard !Task.isCancelled else { return }
      terminal.resume()
      isTerminalAway = false
      switch outcome {
      case .success(let edited): mailbox.post(.edited(edited))
      case .failure(let error):
        mailbox.post(.edited(nil))
        mailbox.post(.failure(error))
      }
    }
  }
}

extension Effect {
  /// Whether the writer of the session files does it.
  fileprivate var isOfFiles: Bool {
    switch self {
    case .listSessions, .openSession, .removeSession, .saveScreen, .writeFile, .savePreset,
      .exportSession, .exportScreen, .moveSession:
      true
    default: false
    }
  }

  /// The effect's name in the log. Never contains text that the user typed.
  var logName: String {
    switch self {
    case .listModels: "list models"
    case .load(let model): "load \(model)"
    case .tokenize(let ticket, _, _): "tokenize \(ticket.version)"
    case .translationPrefix: "translation prefix"
    case .distribution(let ticket, let request): "distribution \(ticket.version) at \(request.position)"
    case .chatPrompt(let ticket, _): "chat prompt \(ticket.version)"
    case .score(let ticket, let request): "score \(ticket.version) \(request.context.ids.count) ids"
    case .read(let ticket, let request): "read \(ticket.version) \(request.context.ids.count) ids"
    case .generate(let ticket, let request): "generate \(ticket.version) seed \(request.seed)"
    case .beamSearch(let ticket, let request): "beam search \(ticket.version) beams \(request.beams)"
    case .fillMask(let ticket, _): "fill mask \(ticket.version)"
    case .rankChoices(let ticket, let request): "rank \(ticket.version) \(request.choices.count) choices"
    case .translateBack(let ticket, _): "translate back \(ticket.version)"
    case .classify(let ticket, _): "classify \(ticket.version)"
    case .classifyAll(let ticket, let request): "classify \(ticket.version) \(request.texts.count) texts"
    case .tag(let ticket, _): "tag \(ticket.version)"
    case .compare(let ticket, let request): "compare \(ticket.version) \(request.sides.count) sides"
    case .inspect(let ticket, _): "inspect \(ticket.version)"
    case .train(let ticket, let request): "train \(ticket.version) \(request.objective.rawValue)"
    case .steer(let ticket, _, _): "steer \(ticket.version)"
    case .readRun(let ticket, _): "read a run \(ticket.version)"
    case .watchRun(let ticket, _): "watch a run \(ticket.version)"
    case .cancel(let slot): "cancel \(slot)"
    case .edit: "edit"
    case .copy: "copy"
    case .captureMouse(let isOn): "mouse \(isOn)"
    case .remember: "remember"
    case .saveScreen: "save screen"
    case .writeFile: "write a file"
    case .exportSession(_, let format, _): "export the session as \(format.rawValue)"
    case .exportScreen: "export the screen"
    case .moveSession(_, let number): "move session \(number)"
    case .savePreset: "save settings"
    case .listSessions: "list sessions"
    case .openSession(_, let number): "open session \(number)"
    case .removeSession: "remove session"
    case .leave(let code): "leave \(code)"
    }
  }
}
