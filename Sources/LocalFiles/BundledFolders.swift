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
