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
