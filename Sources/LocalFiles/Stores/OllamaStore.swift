import EngineAPI
import JSONText

/// Ollama's store (github.com/ollama/ollama, `server/manifest.go`): `manifests/HOST/NAMESPACE/MODEL/TAG` are JSON files
/// that name the files in `blobs` by their hashes. The layer of the media type `…image.model` is a GGUF file.
///
/// A model is named as in Ollama: `ollama:llama3.2:1b`, `ollama:llama3.2` for the tag `latest`,
/// `ollama:user/model:tag`, `ollama:hf.co/org/model:tag`.
struct OllamaStore: ModelStore {
  let scheme = "ollama"
  let title = "Ollama's store"
  let roots: [String]

  private static let host = "registry.ollama.ai"
  private static let namespace = "library"
  /// The maximum size of a manifest, in bytes.
  private static let largest = 1 << 20

  func models() throws -> [ModelPlace] {
    try roots.flatMap { root -> [ModelPlace] in
      let manifests = root + "/manifests"
      return try FolderListing.unsorted(manifests).sorted().flatMap { host in
        try self.manifests(manifests + "/" + host, [host]).compactMap { try model(root, $0) }
      }
    }
  }

  func find(_ name: String) throws -> ModelPlace? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let last = parts.last, 1...4 ~= parts.count else { return nil }
    let tagged = last.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let folders =
      switch parts.count {
      case 1: [Self.host, Self.namespace]
      case 2: [Self.host, parts[0]]
      default: Array(parts.dropLast())
      }
    let path = folders + [tagged[0], tagged.count == 2 ? tagged[1] : "latest"]
    guard path.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("/") }) else { return nil }
    for root in roots {
      if let found = try model(root, path) { return found }
    }
    return nil
  }

  /// The paths of the manifests in a folder, as components.
  private func manifests(_ folder: String, _ components: [String]) throws -> [[String]] {
    guard components.count < 6 else { return [] }
    return try FolderListing.unsorted(folder).sorted().flatMap { name -> [[String]] in
      switch FilePaths.kind(folder + "/" + name) {
      case .file: components.count > 2 ? [components + [name]] : []
      case .folder: try manifests(folder + "/" + name, components + [name])
      case .missing, .other: []
      }
    }
  }

  /// The model of a manifest: its GGUF file, and why it can't be opened. `nil` if there is no such manifest.
  private func model(_ root: String, _ components: [String]) throws -> ModelPlace? {
    let path = root + "/manifests/" + components.joined(separator: "/")
    guard FilePaths.kind(path) == .file, let tag = components.last else { return nil }
    var shown = components.dropLast()
    if shown.first == Self.host {
      shown = shown.dropFirst()
      if shown.first == Self.namespace { shown = shown.dropFirst() }
    }
    let name = "ollama:" + shown.joined(separator: "/") + ":" + tag
    func broken(_ reason: String) -> ModelPlace {
      ModelPlace(name: name, path: path, source: .ollama, reason: reason)
    }
    let manifest: JSONValue
    do throws(JSONError) {
      manifest = try JSONValue(parsing: FileBytes.read(path, limit: Self.largest), path: path)
    } catch .unreadable(_, let reason) where reason.isShortage {
      throw LocalFilesError.unreadable(path: path, reason: reason)
    } catch {
      return broken("its manifest is not readable")
    }
    guard let layers = manifest["layers"]?.array else { return broken("its manifest is not readable") }
    let kinds = layers.map { $0["mediaType"]?.string ?? "" }
    guard let index = kinds.firstIndex(where: { $0.hasSuffix("image.model") }) else {
      return broken(
        kinds.contains { $0.hasSuffix("image.tensor") }
          ? "its weights are not a GGUF file" : "its manifest names no model")
    }
    guard !kinds.contains(where: { $0.hasSuffix("image.adapter") }) else {
      return broken("it is an adapter of a model")
    }
    guard let digest = layers[index]["digest"]?.string, digest.hasPrefix("sha256:"),
      digest.dropFirst(7).allSatisfy({ $0.isHexDigit }), digest.utf8.count > 7
    else { return broken("its manifest names no file") }
    let blob = root + "/blobs/sha256-" + digest.dropFirst(7)
    guard let size = FilePaths.size(blob) else {
      let isBegun = try FolderListing.unsorted(root + "/blobs").contains {
        $0.hasPrefix(FilePaths.name(blob) + "-partial")
      }
      return broken(isBegun ? WeightFiles.incomplete : "its file \(FilePaths.name(blob)) is missing")
    }
    if let expected = layers[index]["size"]?.int, expected != size {
      return broken("\(WeightFiles.incomplete): \(size) of \(expected) bytes are here")
    }
    return ModelPlace(name: name, path: blob, source: .ollama, bytes: size)
  }
}
