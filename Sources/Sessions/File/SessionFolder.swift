import EngineAPI
import JSONText
import Platform

/// The folder in which sessions lie, one file each.
public struct SessionFolder: Sendable, Hashable {
  /// The most files that are looked at.
  static let mostFiles = 10_000

  /// The path.
  public let path: String

  /// The folder of a path. It need not exist.
  public init(_ path: String) { self.path = path }

  /// The path of a session.
  public func path(of name: String) -> String { path + "/" + name }

  /// The names of the files, in order; empty if there is no folder.
  /// - Throws: ``SessionError/unreadable(path:reason:)``
  public func names() throws(SessionError) -> [String] {
    guard FileBytes.exists(path) else { return [] }
    do throws(JSONError) {
      return try FolderNames.read(path, limit: SessionFolder.mostFiles).sorted()
    } catch .unreadable(_, let reason) {
      throw .unreadable(path: path, reason: reason)
    } catch {
      return []
    }
  }

  /// What the sessions contain, the latest first. Files that are none are left out; damaged sessions have a
  /// ``SessionSummary/problem``.
  ///
  /// - Parameter isStopped: asked before each file; `true` ends the list.
  /// - Throws: ``SessionError/unreadable(path:reason:)`` if the folder can't be read.
  public func summaries(isStopped: () -> Bool = { false }) throws(SessionError) -> [SessionSummary] {
    var all: [SessionSummary] = []
    for name in try names() {
      if isStopped() { break }
      if let summary = SessionSummary(listing: path(of: name)) { all.append(summary) }
    }
    return all.sorted { ($0.created ?? "", $0.name) > ($1.created ?? "", $1.name) }
  }

  /// The path of a new file: the time and the first words of a text, as in `2026-11-28-1803-once-upon-a-time`, with a
  /// number after them if there is such a file.
  /// - Parameter suffix: the end of the name, such as `.svg`.
  public func newPath(_ time: SessionTime, words text: String, suffix: String = "") -> String {
    let name = ([time.fileName] + SessionFolder.words(text)).joined(separator: "-")
    var path = path(of: name + suffix)
    var number = 2
    while access(path, F_OK) == 0, number < SessionFolder.mostFiles {
      path = self.path(of: "\(name)-\(number)\(suffix)")
      number += 1
    }
    return path
  }

  /// The first words of a text for a file name, in lower case, with letters and digits alone.
  private static func words(_ text: String) -> [String] {
    let words = text.prefix(200).lowercased().split { !$0.isLetter && !$0.isNumber }.prefix(5)
    var bytes = 0
    return words.map(String.init).filter { word in
      bytes += word.utf8.count
      return bytes <= 40
    }
  }

  /// Creates the folder and those above it.
  public func create() throws(SessionError) {
    var made = path.hasPrefix("/") ? "" : "."
    var reason: SystemReason?
    for part in path.split(separator: "/") {
      made += "/" + part
      if mkdir(made, 0o700) != 0 { reason = .last }
    }
    if access(path, F_OK) != 0 { throw .unwritable(path: path, reason: reason ?? .last) }
  }

  /// Removes a session.
  ///
  /// - Throws: ``SessionError/readOnly(path:)`` while a program writes it, or why the file is none.
  public static func remove(_ path: String) throws(SessionError) {
    _ = try SessionFile.open(path, .reading)
    // The process that writes it has the lock.
    guard try !SessionFile.open(path, .writing).file.isReadOnly else { throw .readOnly(path: path) }
    guard unlink(path) == 0 else { throw .unwritable(path: path, reason: .last) }
  }
}

/// What a list says of a session: read from the beginning of its file.
public struct SessionSummary: Sendable, Equatable {
  /// A text of the session: what was typed, and what a model made of it.
  public struct Text: Sendable, Equatable {
    /// The prompt, or the source.
    public var prompt: String
    /// What was made.
    public var made: String
    /// Whether the text does not continue its prompt: a translation or a filling.
    public var isSource: Bool

    /// A text.
    public init(prompt: String, made: String, isSource: Bool = false) {
      self.prompt = prompt
      self.made = made
      self.isSource = isSource
    }
  }

  /// No more of a file is read, in bytes.
  static let mostBytes = 1 << 20
  /// Reading ends with this many tokens.
  static let mostTokens = 600
  /// The most texts.
  static let mostTexts = 8

  /// The path of the file.
  public var path: String
  /// When the session was begun, as in `2026-11-28T18:00:00Z`; `nil` if unknown.
  public var created: String?
  /// The models that its first texts refer to.
  public var models: [ModelReference]
  /// Its first texts.
  public var texts: [Text]

  /// Why the session can't be opened; `nil` if it can be, as far as its beginning shows.
  public var problem: SessionError?

  /// A summary of these values.
  public init(
    path: String, created: String? = nil, models: [ModelReference] = [], texts: [Text] = [],
    problem: SessionError? = nil
  ) {
    self.problem = problem
    self.path = path
    self.created = created
    self.models = models
    self.texts = texts
  }

  /// The name without folders.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// How the first text begins.
  public var begins: String { texts.first.map { $0.prompt + $0.made } ?? "" }

  /// Reads the beginning of a file. The summary of a session that is damaged or of a later version says so; `nil` for
  /// a file that is none.
  init?(listing path: String) {
    var session = Session()
    do throws(SessionError) {
      try SessionFile.read(path, into: &session) { read, session in
        read < SessionSummary.mostBytes && session.tree.tokenCount < SessionSummary.mostTokens
      }
    } catch {
      guard error.isOfASession else { return nil }
      self.init(path: path, created: session.created, problem: error)
      return
    }
    let texts = session.texts
    var models = session.models.map(\.reference)
    for text in texts where !models.contains(text.model) { models.append(text.model) }
    self.init(
      path: path, created: session.created, models: models,
      texts: texts.prefix(SessionSummary.mostTexts).map { text in
        Text(
          prompt: text.source ?? text.text(0..<text.promptCount),
          made: text.source == nil ? text.text(text.promptCount..<text.tokens.count) : text.text,
          isSource: text.source != nil)
      })
  }

  /// Whether all words stand in a name or a text, whatever their case.
  public func matches(_ words: String) -> Bool {
    let all = ([name, problem?.brief ?? ""] + models.map(\.description) + texts.flatMap { [$0.prompt, $0.made] })
      .joined(separator: "\n").lowercased()
    return words.lowercased().split(separator: " ").allSatisfy { all.contains($0) }
  }
}
