import JSONText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What was typed and not sent yet, kept so that a signal or a crash costs nothing: one file a session, named by its
/// process, in `drafts` of the state folder, and beside it the text that is open in an editor. A session that begins
/// takes over what those that are gone have left.
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
  /// there are none. A text that was open in an editor counts as what its editor saved last.
  ///
  /// A file that can't be read as a draft stays where it is, for its owner to look at.
  public func claim() -> [String: String]? {
    guard let names = try? FolderListing.names(folder) else { return nil }
    var claimed: [String: String]?
    var dead: Int?
    for name in names where claimed == nil {
      guard let other = owner(of: name, ending: ".json"), let prompts = read(FilePaths.join(folder, name)) else {
        continue
      }
      // Of two sessions that begin at once, the one whose renaming succeeds has the draft.
      if rename(FilePaths.join(folder, name), own) == 0 { (claimed, dead) = (prompts, other) }
    }
    for name in names {
      let parts = name.split(separator: ".")
      guard parts.count == 3, let other = owner(of: name, ending: ".\(parts[1]).txt"),
        dead == nil || other == dead,
        let text = try? TextFile.read(FilePaths.join(folder, name), limit: Self.limit), !text.isEmpty
      else { continue }
      let mine = editedFile(String(parts[1]))
      guard name == FilePaths.name(mine) || rename(FilePaths.join(folder, name), mine) == 0 else { continue }
      dead = other
      claimed = claimed ?? [:]
      claimed?[String(parts[1])] = text.hasSuffix("\n") ? String(text.dropLast()) : text
      // The editor's file goes once the draft holds its text.
      if let claimed, (try? save(claimed)) != nil { unlink(mine) }
    }
    return claimed
  }

  /// Hands over what other sessions that are gone have left, one after the other, and forgets it. What can't be kept
  /// stays for the next time.
  public func clearOthers(keeping keep: ([String: String]) throws -> Void) {
    for name in (try? FolderListing.names(folder)) ?? [] where name != FilePaths.name(own) {
      let path = FilePaths.join(folder, name)
      if owner(of: name, ending: ".json") != nil, let prompts = read(path), (try? keep(prompts)) != nil { unlink(path) }
    }
    TextFile.removeLeftovers(in: folder, of: isGone)
    if let above = FilePaths.parent(folder) { TextFile.removeLeftovers(in: above, of: isGone) }
  }

  /// The process that has left a file of this form; `nil` where the name is another or the process runs.
  private func owner(of name: String, ending: String) -> Int? {
    guard name.hasSuffix(ending), let owner = Int(name.dropLast(ending.count)) else { return nil }
    // A file of this process's own number is left from an earlier one: in a container the number is the same each time.
    return owner == process || isGone(owner) ? owner : nil
  }

  private func isGone(_ other: Int) -> Bool { other != process && !isRunning(other) }

  /// Where a task's text lies while an editor has it.
  public func editedFile(_ task: String) -> String { FilePaths.join(folder, "\(process).\(task).txt") }

  private func read(_ path: String) -> [String: String]? {
    guard let value = try? JSONValue(contentsOfFile: path, limits: JSONLimits(depth: 4, bytes: Self.limit)) else {
      return nil
    }
    var prompts: [String: String] = [:]
    for (task, prompt) in value["prompts"]?.object?.members ?? [] { prompts[task.description] = prompt.string }
    return prompts.isEmpty ? nil : prompts
  }

  /// Keeps the texts, by task; empty ones are left out, and with none left the file goes.
  /// - Parameter synchronized: whether to wait until the disk has them. Without that they survive the end of the process
  ///   but perhaps not that of the machine.
  ///
  /// - Throws: ``LocalFilesError/unwritable(path:reason:)``.
  public func save(_ prompts: [String: String], synchronized: Bool = true) throws(LocalFilesError) {
    let kept = prompts.filter { !$0.value.isEmpty }
    if kept.isEmpty { return discard() }
    var members = JSONObject()
    for (task, prompt) in kept.sorted(by: { $0.key < $1.key }) { members[task] = .string(ByteString(prompt)) }
    let value: JSONValue = ["schema": 1, "prompts": .object(members)]
    try TextFile.write(value.serialized() + "\n", to: own, synchronized: synchronized)
  }

  /// Forgets this session's draft.
  public func discard() { unlink(own) }

  private var own: String { FilePaths.join(folder, "\(process).json") }
}
