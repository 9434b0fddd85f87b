import ArgumentParser
import EngineAPI
import LocalFiles
import PlaygroundApp
import TerminalUI

/// Opens the playground.
struct Play: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play",
    abstract: "The playground: prompt, candidates and streams on one screen.",
    usage: "triptych play [<options>]",
    discussion: """
      EXAMPLES
        triptych
        triptych play -m ./gpt2
        triptych play -m storyteller -m storyteller-mini --theme high-contrast
        triptych play --task translate
        triptych play --lesson 1
        triptych play --session story
        triptych --linear

      Two models side by side: give -m twice. Press ? inside for the keys. With --linear, lines come in and go out in \
      place of a screen, for screen readers, terminals without one, and pipes: help lists the words.
      """)

  @Option(
    name: [.customShort("m"), .customLong("model")], parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A model to open; may be repeated (default: the bundled ones).", valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("-m/--model"))
  var models: [String] = []

  @Option(
    help: ArgumentHelp(
      "The number format: \(OptionValue.names(of: NumberFormat.self)) (default: the file's own, else f32).",
      valueName: "format"),
    completion: .list(NumberFormat.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--dtype", as: NumberFormat.self))
  var dtype: NumberFormat?

  @Option(
    help: ArgumentHelp("The theme, a bundled one or one of your own.", valueName: "name"),
    transform: OptionValue.text("--theme"))
  var theme: String?

  @Option(
    help: ArgumentHelp("The tab to open on: \(OptionValue.names(of: TabID.self)).", valueName: "task"),
    completion: .list(TabID.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--task", as: TabID.self))
  var task: TabID?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A lesson to open, from \(Limits.lessons.lowerBound) to \(Limits.lessons.upperBound).", valueName: "n"),
    transform: OptionValue.integer("--lesson", Limits.lessons))
  var lesson: Int?

  @Option(
    name: .customLong("session"),
    help: ArgumentHelp(
      "A session to go on with: a file, or a name in the sessions folder. A missing one begins as a file.",
      valueName: "session"),
    completion: .file(), transform: OptionValue.text("--session"))
  var session: String?

  @Flag(help: "Lines in place of the screen; so by itself where TERM is dumb.")
  var linear = false

  @Option(name: .threads, parsing: .unconditional, help: .threads, transform: OptionValue.threads)
  var threads: Int?

  @OptionGroup var cache: CacheOption
  @OptionGroup var output: OutputOptions

  var handlesSignals: Bool { true }

  func run(in run: CommandRun) async throws -> Int32 {
    let port = try port(run)
    var request = PlayRequest(
      theme: theme, task: task, lesson: lesson,
      session: session.map(SessionStore(folder: nil, environment: run.context.environment).path(forPlaying:)),
      threads: threads, cacheFormat: cache.type, color: output.color)
    for model in models { request.models.append(try ModelOptions.reference(model, dtype: dtype)) }
    return await run.context.play(request, port)
  }

  /// The lines in place of a screen; `nil` for a screen.
  private func port(_ run: CommandRun) throws(CommandError) -> LinePort? {
    if linear { return LinePort(run) }
    let facts = run.context.terminal
    guard facts.input else { throw .noTerminal("standard input", found: "a file or a pipe") }
    guard facts.output else { throw .noTerminal("standard output", found: "a file or a pipe") }
    let term = run.context.environment["TERM"] ?? ""
    guard !term.isEmpty else { throw .noTerminal("TERM", found: "no terminal type") }
    guard term == "dumb" else { return nil }
    run.console.note("TERM is 'dumb', so there are lines in place of a screen, as with --linear")
    return LinePort(run)
  }
}

extension LinePort {
  /// The lines of standard input and standard output.
  fileprivate init(_ run: CommandRun) {
    let (context, console) = (run.context, run.console)
    self.init(
      next: {
        do throws(CommandError) {
          return try await Self.line(context)
        } catch {
          console.report(error)
          return .end(code: error.exitCode)
        }
      },
      write: { lines in
        do throws(CommandError) {
          try console.write(lines.map { $0 + "\n" }.joined())
          return nil
        } catch {
          // A closed pipe needs no words.
          if error != .outputClosed { console.report(error) }
          return error.exitCode
        }
      },
      signals: {
        AsyncStream { stream in
          let task = Task {
            for await signal in context.signals() {
              if let signal = TerminationSignal(rawValue: signal.rawValue) { stream.yield(signal) }
            }
          }
          stream.onTermination = { _ in task.cancel() }
        }
      }, isInteractive: context.terminal.input,
      // The lines have said what failed; a script reads standard error.
      didFail: { console.report(.failedLine) })
  }

  private static func line(_ context: CommandContext) async throws(CommandError) -> Input {
    let bytes: [UInt8]?
    do {
      bytes = try await context.readLine(TextInput.limit)
    } catch {
      throw CommandError(error, reading: "standard input")
    }
    guard let bytes else { return .end(code: 0) }
    return .line(try String(line: bytes, of: "standard input"))
  }
}
