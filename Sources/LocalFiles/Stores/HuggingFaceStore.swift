import Dispatch
import EngineAPI
import Synchronization

/// The cache of huggingface_hub (docs/source/en/guides/manage-cache.md): `models--ORG--NAME` holds `blobs`, `refs`
/// (names of commits) and `snapshots/COMMIT`, whose files are links to blobs.
///
/// `hf:ORG/NAME` names the model at the commit of `refs/main`, and `hf:ORG/NAME@REVISION` that at another reference or
/// commit. If a repository has several GGUF files, the name of the file is appended: `hf:ORG/NAME/FILE`.
struct HuggingFaceStore: ModelStore {
  let scheme = "hf"
  let title = "Hugging Face's cache"
  let roots: [String]

  private static let prefix = "models--"
  private static let main = "main"

  func models() throws -> [ModelPlace] {
    try roots.flatMap { root -> [ModelPlace] in
      let repositories = try FolderListing.unsorted(root).filter { $0.hasPrefix(Self.prefix) }.sorted()
      // Most of the time goes into system calls, so several threads help.
      let blocks = min(8, max(1, repositories.count / 64))
      let found = Mutex<[Int: Result<[ModelPlace], any Error>]>([:])
      DispatchQueue.concurrentPerform(iterations: blocks) { block in
        let range = block * repositories.count / blocks..<(block + 1) * repositories.count / blocks
        let models = Result { try repositories[range].flatMap { try self.models(root + "/" + $0, Self.name($0)) } }
        found.withLock { $0[block] = models }
      }
      return try found.withLock { found in try (0..<blocks).flatMap { try found[$0]?.get() ?? [] } }
    }
  }

  func find(_ name: String) throws -> ModelPlace? {
    let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let revision = parts.count == 2 ? parts[1] : nil
    let components = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard !components.contains(""), revision != "" else { return nil }
    for root in roots {
      for count in [components.count, components.count - 1] where count > 0 {
        let folder = root + "/" + Self.prefix + components[..<count].joined(separator: "--")
        guard FilePaths.kind(folder) == .folder else { continue }
        let repository = components[..<count].joined(separator: "/")
        guard let commit = try commit(folder, revision) else { return nil }
        let full = name.hasSuffix("@" + (revision ?? "")) ? revision : nil
        let found = try snapshot(folder, commit, name: "hf:" + repository, revision: full)
        guard count < components.count else {
          if found.count == 1 { return found[0] }
          return ModelPlace(
            name: "hf:" + name, path: folder + "/snapshots/" + commit, source: .huggingFace,
            reason: "it has several models: \(found.map(\.name).joined(separator: ", "))")
        }
        let file =
          components[count].hasSuffix(GGUFName.suffix)
          ? String(components[count].dropLast(GGUFName.suffix.count)) : components[count]
        return found.first { GGUFName.model(FilePaths.name($0.path)) == file }
      }
    }
    return nil
  }

  /// `ORG/NAME` of a repository's folder.
  private static func name(_ folder: String) -> String {
    // Compare bytes, because a file name need not be valid UTF-8.
    var name: [UInt8] = []
    var rest = Array(folder.utf8.dropFirst(prefix.utf8.count))[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "-"), rest.dropFirst().first == byte {
        name.append(UInt8(ascii: "/"))
        rest = rest.dropFirst(2)
      } else {
        name.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: name, as: UTF8.self)
  }

  /// The models of one repository: at `refs/main`, and at each reference to a different commit.
  private func models(_ folder: String, _ name: String) throws -> [ModelPlace] {
    guard let links = FilePaths.folderLinks(folder + "/snapshots") else {
      return [
        ModelPlace(
          name: "hf:" + name, path: folder, source: .huggingFace, reason: try unfinished(folder) ?? "no snapshots")
      ]
    }
    // With one snapshot no other reference can name another one, which saves reading the folder.
    if links == 3, let commit = try Self.commit(in: folder + "/refs/" + Self.main) {
      return try snapshot(folder, commit, name: "hf:" + name, revision: nil)
    }
    var references = try self.references(folder + "/refs", depth: 0)
    references.sort { ($0.name != Self.main ? 1 : 0, $0.name) < ($1.name != Self.main ? 1 : 0, $1.name) }
    if references.isEmpty, let newest = try newest(folder) { references = [(Self.main, newest)] }
    var commits: Set<String> = []
    return try references.flatMap { reference -> [ModelPlace] in
      guard commits.insert(reference.commit).inserted else { return [] }
      return try snapshot(
        folder, reference.commit, name: "hf:" + name, revision: reference.name == Self.main ? nil : reference.name)
    }
  }

