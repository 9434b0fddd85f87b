import ArgumentParser
import EngineAPI
import LocalFiles

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

      Two models side by side: give -m twice. Press ? inside for the keys.
      """)

  @Option(
    name: [.customShort("m"), .customLong("model")], parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A model to open; may be repeated (default: the bundled ones).", valueName: "ref"),
    completion: ModelCompletion.kind,
    transform: OptionValue.text("-m/--model"))
  var models: [String] = []

  @Option(
    help: ArgumentHelp(
      "The number format: f32, bf16, q8 or q4 (default: the folder's own if packed, else f32).", valueName: "format"),
    completion: .list(NumberFormat.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--dtype", as: NumberFormat.self))
  var dtype: NumberFormat?

  @Option(
    help: ArgumentHelp("The theme, a bundled one or one of your own.", valueName: "name"),
    transform: OptionValue.text("--theme"))
  var theme: String?

  @Option(
    help: ArgumentHelp("The tab to open on: generate, fill-mask or translate.", valueName: "task"),
    completion: .list(PlayTask.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--task", as: PlayTask.self))
  var task: PlayTask?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A lesson to open, from \(Limits.lessons.lowerBound) to \(Limits.lessons.upperBound).", valueName: "n"),
    transform: OptionValue.integer("--lesson", Limits.lessons))
  var lesson: Int?

  @Option(
    name: [.customShort("t"), .customLong("threads")], parsing: .unconditional,
    help: ArgumentHelp("Compute threads (default: the available physical cores).", valueName: "n"),
    transform: OptionValue.integer("-t/--threads", Limits.threads))
  var threads: Int?

  @OptionGroup var cache: CacheOption
  @OptionGroup var output: OutputOptions

  var handlesSignals: Bool { true }

  func run(in run: CommandRun) async throws -> Int32 {
    let facts = run.context.terminal
    guard facts.input else { throw CommandError.noTerminal("standard input", found: "a file or a pipe") }
    guard facts.output else { throw CommandError.noTerminal("standard output", found: "a file or a pipe") }
    let term = run.context.environment["TERM"] ?? ""
    guard !term.isEmpty, term != "dumb" else {
      throw CommandError.noTerminal("TERM", found: term.isEmpty ? "no terminal type" : "'\(term)'")
    }
    var request = PlayRequest(
      theme: theme, task: task, lesson: lesson, threads: threads, cacheFormat: cache.type, color: output.color)
    for model in models { request.models.append(try ModelOptions.reference(model, dtype: dtype)) }
    return await run.context.play(request)
  }
}

/// How to open the playground.
public struct PlayRequest: Sendable, Hashable {
  /// The models given with `-m`, in order; empty for the bundled ones.
  public var models: [ModelReference]
  /// The theme's name; `nil` for the configured one.
  public var theme: String?
  /// The tab to open; `nil` for the configured one, or the one for the first model.
  public var task: PlayTask?
  /// The number of the lesson to open; `nil` for none.
  public var lesson: Int?
  /// The number of compute threads; `nil` for the engine's default.
  public var threads: Int?
  /// The format of the key-value cache; `nil` for the engine's default.
  public var cacheFormat: CacheFormat?
  /// When to use color.
  public var color: ColorChoice

  /// Creates a request; by default for the bundled models as configured.
  public init(
    models: [ModelReference] = [], theme: String? = nil, task: PlayTask? = nil, lesson: Int? = nil,
    threads: Int? = nil, cacheFormat: CacheFormat? = nil, color: ColorChoice = .auto
  ) {
    self.models = models
    self.theme = theme
    self.task = task
    self.lesson = lesson
    self.threads = threads
    self.cacheFormat = cacheFormat
    self.color = color
  }
}

/// The playground's tabs, by their names on the command line.
public enum PlayTask: String, Sendable, Hashable, CaseIterable {
  /// Text continues a prompt.
  case generate
  /// Masks are filled.
  case fillMask = "fill-mask"
  /// Text is translated.
  case translate
}
