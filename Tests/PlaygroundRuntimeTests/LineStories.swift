import EngineAPI
import PlaygroundApp
import ScriptedSupport
import Synchronization
import TerminalUI
import Testing

@testable import PlaygroundRuntime

/// The playground on lines.
@MainActor
@Suite(.timeLimit(.minutes(10))) struct LineStories {
  /// Lines to read, and what was written.
  private final class Lines: Sendable {
    private let left: Mutex<[String]>
    private let said = Mutex<[String]>([])

    init(_ lines: [String]) { left = Mutex(lines) }

    var written: [String] { said.withLock { $0 } }

    /// A port with these lines. Writing fails after a number of lines.
    func port(failingAfter most: Int = .max) -> LinePort {
      LinePort(
        next: {
          self.left.withLock { $0.isEmpty ? .end(code: 0) : .line($0.removeFirst()) }
        },
        write: { lines in
          self.said.withLock { said in
            said += lines
            return said.count < most ? nil : 141
          }
        },
        signals: { AsyncStream { $0.finish() } }, isInteractive: false)
    }
  }

  private func run(_ lines: [String], failingAfter most: Int = .max) async throws -> (code: Int32, said: [String]) {
    let world = try World()
    let port = Lines(lines)
    let options = PlaygroundOptions(environment: world.environment, clock: SkippingClock())
    let code = await runPlayground(
      engine: EngineRouter(ScriptedEngine()), lines: port.port(failingAfter: most), options: options)
    return (code, port.written)
  }

  @Test func aPipeIsReadToItsEndEachLineAfterTheOneBefore() async throws {
    let lines = ["Once upon a time", "generate", "undo", "fill mask", "translate", "send How are you?"]
    let (code, said) = try await run(lines)
    #expect(code == 0)
    let marks = ["Prompt, ", "A storyteller", "tab: Fill mask", "tab: Translate", "French"]
    var rest = said[...]
    for mark in marks {
      guard let index = rest.firstIndex(where: { $0.hasPrefix(mark) }) else {
        Issue.record("no line begins with \(mark) after the others:\n\(said.joined(separator: "\n"))")
        return
      }
      rest = rest[(index + 1)...]
    }
    // Lines that came at once say the same again.
    #expect(try await run(lines).said == said)
  }

  @Test func theLinesEndWithQuitOrWhenNobodyReads() async throws {
    #expect(try await run(["quit", "Once"]).said.contains { $0.contains("Once") } == false)
    #expect(try await run(["Once", "generate"], failingAfter: 1).code == 141)
    #expect(try await run([]).code == 0)
  }

  @Test func theSessionsAreListedAndOpened() async throws {
    let (code, said) = try await run(["Once upon a time", "generate", "sessions", "1"])
    #expect(code == 0 && said.contains { $0.hasPrefix("list of 1: a number chooses") }, "\(said)")
    #expect(said.last?.contains("is open already") == true, "\(said)")
  }
}