  /// The references in a folder and its subfolders (`refs/pr/1`): files that contain a commit hash.
  private func references(_ folder: String, depth: Int) throws -> [(name: String, commit: String)] {
    try FolderListing.unsorted(folder).flatMap { name -> [(name: String, commit: String)] in
      let path = folder + "/" + name
      if let commit = try Self.commit(in: path) { return [(name, commit)] }
      guard depth < 3, FilePaths.kind(path) == .folder else { return [] }
      return try references(path, depth: depth + 1).map { (name + "/" + $0.name, $0.commit) }
    }
  }

  /// The commit hash in a reference's file; `nil` if the file has no such hash.
  private static func commit(in path: String) throws -> String? {
    guard let bytes = try FilePaths.start(of: path, count: 128) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let commit = text.split { $0.isWhitespace }.first.map(String.init) ?? ""
    return isPlain(commit) ? commit : nil
  }

  /// Whether a text is safe as a path component: a commit, or a component of a reference's name.
  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text != "." && text != ".." && !text.contains("/")
  }

  /// The commit of a revision: a reference, or a commit of which the first seven or more digits are given.
  private func commit(_ folder: String, _ revision: String?) throws -> String? {
    let name = revision ?? Self.main
    let components = name.split(separator: "/", omittingEmptySubsequences: false)
    guard components.allSatisfy({ Self.isPlain(String($0)) }) else { return nil }
    if let commit = try Self.commit(in: folder + "/refs/" + name) { return commit }
    guard let revision else { return try newest(folder) }
    let snapshots = try FolderListing.unsorted(folder + "/snapshots")
    if snapshots.contains(revision) { return revision }
    let begun = revision.utf8.count >= 7 ? snapshots.filter { $0.hasPrefix(revision) } : []
    return begun.count == 1 ? begun[0] : nil
  }

  /// The newest snapshot of a repository without `refs/main`.
  private func newest(_ folder: String) throws -> String? {
    try FolderListing.unsorted(folder + "/snapshots").sorted()
      .max { FilePaths.modified("\(folder)/snapshots/\($0)") < FilePaths.modified("\(folder)/snapshots/\($1)") }
  }

  /// The models in one snapshot: the one described by `config.json`, or one per GGUF file.
  private func snapshot(_ folder: String, _ commit: String, name: String, revision: String?) throws -> [ModelPlace] {
    let path = folder + "/snapshots/" + commit
    let suffix = revision.map { "@" + $0 } ?? ""
    let names = try FolderListing.unsorted(path)
    func model(_ bytes: Int?, _ reason: String?) -> [ModelPlace] {
      [ModelPlace(name: name + suffix, path: path, source: .huggingFace, bytes: bytes, reason: reason)]
    }
    if names.contains("config.json") {
      guard FilePaths.kind(path + "/config.json") == .file else { return model(nil, "config.json is a broken link") }
      let found = WeightFiles.folder(path, names)
      if found.reason != nil, let unfinished = try unfinished(folder) { return model(found.bytes, unfinished) }
      return model(found.bytes, found.reason)
    }
    let files = names.filter { GGUFName.model($0) != nil && !GGUFName.isProjector($0) }.sorted()
    guard !files.isEmpty else { return model(nil, try unfinished(folder) ?? "neither config.json nor a GGUF file") }
    return try files.map { file in
      let found = WeightFiles.gguf(path, file)
      let own = files.count == 1 ? "" : "/" + (GGUFName.model(file) ?? file)
      return ModelPlace(
        name: name + own + suffix, path: path + "/" + file, source: .huggingFace, bytes: found.bytes,
        reason: try found.reason.map { try unfinished(folder) ?? $0 })
    }
  }

  /// The reason to show if a download into the repository is incomplete; otherwise `nil`.
  private func unfinished(_ folder: String) throws -> String? {
    try FolderListing.unsorted(folder + "/blobs").contains(where: WeightFiles.isPartial) ? WeightFiles.incomplete : nil
  }
}
