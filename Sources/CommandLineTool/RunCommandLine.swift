import ArgumentParser
import EngineAPI
import JSONText
import LocalFiles

/// Runs a command line and returns the exit code: 0 success, 1 failure, 2 wrong usage, 128 plus the number of the
/// signal that ended it (130 SIGINT, 143 SIGTERM, 129 SIGHUP), 141 closed pipe.
///
/// Data goes to the context's standard output, everything else to its standard error. The first signal cancels the
/// command, which still prints its results so far. A second one ends it at once.
/// - Parameter arguments: The arguments after the program's name.
public func runCommandLine(arguments: [String], context: CommandContext) async -> Int32 {
  let plain = Console(context)
  do {
    guard let answer = try parse(arguments, columns: context.terminal.columns) else { return 0 }
    switch answer {
    case .command(let command): return await runCommand(command, context: context)
    case .text(let text):
      try plain.writeLine(text)
      return 0
    }
  } catch {
    return finish(error, plain)
  }
}

/// Runs a command that was parsed and returns the exit code.
func runCommand(_ command: any RunnableCommand, context: CommandContext) async -> Int32 {
  do {
    try command.check()
  } catch {
    return finish(error, Console(context))
  }
  let output = command.output
  let console = Console(context, isQuiet: output.quiet, color: output.color)
  if command.handlesSignals {
    let code = await perform(command, CommandRun(context: context, console: console))
    context.commandEnded(code)
    return code
  }
  return await performUnlessSignalled(command, CommandRun(context: context, console: console))
}

/// Runs a command line given as raw bytes, so that arguments that are not UTF-8 are an error instead of being repaired.
public func runCommandLine(arguments: [[UInt8]], context: CommandContext) async -> Int32 {
  for (index, argument) in arguments.enumerated() {
    guard let offset = argument.firstInvalidUTF8Offset else { continue }
    let problem = CommandError.argumentNotUTF8(argument: index + 1, offset: offset, byte: argument[offset])
    return finish(problem, Console(context))
  }
  return await runCommandLine(arguments: arguments.map { String(decoding: $0, as: UTF8.self) }, context: context)
}

/// Runs a command and handles signals.
private func performUnlessSignalled(_ command: any RunnableCommand, _ run: CommandRun) async -> Int32 {
  let exitCode = OneShot<Int32>()
  let signals = run.context.signals()
  let received = ReceivedSignal()
  let work = Task {
    let own = await perform(command, run)
    let code = received.first?.exitCode ?? own
    run.context.commandEnded(code)
    exitCode.give(code)
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
  var command = command
  do {
    try command.readSettings(in: run)
    let code = try await command.run(in: run)
    run.console.progress.clear()
    return code
  } catch {
    if case .interrupted = CommandError(error) { return finish(interrupted(command, run.console), run.console) }
    return finish(error, run.console)
  }
}

/// Prints the result of a command that was interrupted before it had any, and returns the error to report.
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

/// Prints the error, if there is something to report, and returns the exit code.
private func finish(_ error: any Error, _ console: Console) -> Int32 {
  let problem = CommandError(error)
  switch problem {
  case .interrupted, .outputClosed: console.progress.clear()
  default: console.report(problem)
  }
  return problem.exitCode
}

/// The root command: it only holds the subcommands.
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

      Models are bundled names ('triptych models' lists them), folders in Hugging Face layout or GGUF files. \
      Data goes to standard output, everything else to standard error.
      """,
    version: "triptych 0.1.0",
    subcommands: [
      Play.self, Generate.self, Chat.self, Next.self, Score.self, Compare.self, Choices.self, Inspect.self,
      FillMask.self, Translate.self, Summarize.self, Classify.self, Tag.self, Tokenize.self, Detokenize.self,
      ListModels.self, ListSessions.self, Replay.self, Bench.self,
      Quantize.self, Train.self, DataCommand.self, Copied.self,
    ],
    defaultSubcommand: Play.self)

  /// The valid first arguments.
  static let commandNames = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
}
