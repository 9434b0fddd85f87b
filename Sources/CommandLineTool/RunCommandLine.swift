import ArgumentParser
import EngineAPI
import JSONText
import LocalFiles

/// Runs the command that the arguments name and returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 plus the
/// number of the signal that ended it (130 SIGINT, 143 SIGTERM, 129 SIGHUP), 141 closed pipe.
///
/// Data goes to the context's standard output, everything else to its standard error. A first signal cancels the work:
/// the command still prints what it has. A second one does not wait for that.
/// - Parameter arguments: what follows the program's name.
public func runCommandLine(arguments: [String], context: CommandContext) async -> Int32 {
  let plain = Console(context)
  let command: any RunnableCommand
  do {
    guard let answer = try parse(arguments, columns: context.terminal.columns) else { return 0 }
    switch answer {
    case .command(let parsed):
      try parsed.check()
      command = parsed
    case .text(let text):
      try plain.writeLine(text)
      return 0
    }
  } catch {
    return finish(error, plain)
  }
  let output = command.output
  let console = Console(context, isQuiet: output.quiet, color: output.color)
  if command.handlesSignals { return await perform(command, CommandRun(context: context, console: console)) }
  return await performUnlessSignalled(command, CommandRun(context: context, console: console))
}

/// Runs the command that the arguments name, given as the bytes that the shell handed over, so that one that is not
/// UTF-8 is an error instead of being mended silently.
public func runCommandLine(arguments: [[UInt8]], context: CommandContext) async -> Int32 {
  for (index, argument) in arguments.enumerated() {
    guard let offset = argument.firstInvalidUTF8Offset else { continue }
    let problem = CommandError.argumentNotUTF8(argument: index + 1, offset: offset, byte: argument[offset])
    return finish(problem, Console(context))
  }
  return await runCommandLine(arguments: arguments.map { String(decoding: $0, as: UTF8.self) }, context: context)
}

/// Runs a command while signals are heard.
private func performUnlessSignalled(_ command: any RunnableCommand, _ run: CommandRun) async -> Int32 {
  let exitCode = OneShot<Int32>()
  let signals = run.context.signals()
  let received = ReceivedSignal()
  let work = Task {
    let code = await perform(command, run)
    exitCode.give(received.first?.exitCode ?? code)
  }
  let watch = Task {
    for await signal in signals {
      if received.note(signal) {
        work.cancel()
      } else {
        exitCode.give(signal.exitCode)
      }
    }
  }
  let code = await exitCode.take()
  watch.cancel()
  return code
}

/// Runs a command to its end.
private func perform(_ command: any RunnableCommand, _ run: CommandRun) async -> Int32 {
  do {
    let code = try await command.run(in: run)
    run.console.progress.clear()
    return code
  } catch {
    if case .interrupted = CommandError(error) { return finish(interrupted(command, run.console), run.console) }
    return finish(error, run.console)
  }
}

/// What a command prints that was ended before it had anything to print.
private func interrupted(_ command: any RunnableCommand, _ console: Console) -> any Error {
  let facts: JSONObject = ["schema": 1, "finish_reason": .text(FinishReason.interrupted.name)]
  do throws(CommandError) {
    switch command.outputForm {
    case .text: break
    case .object: try console.write(facts)
    case .lines: try console.write(JSONObject(["type": "finished"]).followed(by: facts))
    }
    return CommandError.interrupted
  } catch {
    return error
  }
}

/// Says what went wrong, where there is something to say, and gives the exit code.
private func finish(_ error: any Error, _ console: Console) -> Int32 {
  let problem = CommandError(error)
  switch problem {
  case .interrupted, .outputClosed: console.progress.clear()
  default: console.report(problem)
  }
  return problem.exitCode
}

/// The program's root: it holds the commands and does nothing itself.
struct Triptych: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triptych",
    abstract: "A playground for language models in the terminal.",
    usage: "triptych [<command>] [<options>]",
    discussion: """
      Without a command the playground opens on the bundled models.

      EXAMPLES
        triptych
        triptych generate "Once upon a time"
        triptych next "She opened the" --temperature 0.7 --top-p 0.9
        triptych fill-mask "The capital of France is [MASK]."
        triptych translate "How are you?"
        triptych score -f story.txt --json

      Models are bundled names ('triptych models' lists them) or folders in Hugging Face layout. \
      Data goes to standard output, everything else to standard error.
      """,
    version: "triptych 0.1.0",
    subcommands: [
      Play.self, Generate.self, Next.self, Score.self, FillMask.self, Translate.self, Tokenize.self, Detokenize.self,
      ListModels.self, Bench.self, Quantize.self,
    ],
    defaultSubcommand: Play.self)

  /// The names that a first argument can have.
  static let commandNames = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
}

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
