import EngineAPI

/// Which models there are, and which folder a reference means.
public struct ModelFolders: Sendable {
  private let bundledFolder: String?
  private let environment: ProcessEnvironment

  /// The models that come with the program and those that paths name.
  public init(_ bundled: BundledFolders, environment: ProcessEnvironment) {
    bundledFolder = bundled.models
    self.environment = environment
  }

  /// The bundled models by name: each folder with a `config.json`. A folder that can't be read has none.
  public func bundled() -> [ModelFolder] {
    (try? readBundled()) ?? []
  }

  /// The bundled models.
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)`` where their folder is there and can't be read.
  private func readBundled() throws(LocalFilesError) -> [ModelFolder] {
    guard let bundledFolder, FilePaths.kind(bundledFolder) == .folder else { return [] }
    return try FolderListing.names(bundledFolder).compactMap { name in
      let path = FilePaths.join(bundledFolder, name)
      guard FilePaths.kind(FilePaths.join(path, "config.json")) == .file else { return nil }
      return ModelFolder(name: name, path: path, source: .bundled)
    }
  }

  /// The folder that a reference means: a bundled model's name, else a path (absolute, from the working folder, or from
  /// `~`).
  ///
  /// - Throws: ``LocalFilesError/modelNotFound(name:suggestions:bundled:)`` or
  ///   ``LocalFilesError/notAModelFolder(path:found:hint:)``.
  public func resolve(_ reference: ModelReference) throws(LocalFilesError) -> ModelFolder {
    let name = reference.name
    // A path needs no bundled models; where a name needs them, a folder that can't be read is what is wrong.
    let models = name.contains("/") ? bundled() : try readBundled()
    if let model = models.first(where: { $0.name == name }) { return model }
    guard !name.isEmpty, !name.utf8.contains(0) else { throw notFound(name, among: models) }
    let path = expanded(name)
    switch FilePaths.kind(path) {
    case .missing: throw notFound(name, among: models)
    case .other:
      throw .notAModelFolder(path: path, found: "neither a file nor a folder", hint: nil)
    case .file: throw .notAModelFolder(path: path, found: "a file", hint: hint(forFile: path))
    case .folder: break
    }
    guard FilePaths.kind(FilePaths.join(path, "config.json")) == .file else {
      let isEmpty = (try? FolderListing.names(path))?.isEmpty ?? false
      throw .notAModelFolder(
        path: path, found: isEmpty ? "an empty folder" : "none in it", hint: hint(forFolder: path))
    }
    return ModelFolder(name: name, path: path, source: .folder)
  }

  private func notFound(_ name: String, among models: [ModelFolder]) -> LocalFilesError {
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
    if path.hasSuffix(".gguf") { return "GGUF files are not supported yet; name a folder in Hugging Face layout" }
    guard let folder = FilePaths.parent(path), FilePaths.kind(FilePaths.join(folder, "config.json")) == .file else {
      return nil
    }
    return "name the folder instead: \(folder)"
  }

  /// The usual slips: a download cache's folder, whose files lie in `snapshots`, and a folder of model folders.
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
    return nil
  }
}

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

extension ModelFolders {
  /// What a beginning of a reference can become: the names of bundled models, then the folders that begin so, each with
  /// a slash at its end.
  public func completions(of prefix: String) -> [String] {
    let names = bundled().map(\.name).filter { $0.hasPrefix(prefix) }
    // The written folder stays as it was written; `~` and the working folder are expanded only to look inside.
    let slash = prefix.lastIndex(of: "/")
    let written = slash.map { String(prefix[...$0]) } ?? ""
    let begun = slash.map { prefix[prefix.index(after: $0)...] } ?? prefix[...]
    let folder = expanded(written.isEmpty ? "." : written)
    let inside = (try? FolderListing.names(folder)) ?? []
    let folders = inside.filter { $0.hasPrefix(begun) && FilePaths.kind(FilePaths.join(folder, $0)) == .folder }
    return names + folders.map { written + $0 + "/" }
  }
}
