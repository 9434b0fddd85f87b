import EngineAPI

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension CommandContext {
  /// The context of this process: its standard streams, environment and signals.
  ///
  /// Ignores SIGPIPE from here on, so that a closed pipe can be told apart and ends the program with exit code 141.
  public static func process(
    environment: [String: String],
    makeEngine: @escaping @Sendable () throws(EngineError) -> EngineRouter,
    play: @escaping @Sendable (PlayRequest) async -> Int32
  ) -> CommandContext {
    ProcessSignals.ignoreClosedPipes()
    return CommandContext(
      makeEngine: makeEngine,
      play: play,
      standardOutput: FileDescriptorSink(descriptor: 1),
      standardError: FileDescriptorSink(descriptor: 2),
      readStandardInput: { limit throws(ReadingError) in try await DescriptorReading.standardInput(limit: limit) },
      readFile: { path, limit throws(ReadingError) in try await DescriptorReading.file(path, limit: limit) },
      terminal: TerminalFacts(
        input: isatty(0) == 1, output: isatty(1) == 1, error: isatty(2) == 1,
        columns: columns(environment)),
      environment: environment,
      // Small enough that every JSON reader keeps all its digits.
      randomSeed: { UInt64.random(in: 0..<(1 << 32)) },
      signals: { ProcessSignals.stream() })
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

/// The arguments of this process as the shell gave them.
public enum ProcessArguments {
  /// The bytes of each argument, without the program's name. `CommandLine.arguments` would have mended what is not
  /// UTF-8.
  public static func bytes() -> [[UInt8]] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map {
        Array(UnsafeBufferPointer(start: $0, count: strlen($0)).lazy.map(UInt8.init(bitPattern:)))
      }
    }
  }
}
