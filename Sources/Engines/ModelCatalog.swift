import EngineAPI

/// Where models are found: handed to the engine by the program, so that the engine knows no folders of its own.
public struct ModelCatalog: Sendable {
  /// A model's name and the folder it lies in.
  public struct Entry: Sendable, Hashable {
    /// The name that it is opened by.
    public var name: String
    /// The folder in Hugging Face layout.
    public var folder: String
    /// Where it was found: `bundled`, `folder`.
    public var source: String

    /// An entry.
    public init(name: String, folder: String, source: String) {
      self.name = name
      self.folder = folder
      self.source = source
    }
  }

  /// The models to list, in their order.
  public var entries: @Sendable () -> [Entry]
  /// The folder that a reference means; throws where there is none.
  public var resolve: @Sendable (ModelReference) throws(EngineError) -> Entry

  /// A catalogue of these functions.
  public init(
    entries: @escaping @Sendable () -> [Entry],
    resolve: @escaping @Sendable (ModelReference) throws(EngineError) -> Entry
  ) {
    self.entries = entries
    self.resolve = resolve
  }

  /// A catalogue in which each name is a path.
  public static let paths = ModelCatalog(entries: { [] }) { reference throws(EngineError) in
    Entry(name: reference.name, folder: reference.name, source: "folder")
  }
}
