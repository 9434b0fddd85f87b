import EngineAPI
import JSONText
import PlaygroundApp
import ScriptedSupport
import Synchronization

@testable import CommandLineTool

/// The environment of a command, in memory: its input, output and signals.
final class CommandWorld: Sendable {
  /// The outcome of a command.
  struct Outcome: Equatable {
    var exitCode: Int32
    var output: String
    var errors: String
  }

  private let output: MemorySink
  private let errors = MemorySink()
  private let requests = Log<PlayRequest>()
  private let context: CommandContext

  /// The requests that reached the playground.
  var played: [PlayRequest] { requests.entries }
  /// What was written to standard output so far.
  var written: String { output.text }

  /// - Parameters:
  ///   - schemes: further engines, by scheme.
  ///   - input: the bytes of standard input; with `nil` reading is an error, for tests where no command may read it.
  ///   - files: the files that exist, by path.
  ///   - closingAfter: the number of writes after which the reader of standard output closes the pipe.
  init(
    engine: any Engine = ScriptedEngine(), schemes: [String: any Engine] = [:], input: [UInt8]? = nil,
    files: [String: [UInt8]] = [:],
    terminal: TerminalFacts = TerminalFacts(), environment: [String: String] = [:],
    closingAfter: Int? = nil, outputFailure: String? = nil,
    signals: @escaping @Sendable () -> AsyncStream<EndSignal> = { AsyncStream { $0.finish() } }
  ) {
    let output = MemorySink(closingAfter: closingAfter, failure: outputFailure)
    let played = requests
    let lines = Lines(input ?? [])
    self.output = output
    context = CommandContext(
      makeEngine: { schemes.reduce(EngineRouter(engine)) { $0.registering($1.value, for: $1.key) } },
      play: { request, port in
        played.add(request)
        guard let port else { return 0 }
        while case .line(let line) = await port.next() { _ = port.write([line]) }
        return 0
      },
      standardOutput: output, standardError: errors,
      readStandardInput: { limit throws(ReadingError) in
        guard let input else { throw .unreadable("nothing may read standard input here") }
        guard input.count <= limit else { throw .tooLarge }
        return input
      },
      readLine: { limit throws(ReadingError) in
        guard input != nil else { throw .unreadable("nothing may read standard input here") }
        return lines.next()
      },
      readFile: { path, limit throws(ReadingError) in
        guard let bytes = files[path] else { throw .unreadable("no such file or directory") }
        guard bytes.count <= limit else { throw .tooLarge }
        return bytes
      },
      terminal: terminal, environment: environment, localSeconds: { 86_400 }, randomSeed: { 1234 }, signals: signals)
  }

  /// Runs a command.
  func run(_ arguments: String...) async -> Outcome { await run(arguments) }

  /// Runs a command.
  func run(_ arguments: [String]) async -> Outcome {
    let code = await runCommandLine(arguments: arguments, context: context)
    return Outcome(exitCode: code, output: output.text, errors: errors.text)
  }

  /// Runs a command that was parsed.
  func run(_ command: any RunnableCommand) async -> Outcome {
    let code = await runCommand(command, context: context)
    return Outcome(exitCode: code, output: output.text, errors: errors.text)
  }

  /// Runs a command whose arguments are bytes.
  func run(bytes arguments: [[UInt8]]) async -> Outcome {
    let code = await runCommandLine(arguments: arguments, context: context)
    return Outcome(exitCode: code, output: output.text, errors: errors.text)
  }
}

/// The lines of an input, one after the other.
private final class Lines: Sendable {
  private let left: Mutex<[[UInt8]]>

  init(_ bytes: [UInt8]) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    if lines.last?.isEmpty == true { lines.removeLast() }
    left = Mutex(lines)
  }

  func next() -> [UInt8]? { left.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}

/// Entries in the order in which they were added.
final class Log<Entry: Sendable>: Sendable {
  private let kept = Mutex<[Entry]>([])

  var entries: [Entry] { kept.withLock { $0 } }

  func add(_ entry: Entry) { kept.withLock { $0.append(entry) } }
}

/// A sink in memory whose reader may close the pipe.
final class MemorySink: OutputSink {
  private let bytes = Mutex<[UInt8]>([])
  private let writesLeft: Mutex<Int?>
  private let failure: String?

  init(closingAfter: Int? = nil, failure: String? = nil) {
    writesLeft = Mutex(closingAfter)
    self.failure = failure
  }

  var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

  func write(_ new: [UInt8]) throws(OutputError) {
    if let failure { throw .failed(SystemReason(failure)) }
    let isOpen = writesLeft.withLock { left in
      guard let count = left else { return true }
      left = count - 1
      return count > 0
    }
    guard isOpen else { throw .closed }
    bytes.withLock { $0 += new }
  }
}
