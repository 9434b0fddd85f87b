import EngineAPI

/// Lists the models that can be opened by name and finds the folder of a reference: bundled models, paths, and models
/// in the stores of other programs.
public struct ModelFolders: Sendable {
  private let bundledFolder: String?
  private let environment: ProcessEnvironment
  /// The stores of other programs.
  public let stores: ModelStores
  private let folders: @Sendable () -> [String]

  /// Creates a lookup.
  /// - Parameter folders: returns the folders of models that the user named; called when models are listed.
  public init(
    _ bundled: BundledFolders, environment: ProcessEnvironment, folders: @escaping @Sendable () -> [String] = { [] }
  ) {
    bundledFolder = bundled.models
    self.environment = environment
    self.folders = folders
    stores = ModelStores(environment)
  }

  /// The models that can be opened by name, and those in stores that can't be opened: bundled ones, those of stores,
  /// and those in the folders that the user named. A model that is found in two places is listed once.
  /// - Throws: as ``list(_:)``.
  public func listed() throws(LocalFilesError) -> [ModelPlace] {
    var models: [ModelPlace] = []
    try list { models += $0 }
    return models
  }

  /// Passes on the models of ``listed()``, those of each place as soon as it has been read: the bundled models, each
  /// store, each folder.
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)`` if the bundled models' folder can't be read, or if file
  ///   descriptors or memory ran out. Other folders that can't be read have no models.
  public func list(_ found: ([ModelPlace]) -> Void) throws(LocalFilesError) {
    var paths: Set<String> = []
    // An adapter is listed with its base; one without a base stays as it is, and says so when it is opened.
    let bundled = try readBundled().map { (try? resolve(ModelReference($0.name))) ?? $0 }
    paths.formUnion(bundled.map(\.path))
    found(bundled)
    for store in stores.all {
      let models = try locally { try store.models() }
      paths.formUnion(models.map(\.path))
      found(models)
    }
    for folder in folders() {
      let store = NestedStore(
        scheme: "", title: "the folder \(folder)", source: .folder, roots: [expanded(folder)], prefix: folder + "/")
      let models = try locally { try store.models() }
      found(models.filter { paths.insert($0.path).inserted })
    }
  }

  /// The bundled models by name: each folder with a `config.json`, and each GGUF file; empty if their folder cannot be
  /// read.
  public func bundled() -> [ModelPlace] {
    (try? readBundled()) ?? []
  }

  /// The bundled models.
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)`` if their folder exists but cannot be read.
  private func readBundled() throws(LocalFilesError) -> [ModelPlace] {
    guard let bundledFolder, FilePaths.kind(bundledFolder) == .folder else { return [] }
    return try FolderListing.names(bundledFolder).compactMap { name in
      let path = FilePaths.join(bundledFolder, name)
      if let name = GGUFName.model(name), FilePaths.kind(path) == .file {
        return ModelPlace(name: name, path: path, source: .bundled)
      }
      guard FilePaths.kind(FilePaths.join(path, "config.json")) == .file else { return nil }
      return ModelPlace(name: name, path: path, source: .bundled)
    }
  }

  /// Finds the model folder or GGUF file that a reference names. A reference is `scheme:name` for a model in a store,
  /// the name of a bundled model, or a path (absolute, relative to the working folder, or starting with `~`).
  ///
  /// - Throws: ``LocalFilesError/modelNotFound(name:suggestions:bundled:)`` or
  ///   ``LocalFilesError/notAModelFolder(path:found:hint:)``; for a store, what ``ModelStore/resolve(_:)`` throws.
  public func resolve(_ reference: ModelReference) throws(LocalFilesError) -> ModelPlace {
    try resolve(reference, depth: 0)
  }

  /// - Parameter depth: the number of adapters that name the model as their base, one over the other.
  func resolve(_ reference: ModelReference, depth: Int) throws(LocalFilesError) -> ModelPlace {
    let name = reference.name
    if let scheme = reference.scheme, let store = stores.store(scheme) {
      return try store.resolve(reference.nameInScheme)
    }
    // A path does not need the bundled models. For a name, a models folder that cannot be read is the error to report.
    let models = name.contains("/") ? bundled() : try readBundled()
    if let model = models.first(where: { $0.name == name }) {
      guard let adapted = try AdapterFolders(self, depth: depth).place(name, path: model.path) else { return model }
      return ModelPlace(name: name, path: adapted.path, source: .bundled)
    }
    guard !name.isEmpty, !name.utf8.contains(0) else { throw notFound(name, among: models) }
    let path = expanded(name)
    if let adapted = try AdapterFolders(self, depth: depth).place(name, path: path) { return adapted }
    switch FilePaths.kind(path) {
    case .missing: throw notFound(name, among: models)
    case .other:
      throw .notAModelFolder(path: path, found: "neither a file nor a folder", hint: nil)
    case .file:
      guard GGUFName.isModel(path) else {
        throw .notAModelFolder(path: path, found: "a file", hint: hint(forFile: path))
      }
      return ModelPlace(name: name, path: path, source: .file)
    case .folder: break
    }
    if let file = try Self.onlyFile(path) { return ModelPlace(name: name, path: file, source: .file) }
    guard FilePaths.kind(FilePaths.join(path, "config.json")) == .file else {
      let isEmpty = (try? FolderListing.names(path))?.isEmpty ?? false
      throw .notAModelFolder(
        path: path, found: isEmpty ? "an empty folder" : "none in it", hint: hint(forFolder: path))
    }
    return ModelPlace(name: name, path: path, source: .folder)
  }

  /// The GGUF file of a folder that has no configuration and one such model.
  private static func onlyFile(_ folder: String) throws(LocalFilesError) -> String? {
    guard FilePaths.kind(FilePaths.join(folder, "config.json")) != .file else { return nil }
    let files = try FolderListing.names(folder).filter {
      GGUFName.model($0) != nil && !GGUFName.isProjector($0)
    }
    return files.count == 1 ? FilePaths.join(folder, files[0]) : nil
  }

  private func notFound(_ name: String, among models: [ModelPlace]) -> LocalFilesError {
    let names = models.map(\.name)
    return .modelNotFound(name: name, suggestions: Spelling.nearest(to: name, among: names), bundled: names)
  }

  func expanded(_ name: String) -> String {
    if name == "~" || name.hasPrefix("~/"), let home = environment.home {
      return FilePaths.trimmingSlashes(home + name.dropFirst())
    }
    let path = FilePaths.trimmingSlashes(name)
    return path.hasPrefix("/") ? path : FilePaths.join(environment.workingFolder, path)
  }

  private func hint(forFile path: String) -> String? {
    guard let folder = FilePaths.parent(path), FilePaths.kind(FilePaths.join(folder, "config.json")) == .file else {
      return nil
    }
    return "name the folder instead: \(folder)"
  }

  /// Hints for common mistakes: the folder of a download cache, whose files are in `snapshots`, a folder of model
  /// folders, and a folder of GGUF files.
  private func hint(forFolder path: String) -> String? {
    let snapshots = FilePaths.join(path, "snapshots")
    for parent in [snapshots, path] {
      let names = (try? FolderListing.names(parent)) ?? []
      if let inner = names.lazy.map({ FilePaths.join(parent, $0) })
        .first(where: { FilePaths.kind(FilePaths.join($0, "config.json")) == .file })
      {
        return "did you mean \(inner)?"
      }
    }
    let names = (try? FolderListing.names(path)) ?? []
    return names.first { GGUFName.model($0) != nil }.map { "did you mean \(FilePaths.join(path, $0))?" }
  }
}

