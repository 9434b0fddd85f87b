import EngineAPI
import Platform
import PlaygroundApp
import Sessions
import Synchronization

/// The open session's file, and files already opened for sessions that will replace it. Used only by the writer.
final class SessionFiles: Sendable {
  /// Opens a session file for writing.
  typealias Opening =
    @Sendable (_ path: String, _ created: String?) throws(SessionError) -> (file: SessionFile, session: Session)

  /// The folder of the sessions; `nil` if there is none.
  let folder: SessionFolder?
  private let time: @Sendable () -> SessionTime
  private let opening: Opening
  private let writing = Mutex(Writing())

  private struct Writing {
    /// The number of the open session.
    var number = 0
    /// Its file; `nil` before its first text.
    var file: SessionFile?
    /// Records that wait for a file.
    var waiting: [SessionRecord] = []
    /// Files that were opened for later sessions, with the models that they name.
    var opened: [Int: (file: SessionFile, models: [SessionModel])] = [:]
    /// What is known of the models of this run.
    var models: [ModelReference: SessionModel] = [:]
    /// The models that texts of the session refer to, as far as the file names them.
    var named: [ModelReference: SessionModel?] = [:]
    var isFailing = false
    /// The path of its new file.
    var path: String?
  }

  /// Creates the files of a run.
  ///
  /// - Parameter opening: opens a file for writing; tests put one in its place that fails.
  init(
    folder: SessionFolder?, time: @escaping @Sendable () -> SessionTime = { .now },
    opening: @escaping Opening = { path, created throws(SessionError) in
      try SessionFile.open(path, .writing, created: created)
    }
  ) {
    (self.folder, self.time, self.opening) = (folder, time, opening)
  }

  /// Whether the last attempt to write failed.
  var isFailing: Bool { writing.withLock { $0.isFailing } }

  /// Adds records of a session and writes them. A higher number than before begins the session that was opened with it.
  func add(_ records: [SessionRecord], number: Int) -> [SessionEvent] {
    writing.withLock { writing in
      if number != writing.number, let next = writing.opened[number] {
        try? writing.file?.flush(synchronized: true)
        (writing.number, writing.file, writing.isFailing) = (number, next.file, false)
        writing.waiting = []
        writing.named = [:]
        for model in next.models { writing.named[model.reference] = model }
        writing.opened = writing.opened.filter { $0.key > number }
      }
      guard number == writing.number else { return }
      writing.waiting += models(of: records, &writing) + records
    }
    return write()
  }

  /// Remembers a model. If texts of the session refer to it, the file names it.
  /// - Returns: whether its weights are other ones than those that the file names.
  @discardableResult
  func add(_ model: SessionModel) -> Bool {
    let isOther = writing.withLock { writing in
      writing.models[model.reference] = model
      // A changed model has the weights of the unchanged one.
      let users = writing.named.keys.filter { $0 == model.reference || $0.unchanged == model.reference }
      var isOther = false
      for reference in users.sorted(by: { "\($0.changes)" < "\($1.changes)" }) {
        var own = model
        own.reference = reference
        guard let named = writing.named[reference], named != own else { continue }
        if var known = named, own.sha256 == nil {
          // The hash is computed after the model is opened. Until then it counts as the one that the file names.
          known.sha256 = nil
          if known == own { continue }
        }
        writing.named[reference] = own
        writing.waiting.append(.model(own))
        if let old = named?.sha256, let new = own.sha256, old != new { isOther = true }
      }
      return isOther
    }
    _ = write()
    return isOther
  }

  /// Lines for the models that records refer to for the first time.
  private func models(of records: [SessionRecord], _ writing: inout Writing) -> [SessionRecord] {
    var lines: [SessionRecord] = []
    for case .origin(_, let origin) in records where origin.isText && writing.named[origin.model] == nil {
      var known = writing.models[origin.model] ?? writing.models[origin.model.unchanged]
      known?.reference = origin.model
      writing.named[origin.model] = .some(known)
      if let known { lines.append(.model(known)) }
    }
    return lines
  }

  /// Writes what waits. Makes the file if there is a text to keep.
  ///
  /// - Parameter synchronized: whether to wait until the file is on the disk.
  /// - Returns: what changes for the user.
  func write(synchronized: Bool = false) -> [SessionEvent] {
    writing.withLock { writing in
      do throws(SessionError) {
        let isNew = writing.file == nil
        if isNew { writing.file = try newFile(&writing) }
        guard let file = writing.file, !file.isReadOnly else {
          if writing.file != nil { writing.waiting = [] }
          return []
        }
        // The file keeps what it can't write.
        defer { writing.waiting = [] }
        if !writing.waiting.isEmpty { try file.append(writing.waiting) }
        if synchronized || file.unwrittenBytes > 0 { try file.flush(synchronized: synchronized) }
        guard isNew || writing.isFailing else { return [] }
        writing.isFailing = false
        return [.saved(number: writing.number, name: SessionSummary(path: file.path).name)]
      } catch {
        guard !writing.isFailing else { return [] }
        writing.isFailing = true
        return [.failing(number: writing.number, reason: error.facts.found ?? error.facts.what)]
      }
    }
  }

  /// A file for the open session, once it has a text.
  private func newFile(_ writing: inout Writing) throws(SessionError) -> SessionFile? {
    guard let folder, writing.waiting.contains(where: \.isText) else { return nil }
    try folder.create()
    let now = time()
    let words = writing.waiting.lazy.compactMap(\.typedText).first ?? ""
    // A file that could be made but not written is tried again.
    let path = writing.path ?? folder.newPath(now, words: words)
    writing.path = path
    return try opening(path, now.text).file
  }

  /// Goes on with the open session in a new file, which gets everything that the old one has and could not take. If
  /// this fails, the session stays as it was.
  func move(to path: String, number: Int) -> SessionEvent {
    writing.withLock { writing in
      do throws(SessionError) {
        guard number == writing.number, access(path, F_OK) != 0 else { throw .unwritable(path: path, reason: .taken) }
        try writing.file?.copy(to: path)
        let moved = try opening(path, time().text).file
        try moved.append(writing.waiting)
        try moved.flush(synchronized: true)
        (writing.file, writing.path, writing.waiting, writing.isFailing) = (moved, path, [], false)
        return .saved(number: number, name: SessionSummary(path: path).name)
      } catch {
        return .notMoved(EngineError(.resources, error))
      }
    }
  }

  /// Opens the session that takes the place of the open one as the one of this number.
  func open(_ path: String, number: Int) -> SessionEvent {
    do throws(SessionError) {
      let (file, session) = try opening(path, time().text)
      writing.withLock { $0.opened[number] = (file, session.models) }
      return .opened(
        number: number, name: SessionSummary(path: path).name, session, isReadOnly: file.isReadOnly)
    } catch {
      return .refused(number: number, EngineError(.resources, error))
    }
  }
}

extension Origin {
  /// Whether it makes tokens, unlike the versions of a prompt.
  fileprivate var isText: Bool {
    switch self {
    case .draft, .edited: false
    default: true
    }
  }
}

extension SessionRecord {
  /// Whether it begins a text.
  fileprivate var isText: Bool { if case .origin(_, let origin) = self { origin.isText } else { false } }

  /// The text that was typed.
  fileprivate var typedText: String? {
    if case .origin(_, .typed(let text, _)) = self, !text.isEmpty { text } else { nil }
  }
}
