import JSONText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What was typed and not sent yet, kept so that a signal or a crash costs nothing: one file a session, named by its
/// process, in `drafts` of the state folder. A session that begins takes over the draft of one that is gone.
public struct DraftStore: Sendable {
  private let folder: String
  private let process: Int
  private let isRunning: @Sendable (Int) -> Bool
  static let limit = 16 << 20

  /// The drafts in the state folder, for this process.
  ///
  /// - Throws: ``LocalFilesError/noHome(purpose:)`` where there is no such folder.
  public init(_ folders: UserFolders) throws(LocalFilesError) {
    guard let state = folders.state else { throw .noHome(purpose: "drafts") }
    // A process of another user can't be signalled, but runs.
    self.init(folder: FilePaths.join(state, "drafts"), process: Int(getpid())) { other in
      kill(pid_t(truncatingIfNeeded: other), 0) == 0 || errno == EPERM
    }
  }

  /// The drafts in a folder, for the session of one process.
  public init(folder: String, process: Int, isRunning: @escaping @Sendable (Int) -> Bool) {
    self.folder = folder
    self.process = process
    self.isRunning = isRunning
  }

  /// The texts, by task, of a session that ended without being left; they are this session's from now on. `nil` where
  /// there are none.
  ///
  /// A file that can't be read as a draft stays where it is, for its owner to look at.
  public func claim() -> [String: String]? {
    guard let names = try? FolderListing.names(folder) else { return nil }
    for name in names {
      guard name.hasSuffix(".json"), let owner = Int(name.dropLast(5)) else { continue }
      // A file of this process's own number is left from an earlier one: in a container the number is the same each
      // time.
      guard owner == process || !isRunning(owner), let prompts = read(FilePaths.join(folder, name)) else { continue }
      // Of two sessions that begin at once, the one whose renaming succeeds has the draft.
      if rename(FilePaths.join(folder, name), own) == 0 { return prompts }
    }
    return nil
  }

  private func read(_ path: String) -> [String: String]? {
    guard let value = try? JSONValue(contentsOfFile: path, limits: JSONLimits(depth: 4, bytes: Self.limit)) else {
      return nil
    }
    var prompts: [String: String] = [:]
    for (task, prompt) in value["prompts"]?.object?.members ?? [] { prompts[task.description] = prompt.string }
    return prompts.isEmpty ? nil : prompts
  }

  /// Keeps the texts, by task; empty ones are left out, and with none left the file goes.
  ///
  /// - Throws: ``LocalFilesError/unwritable(path:reason:)``.
  public func save(_ prompts: [String: String]) throws(LocalFilesError) {
    let kept = prompts.filter { !$0.value.isEmpty }
    if kept.isEmpty { return discard() }
    var members = JSONObject()
    for (task, prompt) in kept.sorted(by: { $0.key < $1.key }) { members[task] = .string(ByteString(prompt)) }
    let value: JSONValue = ["schema": 1, "prompts": .object(members)]
    try TextFile.write(value.serialized() + "\n", to: own)
  }

  /// Forgets this session's draft.
  public func discard() { unlink(own) }

  private var own: String { FilePaths.join(folder, "\(process).json") }
}
