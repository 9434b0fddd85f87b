import JSONText
import Platform

/// Stores text that was typed but not sent yet, so that it survives a signal or a crash. Each session has one file,
/// named by its process id, in `drafts` of the state folder, and next to it a file with the text that is open in an
/// external editor. A new session takes over the drafts of sessions that have ended.
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
    // EPERM: the process belongs to another user, so it is running.
    self.init(folder: FilePaths.join(state, "drafts"), process: Int(getpid())) { other in
      kill(pid_t(truncatingIfNeeded: other), 0) == 0 || errno == EPERM
    }
  }

  /// Creates a store in a folder for the session of one process.
  public init(folder: String, process: Int, isRunning: @escaping @Sendable (Int) -> Bool) {
    self.folder = folder
    self.process = process
    self.isRunning = isRunning
  }

  /// Takes over the texts, by task, of a session that ended without saving them; `nil` if there are none. For a text
  /// that was open in an editor, the version saved last counts.
  ///
  /// A file that cannot be read as a draft is left in place.
  public func claim() -> [String: String]? {
    guard let names = try? FolderListing.names(folder) else { return nil }
    var claimed: [String: String]?
    var dead: Int?
    for name in names where claimed == nil {
      guard let other = owner(of: name, ending: ".json"), let prompts = read(FilePaths.join(folder, name)) else {
        continue
      }
      // If two sessions start at once, the one whose rename succeeds gets the draft.
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
      // Delete the editor's file once the draft holds its text.
      if let claimed, (try? save(claimed)) != nil { unlink(mine) }
    }
    return claimed
  }

  /// Passes the drafts of ended sessions to `keep`, one after the other, and deletes them. A draft that `keep` cannot
  /// store stays.
  public func clearOthers(keeping keep: ([String: String]) throws -> Void) {
    for name in (try? FolderListing.names(folder)) ?? [] where name != FilePaths.name(own) {
      let path = FilePaths.join(folder, name)
      if owner(of: name, ending: ".json") != nil, let prompts = read(path), (try? keep(prompts)) != nil { unlink(path) }
    }
    TextFile.removeLeftovers(in: folder, of: isGone)
    if let above = FilePaths.parent(folder) { TextFile.removeLeftovers(in: above, of: isGone) }
  }

  /// The ended process that owns a file of this form; `nil` for other names or if the process runs.
  private func owner(of name: String, ending: String) -> Int? {
    guard name.hasSuffix(ending), let owner = Int(name.dropLast(ending.count)) else { return nil }
    // A file with this process's id is left over from an earlier process: in a container the id is often the same.
    return owner == process || isGone(owner) ? owner : nil
  }

  private func isGone(_ other: Int) -> Bool { other != process && !isRunning(other) }

  /// The file of a task's text while it is open in an editor.
  public func editedFile(_ task: String) -> String { FilePaths.join(folder, "\(process).\(task).txt") }

  private func read(_ path: String) -> [String: String]? {
    guard let value = try? JSONValue(contentsOfFile: path, limits: JSONLimits(depth: 4, bytes: Self.limit)) else {
      return nil
    }
    var prompts: [String: String] = [:]
    for (task, prompt) in value["prompts"]?.object?.members ?? [] { prompts[task.description] = prompt.string }
    return prompts.isEmpty ? nil : prompts
  }

  /// Saves the texts, by task. Empty texts are left out; if none is left, the file is deleted.
  /// - Parameter synchronized: Whether to wait until the texts are on disk. Otherwise they survive the end of the
  ///   process but perhaps not a crash of the machine.
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

  /// Deletes this session's draft.
  public func discard() { unlink(own) }

  private var own: String { FilePaths.join(folder, "\(process).json") }
}
