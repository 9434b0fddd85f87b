import EngineAPI
import Foundation
import LocalFiles
import PlaygroundApp
import ScriptedSupport
import Synchronization
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// The environment of a test: separate folders, environment variables that refer to them, and one or more sessions.
@MainActor
final class World {
  let root: String
  var variables: [String: String]

  init() throws {
    root = FileManager.default.temporaryDirectory.appendingPathComponent("triptych-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    variables = ["HOME": root, "TMPDIR": root]
    // With greedy settings the scripted models generate exactly their scripts.
    try configure("sampling: {temperature: 0}\n")
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  var environment: ProcessEnvironment { ProcessEnvironment(variables: variables, workingFolder: root) }

  /// Writes the configuration file.
  func configure(_ text: String) throws {
    try TextFile.write(text, to: root + "/.config/triptych/config.yaml")
  }

  /// Starts a session; `Session.code` waits for its end.
  func open(
    _ engine: any Engine = TestEngine(), size: Size = Size(80, 24),
    change: (inout PlaygroundOptions) -> Void = { _ in }
  ) -> Session {
    open(EngineRouter(engine), size: size, change: change)
  }

  /// Starts a session with several engines.
  func open(_ router: EngineRouter, size: Size, change: (inout PlaygroundOptions) -> Void) -> Session {
    var options = PlaygroundOptions(environment: environment, clock: SkippingClock())
    change(&options)
    return Session(engine: router, options: options, size: size)
  }

  /// The names of the files in a subfolder of the state folder.
  func state(_ folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root + "/.local/state/triptych/" + folder)) ?? []).sorted()
  }
}

/// A running playground.
@MainActor
final class Session {
  let terminal: MemoryTerminal
  private let running: Task<Int32, Never>

  init(engine: EngineRouter, options: PlaygroundOptions, size: Size) {
    let terminal = MemoryTerminal(size: size)
    self.terminal = terminal
    running = Task { await runPlayground(engine: engine, terminal: terminal, options: options) }
  }

  /// The exit code; waits for the end of the session.
  var code: Int32 { get async { await running.value } }

  /// Waits for a frame with this text in one line.
  @discardableResult
  func see(_ text: String, _ location: SourceLocation = #_sourceLocation) async -> [String] {
    await see("a line with \"\(text)\"", location) { grid in grid.lines.contains { $0.contains(text) } }
  }

  /// Waits for a frame without this text.
  @discardableResult
  func seeNo(_ text: String, _ location: SourceLocation = #_sourceLocation) async -> [String] {
    await see("no line with \"\(text)\"", location) { grid in !grid.lines.contains { $0.contains(text) } }
  }

  /// Waits for a frame. At the test's time limit, the failure shows the current screen.
  private func see(
    _ words: String, _ location: SourceLocation, _ condition: @escaping @Sendable (CellGrid) -> Bool
  ) async -> [String] {
    let grid = await terminal.frame(where: condition)
    if !condition(grid) {
      Issue.record(
        "expected \(words), found\n\(grid.lines.joined(separator: "\n"))", sourceLocation: location)
    }
    return grid.lines
  }

  /// Presses keys given in their text form.
  func press(_ strokes: String...) {
    for stroke in strokes.compactMap({ KeyStroke($0) }) { terminal.send(.key(stroke)) }
  }
}

/// A clock whose waits end immediately.
final class SkippingClock: RuntimeClock {
  private let moment = Mutex(0.0)

  var now: Double { moment.withLock { $0 } }

  func sleep(until end: Double) async {
    moment.withLock { $0 = max($0, end) }
    await Task.yield()
  }
}

/// A clock that advances by a step each time it is read.
final class TickingClock: RuntimeClock {
  private let moment = Mutex(0.0)
  private let step: Double

  init(step: Double) { self.step = step }

  var now: Double {
    moment.withLock { moment in
      moment += step
      return moment
    }
  }

  func sleep(until end: Double) async {
    moment.withLock { $0 = max($0, end) }
    await Task.yield()
  }
}

/// A clock that advances only when it is set.
///
/// It is set on the main actor, like the loop: time that passes while messages are processed ends a frame early.
@MainActor
final class HeldClock: RuntimeClock {
  private nonisolated let moment = Mutex(0.0)
  private var sleepers: [(end: Double, wake: CheckedContinuation<Void, Never>)] = []
  private var watchers: [CheckedContinuation<Void, Never>] = []

  nonisolated var now: Double { moment.withLock { $0 } }

  func sleep(until end: Double) async {
    guard end > now else { return }
    for watcher in watchers { watcher.resume() }
    watchers = []
    await withCheckedContinuation { sleepers.append((end, $0)) }
  }

  /// Waits until a task sleeps on this clock.
  func waitForSleeper() async {
    if sleepers.isEmpty { await withCheckedContinuation { watchers.append($0) } }
  }

  func set(_ time: Double) {
    moment.withLock { $0 = time }
    for sleeper in sleepers where sleeper.end <= time { sleeper.wake.resume() }
    sleepers.removeAll { $0.end <= time }
  }
}

/// A latch: waiting tasks continue when it opens.
actor Latch {
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func open() {
    isOpen = true
    for waiter in waiting { waiter.resume() }
    waiting = []
  }

  func wait() async {
    if !isOpen { await withCheckedContinuation { waiting.append($0) } }
  }
}

extension Mailbox {
  /// Takes all waiting messages.
  func take() -> [Message] {
    var all: [Message] = []
    while let next = next() { all.append(next.message) }
    return all
  }
}
