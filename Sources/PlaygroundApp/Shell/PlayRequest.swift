import EngineAPI
import TerminalUI

/// The command line's settings for the playground. The configuration file supplies values that are `nil`.
public struct PlayRequest: Sendable, Hashable {
  /// The models to open, in order; empty for the configured ones, else the bundled ones.
  public var models: [ModelReference]
  /// The theme's name; `nil` for the configured one, else the standard theme.
  public var theme: String?
  /// The tab to open; `nil` for that of the first named model, else the first one.
  public var task: TabID?
  /// The number of the lesson to open; `nil` for none.
  public var lesson: Int?
  /// The path of the session to open or to begin; `nil` for a new one.
  public var session: String?
  /// The number of compute threads; `nil` for the configured number, else the engine's default.
  public var threads: Int?
  /// The format of the key-value cache; `nil` for the engine's default.
  public var cacheFormat: CacheFormat?
  /// When to use color.
  public var color: ColorChoice

  /// Creates a request; by default for the bundled models as configured.
  public init(
    models: [ModelReference] = [], theme: String? = nil, task: TabID? = nil, lesson: Int? = nil,
    session: String? = nil, threads: Int? = nil, cacheFormat: CacheFormat? = nil, color: ColorChoice = .auto
  ) {
    self.models = models
    self.theme = theme
    self.task = task
    self.lesson = lesson
    self.session = session
    self.threads = threads
    self.cacheFormat = cacheFormat
    self.color = color
  }
}
