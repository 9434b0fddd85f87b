/// The user's own folders by the XDG base directory specification, 0.8: on every platform the same.
///
/// A variable counts only where it is an absolute path. Each folder is `nil` where neither the variable nor a home is
/// known; nothing is created by asking.
public struct UserFolders: Sendable, Equatable {
  /// `$XDG_CONFIG_HOME/triptych`: what the user writes (`config.yaml`, `themes/`).
  public let configuration: String?
  /// `$XDG_DATA_HOME/triptych`: what the user would miss.
  public let data: String?
  /// `$XDG_STATE_HOME/triptych`: what is kept between runs (history, drafts, logs).
  public let state: String?
  /// `$XDG_CACHE_HOME/triptych`: what can be made again.
  public let cache: String?

  /// The folders in an environment.
  public init(_ environment: ProcessEnvironment) {
    func folder(_ variable: String, _ fallback: String) -> String? {
      if let base = environment[variable], base.hasPrefix("/") { return FilePaths.join(base, "triptych") }
      return environment.home.map { FilePaths.join(FilePaths.join($0, fallback), "triptych") }
    }
    configuration = folder("XDG_CONFIG_HOME", ".config")
    data = folder("XDG_DATA_HOME", ".local/share")
    state = folder("XDG_STATE_HOME", ".local/state")
    cache = folder("XDG_CACHE_HOME", ".cache")
  }

  /// Where the configuration is read from.
  public var configurationFile: String? { configuration.map { FilePaths.join($0, "config.yaml") } }
  /// Where the user's themes lie.
  public var themes: String? { configuration.map { FilePaths.join($0, "themes") } }
}
