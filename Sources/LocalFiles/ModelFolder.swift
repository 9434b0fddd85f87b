/// A folder in Hugging Face layout: a model that can be opened, or tried.
public struct ModelFolder: Sendable, Hashable {
  /// Where a model was found.
  public enum Source: String, Sendable, Hashable {
    /// It comes with the program.
    case bundled
    /// The user named its folder.
    case folder
  }

  /// The name to open it by.
  public var name: String
  /// The folder's path.
  public var path: String
  /// Where it was found.
  public var source: Source

  /// A model folder.
  public init(name: String, path: String, source: Source) {
    self.name = name
    self.path = path
    self.source = source
  }
}
