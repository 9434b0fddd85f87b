import ArgumentParser
import LocalFiles

/// A command that only groups other commands.
protocol CommandGroup: ParsableCommand {}

extension CommandGroup {
  /// The names of its commands.
  static var names: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }

  /// The error for a missing or unknown command of the group.
  /// - Parameter found: The word in its place.
  static func problem(_ found: String?) -> CommandError {
    let near = found.flatMap { Spelling.nearest(to: $0, among: names, count: 1).first }
    return .usage(
      ErrorFacts(
        found == nil ? "missing command" : "no such command", at: "triptych \(configuration.commandName ?? "")",
        expected: names.count > 1
          ? names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "") : names.joined(),
        found: found.map { "'\($0)'" } ?? "none", hint: near.map { "did you mean '\($0)'?" }))
  }
}

/// A command that runs with an engine and a console.
protocol RunnableCommand: ParsableCommand, Sendable {
  /// The output options.
  var output: OutputOptions { get }

  /// Whether it handles signals itself.
  var handlesSignals: Bool { get }

  /// The form of its output.
  var outputForm: OutputForm { get }

  /// Refuses options that do not go together.
  func check() throws(CommandError)

  /// Reads the settings that its options name in the configuration file.
  mutating func readSettings(in run: CommandRun) throws(CommandError)

  /// Runs the command and returns the exit code; throws `CommandError` or `EngineError`.
  func run(in run: CommandRun) async throws -> Int32
}

extension RunnableCommand {
  var handlesSignals: Bool { false }
  var outputForm: OutputForm { .text }
  func check() throws(CommandError) {}
  func readSettings(in run: CommandRun) throws(CommandError) {}
}
