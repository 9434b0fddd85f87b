import EngineAPI
import Foundation
import Terms

/// A folder in which another program keeps models. Stores are read-only. Listing reads only file names, sizes and small
/// index files.
protocol ModelStore: Sendable {
  /// The prefix of references to its models: `ollama` in `ollama:llama3.2`.
  var scheme: String { get }
  /// The store's name for use in a sentence: "Ollama's store".
  var title: String { get }
  /// The folders that are searched.
  var roots: [String] { get }

  /// All models, sorted by name. Models that can't be opened have a reason.
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)`` only if file descriptors or memory ran out: a folder that
  ///   can't be read has no models.
  func models() throws -> [ModelPlace]

  /// The model with this name (without the scheme); `nil` if there is none.
  /// - Throws: as ``models()``.
  func find(_ name: String) throws -> ModelPlace?
}

extension ModelStore {
  /// The model with this name (without the scheme).
  /// - Throws: ``LocalFilesError/notInStore(name:store:roots:suggestions:)`` if there is none,
  ///   ``LocalFilesError/notComplete(name:path:reason:)`` if it can't be opened.
  func resolve(_ name: String) throws(LocalFilesError) -> ModelPlace {
    let full = "\(scheme):\(name)"
    let found: ModelPlace? = try locally { name.utf8.contains(0) ? nil : try find(name) }
    guard let found else {
      let names = try locally { try models().map(\.name) }
      throw .notInStore(name: full, store: title, roots: roots, suggestions: Spelling.nearest(to: full, among: names))
    }
    if let reason = found.reason { throw .notComplete(name: found.name, path: found.path, reason: reason) }
    return found
  }
}

/// The stores of other programs: Hugging Face's cache, Ollama, LM Studio and llama.cpp.
public struct ModelStores: Sendable {
  let all: [any ModelStore]

  /// The schemes by which models in stores are named.
  public static let schemes: Set<String> = ["hf", "ollama", "lmstudio", "llama.cpp"]

  /// The stores in an environment, by the variables that the programs read and their standard folders.
  public init(_ environment: ProcessEnvironment) {
    let home = environment.home
    let below = { (path: String) -> [String] in home.map { [FilePaths.join($0, path)] } ?? [] }
    let absolute = { (name: String) -> String? in
      environment[name].map { value in
        if value == "~" || value.hasPrefix("~/"), let home { return home + value.dropFirst() }
        return value.hasPrefix("/") ? value : FilePaths.join(environment.workingFolder, value)
      }
    }
    let cache = absolute("XDG_CACHE_HOME").map { [$0] } ?? below(".cache")
    let hub =
      absolute("HF_HUB_CACHE") ?? absolute("HUGGINGFACE_HUB_CACHE") ?? absolute("HF_HOME").map { $0 + "/hub" }
      ?? cache.first.map { $0 + "/huggingface/hub" }
    let llamaCpp =
      absolute("LLAMA_CACHE").map { [$0] } ?? cache.map { $0 + "/llama.cpp" } + below("Library/Caches/llama.cpp")
    all = [
      HuggingFaceStore(roots: hub.map { [$0] } ?? []),
      OllamaStore(
        roots: absolute("OLLAMA_MODELS").map { [$0] } ?? below(".ollama/models") + ["/usr/share/ollama/.ollama/models"]),
      NestedStore(
        scheme: "lmstudio", title: "LM Studio's folder", source: .lmStudio,
        roots: below(".lmstudio/models") + below(".cache/lm-studio/models")),
      NestedStore(
        scheme: "llama.cpp", title: "llama.cpp's cache", source: .llamaCpp, roots: llamaCpp),
    ]
  }

  /// The models of the stores whose names may begin with a text.
  func models(beginning prefix: String) throws -> [ModelPlace] {
    try all.filter { prefix.hasPrefix($0.scheme + ":") || ($0.scheme + ":").hasPrefix(prefix) && !prefix.isEmpty }
      .flatMap { try $0.models() }
  }

  func store(_ scheme: String) -> (any ModelStore)? { all.first { $0.scheme == scheme } }
}

/// Runs code whose only errors are ``LocalFilesError``s, but that passes them through closures without their type.
func locally<Value>(_ body: () throws -> Value) throws(LocalFilesError) -> Value {
  do {
    return try body()
  } catch let error as LocalFilesError {
    throw error
  } catch {
    preconditionFailure("an error of another kind: \(error)")
  }
}

/// Inspects a folder of weight files.
enum WeightFiles {
  /// The suffixes of incomplete downloads by huggingface_hub, LM Studio, llama.cpp and browsers.
  static let partial = [".incomplete", ".part", ".downloadInProgress", ".download", ".crdownload", "-partial"]

  /// Whether a file is an incomplete download.
  static func isPartial(_ name: String) -> Bool { partial.contains { name.hasSuffix($0) } }

  static let incomplete = "the download is not complete"

  /// The total size of a folder's weight files and, if they can't be opened, the reason.
  static func folder(_ folder: String, _ names: [String]) -> (bytes: Int, reason: String?) {
    var bytes = 0
    var count = 0
    var expected = 1
    for name in names where WeightFileNames.areWeights(name) {
      guard let size = FilePaths.size(folder + "/" + name) else { return (bytes, "\(name) is a broken link") }
      bytes += size
      count += 1
      // `model-00001-of-00003.safetensors`
      if let range = name.range(of: "-of-"), let total = Int(name[range.upperBound...].prefix(5)) {
        expected = max(expected, total)
      }
    }
    if count > 0 {
      return (bytes, count < expected ? "\(incomplete): \(count) of \(expected) weight files are here" : nil)
    }
    if names.contains(where: isPartial) { return (0, incomplete) }
    if let pickled = names.first(where: { $0.hasSuffix(".bin") || $0.hasSuffix(".pt") || $0.hasSuffix(".pth") }) {
      return (FilePaths.size(folder + "/" + pickled) ?? 0, "its weights are pickled (\(pickled)), which is not read")
    }
    return (0, "no weight files")
  }

  /// The total size of a GGUF model, given its first file, and, if it can't be opened, the reason.
  static func gguf(_ folder: String, _ name: String) -> (bytes: Int, reason: String?) {
    let count = GGUFName.parts(name)
    guard count > 1 else {
      guard let size = FilePaths.size(folder + "/" + name) else { return (0, "\(name) is a broken link") }
      return (size, size == 0 ? "\(name) is empty" : nil)
    }
    var bytes = 0
    var found = 0
    // The first file's name ends with `-00001-of-NNNNN.gguf`, 20 characters.
    let stem = name.dropLast(20)
    let last = name.suffix(14)
    for number in 1...min(count, 99_999) {
      let digits = String(number)
      let part = stem + "-" + String(repeating: "0", count: 5 - digits.count) + digits + last
      guard let size = FilePaths.size(folder + "/" + part) else { continue }
      bytes += size
      found += 1
    }
    return (bytes, found < count ? "\(incomplete): \(found) of \(count) files are here" : nil)
  }
}
