import EngineAPI
import LocalFiles
import PlaygroundApp

/// What a playground is opened with: the wishes of the command line, and the world that it finds itself in.
public struct PlaygroundOptions: Sendable {
  /// The models named on the command line, in their order; empty: the configured ones, else the bundled ones.
  public var models: [ModelReference]
  /// The family of a model, read from its configuration alone: `nil` where that can't be told. It is asked before the
  /// first frame.
  public var family: @Sendable (ModelReference) -> ModelFamily?
  /// The tab to open on; `nil`: the one of the first named model, else Generate.
  public var task: TabID?
  /// The number of the lesson to open; `nil`: none.
  public var lesson: Int?
  /// The theme's name; `nil`: the configured one, else the first bundled one.
  public var theme: String?
  /// How many threads compute; `nil`: the configured number, else the engine's own.
  public var threads: Int?
  /// The environment: folders, variables.
  public var environment: ProcessEnvironment
  /// What the configuration file says; read by `init`.
  public var configuration: Configuration
  /// What is wrong with the configuration file: shown once the playground stands.
  public var problems: [ConfigurationProblem]
  /// The clock of the loop.
  public var clock: any RuntimeClock

  /// Options in an environment, whose configuration file is read.
  public init(
    models: [ModelReference] = [], family: @escaping @Sendable (ModelReference) -> ModelFamily? = { _ in nil },
    task: TabID? = nil, lesson: Int? = nil, theme: String? = nil, threads: Int? = nil,
    environment: ProcessEnvironment = .current(), clock: any RuntimeClock = MonotonicClock()
  ) {
    self.models = models
    self.family = family
    self.task = task
    self.lesson = lesson
    self.theme = theme
    self.threads = threads
    self.environment = environment
    self.clock = clock
    let file = UserFolders(environment).configurationFile
    (configuration, problems) = file.map(ConfigurationFile.read) ?? (Configuration(), [])
  }
}
