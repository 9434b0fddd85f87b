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
