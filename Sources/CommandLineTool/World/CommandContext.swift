import EngineAPI

/// All that a command sees of the world, so that a test can run one in process and compare every byte it writes.
public struct CommandContext: Sendable {
  /// Makes the engine; called once, and only by commands that need one.
  public var makeEngine: @Sendable () throws(EngineError) -> EngineRouter
  /// Opens the playground and returns its exit code when the person leaves it.
  public var play: @Sendable (PlayRequest) async -> Int32
  /// Where data goes.
  public var standardOutput: any OutputSink
  /// Where notices, progress and errors go.
  public var standardError: any OutputSink
  /// All bytes of standard input, at most as many as the argument says.
  public var readStandardInput: @Sendable (_ limit: Int) async throws(ReadingError) -> [UInt8]
  /// All bytes of a file, at most as many as the argument says.
  public var readFile: @Sendable (_ path: String, _ limit: Int) async throws(ReadingError) -> [UInt8]
  /// Which of the three standard streams are terminals, and what they can show.
  public var terminal: TerminalFacts
  /// The environment: `NO_COLOR`, `TERM`, `COLORTERM`, the locale.
  public var environment: [String: String]
  /// A seed for commands that are given none.
  public var randomSeed: @Sendable () -> UInt64
  /// The signals that ask the program to end, from now on. Not called for the playground, which has its own manners.
  public var signals: @Sendable () -> AsyncStream<EndSignal>

  /// A context of these parts.
  public init(
    makeEngine: @escaping @Sendable () throws(EngineError) -> EngineRouter,
    play: @escaping @Sendable (PlayRequest) async -> Int32,
    standardOutput: any OutputSink, standardError: any OutputSink,
    readStandardInput: @escaping @Sendable (_ limit: Int) async throws(ReadingError) -> [UInt8],
    readFile: @escaping @Sendable (_ path: String, _ limit: Int) async throws(ReadingError) -> [UInt8],
    terminal: TerminalFacts = TerminalFacts(), environment: [String: String] = [:],
    randomSeed: @escaping @Sendable () -> UInt64,
    signals: @escaping @Sendable () -> AsyncStream<EndSignal> = { AsyncStream { $0.finish() } }
  ) {
    self.makeEngine = makeEngine
    self.play = play
    self.standardOutput = standardOutput
    self.standardError = standardError
    self.readStandardInput = readStandardInput
    self.readFile = readFile
    self.terminal = terminal
    self.environment = environment
    self.randomSeed = randomSeed
    self.signals = signals
  }
}
