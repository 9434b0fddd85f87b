import ArgumentParser
import EngineAPI
import JSONText
import LocalFiles
import Platform
import Sessions
import TerminalUI

/// What can be done with a session.
enum SessionAction: String, CaseIterable {
  case list, show, search, export, remove
}

/// Lists, shows, searches, exports and removes sessions.
struct ListSessions: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Sessions: list, show, search, export or remove them.",
    usage: "triptych sessions [list|show|search|export|remove] [<what>] [<options>]",
    discussion: """
      EXAMPLES
        triptych sessions
        triptych sessions show story
        triptych sessions search sea
        triptych sessions export story --format html > story.html
        triptych sessions remove story

      A session is a file, or the name of one in the folder 'sessions' of the data folder. Commands with --session make it.
      """)

  @Argument(
    help: ArgumentHelp(
      "What to do: list, show, search, export or remove (default: list).", valueName: "action"),
    completion: .list(SessionAction.allCases.map(\.rawValue)),
    transform: OptionValue.choice("<action>", as: SessionAction.self))
  var action: SessionAction = .list
  @Argument(
    help: ArgumentHelp("The session; for search, the words.", valueName: "what"), completion: .file())
  var what: String?
  @Option(
    help: ArgumentHelp("The form of an export: \(OptionValue.names(of: SessionFormat.self)).", valueName: "form"),
    completion: .list(SessionFormat.allCases.map(\.rawValue)),
    transform: OptionValue.choice("--format", as: SessionFormat.self))
  var format: SessionFormat?
  @Option(
    help: ArgumentHelp("The folder with the sessions (default: that of the data folder).", valueName: "folder"),
    completion: .directory, transform: OptionValue.text("--folder"))
  var folder: String?
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    if action != .list, what == nil {
      let wanted = action == .search ? "words" : "a session"
      throw .badValue(
        option: "sessions \(action.rawValue)", expected: "\(wanted) after it", found: "none",
        hint: "'triptych sessions list' lists the sessions")
    }
    if action == .export, format == nil {
      throw .badValue(
        option: "sessions export", expected: "--format \(OptionValue.names(of: SessionFormat.self))", found: "none",
        hint: nil)
    }
    if action != .export, format != nil {
      throw .conflict("sessions \(action.rawValue)", "--format", reason: "only export has a format")
    }
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let store = SessionStore(folder: folder, environment: run.context.environment)
    switch action {
    case .list: try list(store.all(run.console), run)
    case .search: try list(store.all(run.console).filter { $0.matches(what ?? "") }, run)
    case .show: try show(try store.open(what ?? ""), run)
    case .export: try export(try store.open(what ?? "").session, run)
    case .remove:
      let path = try store.remove(what ?? "")
      if outputForm == .object {
        try run.console.write(["schema": 1, "removed": .text(path)])
      } else {
        try run.console.writeLine("removed \(path.onOneLine)")
      }
    }
    return 0
  }

  private func list(_ sessions: [StoredSession], _ run: CommandRun) throws {
    if outputForm == .object {
      return try run.console.write(["schema": 1, "sessions": .objects(sessions.map(\.json))])
    }
    var table = Table([
      .left("session"), .left("begun"), .right("texts"), .right("tokens"), .left("models"), .left("begins"),
    ])
    for stored in sessions {
      if let problem = stored.problem {
        let (name, begun) = (stored.name.onOneLine, stored.session.created?.onOneLine ?? "")
        table.add([.init(name, .accent), .init(begun), "", "", "", .init(problem.brief.onOneLine, .warning)])
        continue
      }
      let texts = stored.session.texts
      table.add([
        .init(stored.name.onOneLine, .accent), .init(stored.session.created?.onOneLine ?? ""),
        Cells.count(texts.count), Cells.count(stored.session.tree.tokenCount),
        .init(stored.models.onOneLine), .init(String((texts.first?.text ?? "").onOneLine.prefix(40)), .dim),
      ])
    }
    for line in table.lines(run.console.ink) { try run.console.writeLine(line) }
  }

  private func show(_ stored: StoredSession, _ run: CommandRun) throws {
    if outputForm == .object {
      var object = stored.json
      object["texts"] = .array(
        stored.session.texts.map { text in
          [
            "node": .integer(text.place.node.number), "model": .text(text.model.description),
            "origin": .text(text.origin), "prompt": .text(text.text(0..<text.promptCount)),
            "text": .text(text.text(text.promptCount..<text.tokens.count)), "logprob": .number(text.logprob),
          ]
        })
      return try run.console.write(["schema": 1, "session": .object(object)])
    }
    try write(stored.session, run)
  }

  /// The texts with the colors of probabilities.
  private func write(_ session: Session, _ run: CommandRun) throws {
    let ink = run.console.ink
    for (number, text) in session.texts.enumerated() {
      let dash = run.console.glyphs.rule + run.console.glyphs.rule
      let title =
        "\(dash) \(number + 1) \(run.console.glyphs.separator) \(text.model) \(run.console.glyphs.separator) \(text.origin) \(dash)"
      try run.console.writeLine(ink(title.onOneLine, .heading))
      if let source = text.source { try run.console.writeLine(ink(source.safeForTerminal, .dim)) }
      try run.console.write(ink(text.text(0..<text.promptCount).safeForTerminal, .dim))
      var held: [UInt8] = []
      for (index, token) in text.tokens.enumerated().dropFirst(text.promptCount) {
        held += token.token.bytes
        guard index + 1 == text.tokens.count || String(validating: held, as: UTF8.self) != nil else { continue }
        try run.console.write(ink(String(decoding: held, as: UTF8.self).safeForTerminal, probability: token.logprob))
        held = []
      }
      try run.console.writeLine()
    }
  }

  private func export(_ session: Session, _ run: CommandRun) throws {
    try run.console.write((format ?? .md).text(of: session))
  }
}

