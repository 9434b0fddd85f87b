import EngineAPI
import JSONText

/// The history of prompts, kept between sessions: one JSON object per line, oldest first, in `history.jsonl` of the
/// state folder.
///
/// Lines that cannot be read are skipped, so a write cut short by a crash loses one prompt. Several sessions may append
/// at the same time.
public struct HistoryFile: Sendable {
  /// One prompt.
  public struct Entry: Sendable, Hashable {
    /// The task it was sent to: `generate`.
    public var task: String
    /// The prompt.
    public var prompt: String

    /// A prompt of a task.
    public init(task: String, prompt: String) {
      self.task = task
      self.prompt = prompt
    }
  }

  /// The file.
  public let path: String
  /// The number of prompts kept.
  public let limit: Int
  /// The most bytes read. Of a longer file only the end is read.
  static let byteLimit = 4 << 20

  /// The history in a file of the state folder.
  ///
  /// - Throws: ``LocalFilesError/noHome(purpose:)`` where there is no such folder.
  public init(_ folders: UserFolders, limit: Int = Limits.historyPrompts) throws(LocalFilesError) {
    guard let state = folders.state else { throw .noHome(purpose: "the history") }
    self.init(path: FilePaths.join(state, "history.jsonl"), limit: limit)
  }

  /// The history in a file.
  public init(path: String, limit: Int = Limits.historyPrompts) {
    self.path = path
    self.limit = limit
  }

  /// The last prompts, oldest first; empty if the file does not exist.
  ///
  /// - Throws: ``LocalFilesError/unreadable(path:reason:)``.
  public func load() throws(LocalFilesError) -> [Entry] {
    guard FilePaths.kind(path) != .missing else { return [] }
    let lines = try TextFile.tail(path, limit: Self.byteLimit).split(separator: UInt8(ascii: "\n"))
    return lines.suffix(2 * limit).compactMap { entry(Array($0)) }.suffix(limit)
  }

  /// Adds a prompt, unless it equals the last one of its task. A file that has twice the limit is cut to the limit.
  ///
  /// - Throws: ``LocalFilesError/unwritable(path:reason:)`` or ``LocalFilesError/unreadable(path:reason:)``.
  public func append(_ entry: Entry) throws(LocalFilesError) {
    let lines = FilePaths.kind(path) == .missing ? [] : try TextFile.tail(path, limit: Self.byteLimit)
    let count = lines.count { $0 == UInt8(ascii: "\n") }
    let kept = try load()
    if kept.last(where: { $0.task == entry.task }) == entry { return }
    if count >= 2 * limit || lines.count >= Self.byteLimit {
      let text = (kept + [entry]).suffix(limit).map(line).joined()
      try TextFile.write(text, to: path)
    } else {
      // If the last write was cut short, start a new line.
      let isBroken = lines.last.map { $0 != UInt8(ascii: "\n") } ?? false
      try TextFile.append((isBroken ? "\n" : "") + line(entry), to: path)
    }
  }

  private func line(_ entry: Entry) -> String {
    let value: JSONValue = ["task": .string(ByteString(entry.task)), "prompt": .string(ByteString(entry.prompt))]
    return value.serialized() + "\n"
  }

  private func entry(_ line: [UInt8]) -> Entry? {
    guard let value = try? JSONValue(parsing: line), let task = value["task"]?.string,
      let prompt = value["prompt"]?.string,
      !prompt.isEmpty
    else { return nil }
    return Entry(task: task, prompt: prompt)
  }
}