/// Where a model was found, by the name that listings show.
public enum ModelOrigin: String, Sendable, Hashable {
  /// Hugging Face's cache.
  case huggingFace = "hf"
  /// Ollama's store.
  case ollama
  /// LM Studio's folder.
  case lmStudio = "lmstudio"
  /// llama.cpp's cache.
  case llamaCpp = "llama.cpp"
  /// Bundled with the program.
  case bundled
  /// Given by the user as a folder.
  case folder
  /// Given by the user as a GGUF file.
  case file
}

extension ModelPlace {
  /// A place of a known origin.
  public init(name: String, path: String, source: ModelOrigin, bytes: Int? = nil, reason: String? = nil) {
    self.init(name: name, path: path, source: source.rawValue, bytes: bytes, reason: reason)
  }
}

extension ModelFolders {
  /// Completions of a partial reference: the names of bundled models and of those in stores, then matching folders,
  /// each with a trailing slash, and GGUF files.
  public func completions(of prefix: String) -> [String] {
    let stored = ((try? stores.models(beginning: prefix)) ?? []).filter { $0.reason == nil }
    let names = (bundled() + stored).map(\.name).filter { $0.hasPrefix(prefix) }
    // Keep the folder as written; `~` and the working folder are expanded only to list its content.
    let slash = prefix.lastIndex(of: "/")
    let written = slash.map { String(prefix[...$0]) } ?? ""
    let begun = slash.map { prefix[prefix.index(after: $0)...] } ?? prefix[...]
    let folder = expanded(written.isEmpty ? "." : written)
    let inside = (try? FolderListing.names(folder)) ?? []
    let found = inside.filter { $0.hasPrefix(begun) }.compactMap { name -> String? in
      switch FilePaths.kind(FilePaths.join(folder, name)) {
      case .folder: written + name + "/"
      case .file where GGUFName.model(name) != nil: written + name
      default: nil
      }
    }
    return names + found
  }
}
