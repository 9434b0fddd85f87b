import TerminalUI

/// Lists the bundled themes and the user's.
public struct ThemeFiles: Sendable {
  private let bundledFolder: String?
  private let usersFolder: String?

  /// Creates a list of the themes in these folders.
  public init(_ bundled: BundledFolders, user: UserFolders) {
    bundledFolder = bundled.themes
    usersFolder = user.themes
  }

  /// All themes, sorted by name. A user's theme replaces a bundled one of the same name.
  public func list() -> [ThemeFile] {
    var byName: [String: ThemeFile] = [:]
    for (folder, isUsers) in [(bundledFolder, false), (usersFolder, true)] {
      guard let folder, let names = try? FolderListing.names(folder) else { continue }
      for file in names {
        for ending in [".yaml", ".yml"] where file.hasSuffix(ending) && file.count > ending.count {
          let name = String(file.dropLast(ending.count))
          byName[name] = ThemeFile(name: name, path: FilePaths.join(folder, file), isUsers: isUsers)
        }
      }
    }
    return byName.values.sorted { $0.name < $1.name }
  }

  /// The theme of a name. If there is no exact match, case is ignored.
  ///
  /// - Throws: ``LocalFilesError/themeNotFound(name:suggestions:known:)``.
  public func find(_ name: String) throws(LocalFilesError) -> ThemeFile {
    let themes = list()
    if let exact = themes.first(where: { $0.name == name }) { return exact }
    if let near = themes.first(where: { $0.name.lowercased() == name.lowercased() }) { return near }
    let names = themes.map(\.name)
    throw .themeNotFound(name: name, suggestions: Spelling.nearest(to: name, among: names), known: names)
  }

  /// The text of a theme's file.
  ///
  /// - Throws: what ``TextFile/read(_:limit:)`` does.
  public static func read(_ theme: ThemeFile) throws(LocalFilesError) -> String {
    try TextFile.read(theme.path, limit: Theme.byteLimit)
  }
}

/// A theme file: a base16 or base24 scheme.
public struct ThemeFile: Sendable, Hashable {
  /// The theme's name: the file name without its extension.
  public var name: String
  /// The file's path.
  public var path: String
  /// Whether it is the user's; bundled otherwise.
  public var isUsers: Bool

  /// A theme's file.
  public init(name: String, path: String, isUsers: Bool) {
    self.name = name
    self.path = path
    self.isUsers = isUsers
  }
}
