import EngineAPI
import JSONText

/// Finds models with adapters in PEFT's format: `BASE+ADAPTER+…`, or the folder of an adapter, whose configuration
/// names its base by a path or a name.
struct AdapterFolders {
  private let models: ModelFolders
  private let depth: Int

  /// The most adapters over each other.
  private static let most = 8
  private static let configurationFile = "adapter_config.json"

  init(_ models: ModelFolders, depth: Int = 0) {
    self.models = models
    self.depth = depth
  }

  /// The place of a model with adapters: the paths of the base and the adapters with `+` between.
  /// - Returns: `nil` if the name is neither of an adapter nor of several parts.
  /// - Throws: ``LocalFilesError`` if the base or an adapter is not found.
  func place(_ name: String, path: String) throws(LocalFilesError) -> ModelPlace? {
    if isAdapter(path) { return ModelPlace(name: name, path: try chain(path), source: .folder) }
    guard FilePaths.kind(path) == .missing, name.contains("+") else { return nil }
    var parts = name.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    var adapters: [String] = []
    while parts.count > 1, isAdapter(models.expanded(parts[parts.count - 1])) {
      adapters.insert(models.expanded(parts.removeLast()), at: 0)
    }
    guard !adapters.isEmpty else { return nil }
    let base = try models.resolve(ModelReference(parts.joined(separator: "+"))).path
    return ModelPlace(name: name, path: ([base] + adapters).joined(separator: "+"), source: .folder)
  }

  private func isAdapter(_ folder: String) -> Bool {
    FilePaths.kind(FilePaths.join(folder, Self.configurationFile)) == .file
  }

  /// The path of an adapter's base, with the adapters from there on.
  private func chain(_ folder: String) throws(LocalFilesError) -> String {
    let file = FilePaths.join(folder, Self.configurationFile)
    let named = (try? JSONValue(contentsOfFile: file))?["base_model_name_or_path"]?.string ?? ""
    func failure(_ found: String, hint: String?) -> LocalFilesError {
      .notAModelFolder(path: folder, found: found, hint: hint)
    }
    guard !named.isEmpty else { throw failure("an adapter that names no base", hint: "name it: BASE+\(folder)") }
    guard depth < Self.most else { throw failure("more than \(Self.most) adapters over each other", hint: nil) }
    // A relative path counts from the adapter's folder or, as in PEFT, from the working folder.
    let inner = FilePaths.join(folder, named)
    let place = named.hasPrefix("/") || FilePaths.kind(inner) != .folder ? models.expanded(named) : inner
    if isAdapter(place) { return try AdapterFolders(models, depth: depth + 1).chain(place) + "+" + folder }
    if FilePaths.kind(place) == .folder { return place + "+" + folder }
    for name in [named, "hf:" + named] {
      if let base = try? models.resolve(ModelReference(name), depth: depth + 1) { return base.path + "+" + folder }
    }
    throw failure(
      "an adapter whose base '\(named)' is not here", hint: "get the base, and name it: BASE+\(folder)")
  }
}
