import EngineAPI
import Foundation

/// A store of nested folders: LM Studio's (`PUBLISHER/MODEL/FILE.gguf`), llama.cpp's cache, and folders named by the
/// user.
///
/// A model's name is its path relative to the store without `.gguf`. If a folder has only one model, the model has the
/// folder's name.
struct NestedStore: ModelStore {
  let scheme: String
  let title: String
  let source: ModelOrigin
  let roots: [String]
  /// The prefix of model names.
  let prefix: String

  /// The maximum depth of the search.
  private static let depth = 3

  /// Whether names are paths, which can be opened without the store.
  private var isPath: Bool { scheme.isEmpty }

  init(scheme: String, title: String, source: ModelOrigin, roots: [String], prefix: String? = nil) {
    self.scheme = scheme
    self.title = title
    self.source = source
    self.roots = roots
    self.prefix = prefix ?? scheme + ":"
  }

  func models() throws -> [ModelPlace] { try roots.flatMap { try models($0, name: "", depth: 0) } }

  func find(_ name: String) throws -> ModelPlace? {
    let wanted = name.hasSuffix(GGUFName.suffix) ? String(name.dropLast(GGUFName.suffix.count)) : name
    let found = try models()
    if let known = found.first(where: { $0.name == prefix + wanted }) { return known }
    // If a folder has only one model, the path of its file is also accepted.
    return found.first { model in
      roots.contains { model.path == $0 + "/" + wanted + GGUFName.suffix }
    }
  }

  private func models(_ folder: String, name: String, depth: Int) throws -> [ModelPlace] {
    let names = try FolderListing.unsorted(folder).sorted()
    let inside = { (file: String) in name.isEmpty ? file : name + "/" + file }
    if depth > 0, names.contains("config.json") {
      let found = WeightFiles.folder(folder, names)
      return [ModelPlace(name: prefix + name, path: folder, source: source, bytes: found.bytes, reason: found.reason)]
    }
    let files = names.filter { GGUFName.model($0) != nil && !GGUFName.isProjector($0) }
    var models = files.map { file -> ModelPlace in
      let found = WeightFiles.gguf(folder, file)
      let own = files.count == 1 && depth > 0 ? name : inside(isPath ? file : GGUFName.model(file) ?? file)
      return ModelPlace(
        name: prefix + own, path: folder + "/" + file, source: source, bytes: found.bytes, reason: found.reason)
    }
    for file in names where WeightFiles.isPartial(file) && file.contains(GGUFName.suffix) {
      guard let end = file.range(of: GGUFName.suffix), !names.contains(String(file[..<end.upperBound])) else {
        continue
      }
      models.append(
        ModelPlace(
          name: prefix + inside(String(file[..<end.lowerBound])), path: folder + "/" + file, source: source,
          reason: WeightFiles.incomplete))
    }
    guard depth < Self.depth else { return models }
    for file in names where !file.contains(".") || FilePaths.kind(folder + "/" + file) == .folder {
      models += try self.models(folder + "/" + file, name: inside(file), depth: depth + 1)
    }
    return models
  }
}
