import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the process was told by the system: everything that decides where files are looked for.
public struct ProcessEnvironment: Sendable, Equatable {
  /// The environment variables.
  public var variables: [String: String]
  /// The home by the account's entry, for when `HOME` is missing.
  public var accountHome: String?
  /// The folder that relative paths start from.
  public var workingFolder: String
  /// The path of the running program, symbolic links resolved; `nil` where the system does not tell.
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

  /// A variable's value; `nil` where it is missing or empty, which the XDG specification treats alike.
  public subscript(name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }

  /// The user's home: `HOME` where it is an absolute path, else the account's.
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

/// Where the running program lies.
enum ExecutablePath {
  /// The program's path with symbolic links resolved; `nil` where the system does not tell.
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

/// Where the files that come with the program lie.
///
/// Looked for in `$TRIPTYCH_HOME`, then in the program's folder and those above it (a clone: the program lies in
/// `.build/…/release`), then in `../share/triptych` beside the program's folder. A folder above the program counts only
/// if both `models` and `themes` stand in it: somebody's `~/models` is not ours.
public struct BundledFolders: Sendable, Equatable {
  /// The folder of bundled models; `nil` where there is none.
  public let models: String?
  /// The folder of bundled themes; `nil` where there is none.
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
