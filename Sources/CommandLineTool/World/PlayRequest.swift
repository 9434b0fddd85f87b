import EngineAPI
import LocalFiles

/// What the playground opens on.
public struct PlayRequest: Sendable, Hashable {
  /// The models named with `-m`, in their order; empty: the bundled ones.
  public var models: [ModelReference]
  /// The theme's name; `nil`: the configured one.
  public var theme: String?
  /// The tab to open on; `nil`: the configured one, or the one that fits the first model.
  public var task: PlayTask?
  /// The number of the lesson to open; `nil`: none.
  public var lesson: Int?
  /// How many threads compute; `nil`: the engine's default.
  public var threads: Int?
  /// What the models' sequences keep keys and values as; `nil`: the engine's default.
  public var cacheFormat: CacheFormatName?
  /// Whether colour is wanted.
  public var color: ColorChoice

  /// A request; by default the bundled models as configured.
  public init(
    models: [ModelReference] = [], theme: String? = nil, task: PlayTask? = nil, lesson: Int? = nil,
    threads: Int? = nil, cacheFormat: CacheFormatName? = nil, color: ColorChoice = .auto
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
  /// Text goes on from a prompt.
  case generate
  /// Gaps are filled.
  case fillMask = "fill-mask"
  /// Text is translated.
  case translate
}
