import EngineAPI
import Platform
import PlaygroundApp

/// The environment of a command: everything it reads and writes. Tests run commands in process and compare every byte
/// of output.
public struct CommandContext: Sendable {
  /// Creates the engine. Called once, and only by commands that need one.
  public var makeEngine: @Sendable () throws(EngineError) -> EngineRouter
  /// Opens the playground, on a screen or on lines, and returns its exit code.
  public var play: @Sendable (PlayRequest, LinePort?) async -> Int32
  /// The sink of data.
  public var standardOutput: any OutputSink
  /// The sink of notices, progress and errors.
  public var standardError: any OutputSink
  /// Reads standard input, at most `limit` bytes.
  public var readStandardInput: @Sendable (_ limit: Int) async throws(ReadingError) -> [UInt8]
  /// Reads the next line of standard input without its newline, at most `limit` bytes; `nil` at the end.
  public var readLine: @Sendable (_ limit: Int) async throws(ReadingError) -> [UInt8]?
  /// Reads a file, at most `limit` bytes.
  public var readFile: @Sendable (_ path: String, _ limit: Int) async throws(ReadingError) -> [UInt8]
  /// Which standard streams are terminals, and how wide the terminal is.
  public var terminal: TerminalFacts
  /// The environment: `NO_COLOR`, `TERM`, `COLORTERM`, the locale.
  public var environment: [String: String]
  /// The local time, in seconds since 1970-01-01 00:00:00 of the same time zone. Chat templates may write it.
  public var localSeconds: @Sendable () -> Int
  /// A seed for commands without `--seed`.
  public var randomSeed: @Sendable () -> UInt64
  /// The stream of signals that ask the program to end. Not called for the playground, which handles signals itself.
  public var signals: @Sendable () -> AsyncStream<EndSignal>
  /// Called with the exit code as soon as a command has written all of its output.
  public var commandEnded: @Sendable (_ exitCode: Int32) -> Void

  /// Creates a context.
  public init(
    makeEngine: @escaping @Sendable () throws(EngineError) -> EngineRouter,
    play: @escaping @Sendable (PlayRequest, LinePort?) async -> Int32,
    standardOutput: any OutputSink, standardError: any OutputSink,
    readStandardInput: @escaping @Sendable (_ limit: Int) async throws(ReadingError) -> [UInt8],
    readLine: @escaping @Sendable (_ limit: Int) async throws(ReadingError) -> [UInt8]?,
    readFile: @escaping @Sendable (_ path: String, _ limit: Int) async throws(ReadingError) -> [UInt8],
    terminal: TerminalFacts = TerminalFacts(), environment: [String: String] = [:],
    localSeconds: @escaping @Sendable () -> Int, randomSeed: @escaping @Sendable () -> UInt64,
    signals: @escaping @Sendable () -> AsyncStream<EndSignal> = { AsyncStream { $0.finish() } },
    commandEnded: @escaping @Sendable (_ exitCode: Int32) -> Void = { _ in }
  ) {
    self.makeEngine = makeEngine
    self.play = play
    self.standardOutput = standardOutput
    self.standardError = standardError
    self.readStandardInput = readStandardInput
    self.readLine = readLine
    self.readFile = readFile
    self.terminal = terminal
    self.environment = environment
    self.localSeconds = localSeconds
    self.randomSeed = randomSeed
    self.signals = signals
    self.commandEnded = commandEnded
  }
}

/// Which standard streams are terminals, and how wide the terminal is.
public struct TerminalFacts: Sendable, Hashable {
  /// Whether standard input is a terminal.
  public var input: Bool
  /// Whether standard output is a terminal.
  public var output: Bool
  /// Whether standard error is a terminal.
  public var error: Bool
  /// Columns of the terminal; 80 if there is none.
  public var columns: Int

  /// Creates facts; by default nothing is a terminal.
  public init(input: Bool = false, output: Bool = false, error: Bool = false, columns: Int = 80) {
    self.input = input
    self.output = output
    self.error = error
    self.columns = columns
  }
}

extension CommandContext {
  /// The context of this process: its standard streams, environment and signals.
  ///
  /// Ignores SIGPIPE from here on, so that a closed pipe is an error that ends the program with exit code 141.
  public static func process(
    environment: [String: String],
    makeEngine: @escaping @Sendable () throws(EngineError) -> EngineRouter,
    play: @escaping @Sendable (PlayRequest, LinePort?) async -> Int32,
    commandEnded: @escaping @Sendable (_ exitCode: Int32) -> Void
  ) -> CommandContext {
    ProcessSignals.ignoreClosedPipes()
    let lines = DescriptorLines(descriptor: 0)
    return CommandContext(
      makeEngine: makeEngine,
      play: play,
      standardOutput: FileDescriptorSink(descriptor: 1),
      standardError: FileDescriptorSink(descriptor: 2),
      readStandardInput: { limit throws(ReadingError) in try await DescriptorReading.standardInput(limit: limit) },
      readLine: { limit throws(ReadingError) in try await lines.next(limit: limit) },
      readFile: { path, limit throws(ReadingError) in try await DescriptorReading.file(path, limit: limit) },
      terminal: TerminalFacts(
        input: isatty(0) == 1, output: isatty(1) == 1, error: isatty(2) == 1,
        columns: columns(environment)),
      environment: environment,
      localSeconds: {
        var now = time(nil)
        var parts = tm()
        return localtime_r(&now, &parts) == nil ? Int(now) : Int(now) + parts.tm_gmtoff
      },
      // Small enough for every JSON reader to keep all digits.
      randomSeed: { UInt64.random(in: 0..<(1 << 32)) },
      signals: { ProcessSignals.stream() },
      commandEnded: commandEnded)
  }

  private static func columns(_ environment: [String: String]) -> Int {
    for descriptor in [Int32(1), 2, 0] {
      var size = winsize()
      if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    }
    guard let columns = environment["COLUMNS"].flatMap({ Int($0) }), (1...10_000).contains(columns) else { return 80 }
    return columns
  }
}

/// The arguments of this process as passed by the shell.
public enum ProcessArguments {
  /// The bytes of each argument, without the program's name. `CommandLine.arguments` would repair invalid UTF-8.
  public static func bytes() -> [[UInt8]] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map {
        Array(UnsafeBufferPointer(start: $0, count: strlen($0)).lazy.map(UInt8.init(bitPattern:)))
      }
    }
  }
}
