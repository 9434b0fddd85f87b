import ArgumentParser

/// A command that runs against an engine and a console.
protocol RunnableCommand: ParsableCommand, Sendable {
  /// How it prints.
  var output: OutputOptions { get }

  /// Whether signals are its own business.
  var handlesSignals: Bool { get }

  /// The form of its output.
  var outputForm: OutputForm { get }

  /// Refuses options that do not go together.
  func check() throws(CommandError)

  /// Does its work and returns the exit code; throws `CommandError` or `EngineError`.
  func run(in run: CommandRun) async throws -> Int32
}

extension RunnableCommand {
  var handlesSignals: Bool { false }
  var outputForm: OutputForm { .text }
  func check() throws(CommandError) {}
}
