/// Which themes there are: the bundled ones and the user's.
public struct ThemeFiles: Sendable {
  /// More than any scheme needs, in bytes.
  static let limit = 64 * 1024

  private let bundledFolder: String?
  private let usersFolder: String?

  /// The themes of these folders.
  public init(_ bundled: BundledFolders, user: UserFolders) {
    bundledFolder = bundled.themes
    usersFolder = user.themes
  }

  /// All themes in order of their names; the user's stands in place of a bundled one of the same name.
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

  /// The theme of a name; case does not matter where the exact name is missing.
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
    try TextFile.read(theme.path, limit: limit)
  }
}

/// A file with a theme in it: a base16 or base24 scheme.
public struct ThemeFile: Sendable, Hashable {
  /// The file's name without its ending: what a person names.
  public var name: String
  /// The file's path.
  public var path: String
  /// Whether the user put it there; bundled otherwise.
  public var isUsers: Bool

  /// A theme's file.
  public init(name: String, path: String, isUsers: Bool) {
    self.name = name
    self.path = path
    self.isUsers = isUsers
  }
}
