import Foundation
import Platform

/// The environment of a process: everything that determines where files are looked up.
public struct ProcessEnvironment: Sendable, Equatable {
  /// The environment variables.
  public var variables: [String: String]
  /// The home folder in the account database, used if `HOME` is missing.
  public var accountHome: String?
  /// The working folder, the base of relative paths.
  public var workingFolder: String
  /// The path of the running program with symbolic links resolved; `nil` if the system does not provide it.
  public var executablePath: String?

  /// An environment of these values.
  public init(
    variables: [String: String] = [:], accountHome: String? = nil, workingFolder: String = "/",
    executablePath: String? = nil
  ) {
    self.variables = variables
    self.accountHome = accountHome
    self.workingFolder = workingFolder
    self.executablePath = executablePath
  }

  /// The environment of this process.
  public static func current() -> ProcessEnvironment {
    ProcessEnvironment(
      variables: ProcessInfo.processInfo.environment, accountHome: homeOfAccount(),
      workingFolder: FileManager.default.currentDirectoryPath, executablePath: ExecutablePath.resolved())
  }

  /// The value of a variable; `nil` if it is missing or empty, which the XDG specification treats alike.
  public subscript(name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }

  /// The user's home folder: `HOME` if it is an absolute path, else the account's.
  public var home: String? {
    for candidate in [self["HOME"], accountHome] {
      if let candidate, candidate.hasPrefix("/") { return candidate }
    }
    return nil
  }

  private static func homeOfAccount() -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let home = entry.pw_dir else {
      return nil
    }
    return String(cString: home)
  }
}

/// The location of the running program.
enum ExecutablePath {
  /// The program's path with symbolic links resolved; `nil` if the system does not provide it.
  static func resolved() -> String? {
    #if canImport(Darwin)
      var size: UInt32 = 0
      _ = _NSGetExecutablePath(nil, &size)
      guard size > 0, size < 1 << 20 else { return nil }
      var buffer = [CChar](repeating: 0, count: Int(size))
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
      return buffer.withUnsafeBufferPointer { $0.baseAddress.flatMap { FilePaths.resolvingLinks(String(cString: $0)) } }
    #else
      return FilePaths.resolvingLinks("/proc/self/exe")
    #endif
  }
}

/// The user's folders by the XDG base directory specification, 0.8, on every platform.
///
/// A variable counts only if it is an absolute path. A folder is `nil` if neither the variable nor a home is known.
/// Nothing is created.
public struct UserFolders: Sendable, Equatable {
  /// `$XDG_CONFIG_HOME/triptych`: configuration (`config.yaml`, `themes/`).
  public let configuration: String?
  /// `$XDG_DATA_HOME/triptych`: data that the user would miss.
  public let data: String?
  /// `$XDG_STATE_HOME/triptych`: state kept between runs (history, drafts, logs).
  public let state: String?
  /// `$XDG_CACHE_HOME/triptych`: data that can be regenerated.
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

  /// The path of the configuration file.
  public var configurationFile: String? { configuration.map { FilePaths.join($0, "config.yaml") } }
  /// The folder of the sessions.
  public var sessions: String? { data.map { FilePaths.join($0, "sessions") } }
  /// The folder of the user's themes.
  public var themes: String? { configuration.map { FilePaths.join($0, "themes") } }
}

/// The folders of bundled files.
///
/// The search order is `$TRIPTYCH_HOME`, the program's folder and those above it (in a clone the program is in
/// `.build/…/release`), then `../share/triptych` relative to the program's folder. A folder above the program counts
/// only if it has both `models` and `themes`, so that an unrelated `~/models` is not used.
public struct BundledFolders: Sendable, Equatable {
  /// The folder of bundled models; `nil` if there is none.
  public let models: String?
  /// The folder of bundled themes; `nil` if there is none.
  public let themes: String?

  /// The folders `models` and `themes`.
  public init(models: String?, themes: String?) {
    self.models = models
    self.themes = themes
  }

  /// The folders in an environment.
  public init(_ environment: ProcessEnvironment) {
    var roots: [String] = []
    if let home = environment["TRIPTYCH_HOME"] { roots.append(home) }
    if let program = environment.executablePath {
      roots += FilePaths.ancestors(program).filter { folder in
        ["models", "themes"].allSatisfy { FilePaths.kind(FilePaths.join(folder, $0)) == .folder }
      }
      if let prefix = FilePaths.parent(program).flatMap(FilePaths.parent) {
        roots.append(FilePaths.join(prefix, "share/triptych"))
      }
    }
    func first(_ name: String) -> String? {
      roots.lazy.map { FilePaths.join($0, name) }.first { FilePaths.kind($0) == .folder }
    }
    models = first("models")
    themes = first("themes")
  }
}