/// A session and the path of its file.
struct StoredSession {
  let path: String
  let session: Session
  /// Why the session can't be read; it is empty then.
  var problem: SessionError?

  /// The name without folders.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }
  /// The models' names.
  var models: String { session.models.map { $0.reference.shortName }.joined(separator: ", ") }

  /// Whether all words occur in a text or a name, ignoring case.
  func matches(_ words: String) -> Bool {
    let texts = session.texts.flatMap { [$0.source ?? "", $0.text] + $0.names.values }
    let all = ([name, models] + texts).joined(separator: "\n").lowercased()
    return words.lowercased().split(separator: " ").allSatisfy { all.contains($0) }
  }

  /// The facts of a list.
  var json: JSONObject {
    var object: JSONObject = [
      "id": .text(name), "path": .text(path), "created": .text(session.created),
      "models": .array(session.models.map { .text($0.reference.description) }),
      "texts": .integer(session.texts.count), "tokens": .integer(session.tree.tokenCount),
    ]
    object["problem"] = problem.map { .text($0.brief) }
    return object
  }
}

/// The sessions of a folder.
struct SessionStore {
  private let folder: SessionFolder?
  /// Whether the user has named the folder, so that it has to exist.
  private let isGiven: Bool

  init(folder: String?, environment: [String: String]) {
    let own = UserFolders(ProcessEnvironment(variables: environment))
    self.folder = (folder ?? own.sessions).map(SessionFolder.init)
    isGiven = folder != nil
  }

  /// Every session of the folder, by name, also damaged ones. A notice names files that are not sessions.
  func all(_ console: Console) throws(CommandError) -> [StoredSession] {
    guard let folder else { return [] }
    var sessions: [StoredSession] = []
    do throws(SessionError) {
      if isGiven, access(folder.path, F_OK) != 0 { throw .unreadable(path: folder.path, reason: .last) }
      for name in try folder.names() {
        let path = folder.path(of: name)
        do throws(SessionError) {
          sessions.append(StoredSession(path: path, session: try SessionFile.open(path, .reading).session))
        } catch .unreadable(let path, let reason) where reason.isShortage {
          throw .unreadable(path: path, reason: reason)
        } catch {
          if error.isOfASession {
            sessions.append(StoredSession(path: path, session: Session(), problem: error))
          } else {
            console.note(error.description)
          }
        }
      }
    } catch {
      throw CommandError(session: error)
    }
    return sessions
  }

  /// A session by its path or its name in the folder.
  func open(_ name: String) throws(CommandError) -> StoredSession {
    let path = path(name)
    return StoredSession(path: path, session: try SessionOpening.open(path, .reading).session)
  }

  /// Removes a session and returns its path. A file that is not a session is kept.
  func remove(_ name: String) throws(CommandError) -> String {
    let path = path(name)
    do {
      try SessionFolder.remove(path)
    } catch {
      throw CommandError(session: error)
    }
    return path
  }

  /// The path of the session that the playground opens. An unknown name becomes a new file in the working folder.
  func path(forPlaying name: String) -> String {
    let known = path(name)
    return access(known, F_OK) == 0 ? known : name
  }

  /// The path of a session that is named by its path or its name in the folder.
  private func path(_ name: String) -> String {
    if name.utf8.contains(UInt8(ascii: "/")) || access(name, F_OK) == 0 { return name }
    return folder?.path(of: name) ?? name
  }
}
