import ArgumentParser
import EngineAPI
import Sessions
import Synchronization

/// `--session`.
struct SessionOption: ParsableArguments, Sendable {
  @Option(
    name: .customLong("session"),
    help: ArgumentHelp("Keep the texts in this session file, which is made or continued.", valueName: "session"),
    completion: .file(), transform: OptionValue.text("--session"))
  var path: String?
}

extension CommandRun {
  /// Opens the session of a command; `nil` without `--session`.
  func saver(_ option: SessionOption) throws -> SessionSaver? {
    guard let path = option.path else { return nil }
    let (file, session) = try SessionOpening.open(path, .writing, created: SessionTime.now.text)
    guard !file.isReadOnly else { throw CommandError(session: .readOnly(path: path)) }
    return SessionSaver(file: file, session: session, console: console)
  }
}

/// Opening of session files with errors as commands report them.
enum SessionOpening {
  static func open(
    _ path: String, _ access: SessionFile.Access, created: String? = nil
  ) throws(CommandError) -> (file: SessionFile, session: Session) {
    do {
      return try SessionFile.open(path, access, created: created)
    } catch {
      throw CommandError(session: error)
    }
  }
}

extension CommandError {
  /// An error of a session file.
  init(session error: SessionError) { self = .engine(EngineError(.resources, error)) }
}

/// Keeps the texts of a command in its session as they grow.
final class SessionSaver: Sendable {
  private let file: SessionFile
  private let session: Mutex<Session>
  private let console: Console
  private let hasFailed = Mutex(false)

  init(file: SessionFile, session: Session, console: Console) {
    self.file = file
    self.session = Mutex(session)
    self.console = console
  }

  /// Notes a model with the hash of its weights, which is written with the next text. Takes a second for some 300 MB.
  func add(_ model: OpenModel) {
    let summary = model.information.summary
    let known = session.withLock { $0.models }.first { $0.reference == model.reference }
    let hash = ModelWeights.hash(summary.path)
    if let known, let old = known.sha256, let hash, old != hash {
      console.note("the weights of \(model.reference) differ from those that the session has been made with so far")
    }
    session.withLock {
      $0.add(
        SessionModel(
          reference: model.reference, path: summary.path, format: model.information.format, bytes: summary.bytes,
          sha256: hash, cache: model.cache))
    }
  }

  /// The place of a typed text.
  ///
  /// - Parameters:
  ///   - prefix: the text before it that was tokenized with it.
  ///   - spans: the tokens of both.
  func type(_ text: String, prefix: String = "", _ spans: [TokenSpan], _ model: ModelReference) -> Place {
    let tokens = TokenizedText(prefix + text, spans).values
    return session.withLock { $0.tree.type(text, tokens, model: model) }
  }

  /// The tokens of a text, with what each of them adds to it.
  func written(_ place: Place) -> [TokenValue] {
    session.withLock { session in session.tree.path(to: place).map(\.token) }
  }

  /// Adds a node for a text that a request makes: after the prompt or, for an encoder-decoder model, with the prompt as
  /// its source.
  func begin(_ origin: Origin, after prompt: Place, isSource: Bool) -> NodeID {
    let node = session.withLock { session in
      let id = session.tree.add(origin)
      return isSource ? session.tree.begin(by: id, source: prompt).node : session.tree.branch(at: prompt, by: id).node
    }
    save()
    return node
  }

  /// Changes the tree of texts and writes what is new.
  func change<R: Sendable>(_ body: (inout SessionTree) -> R) -> R {
    let result = session.withLock { body(&$0.tree) }
    save()
    return result
  }

  /// Appends a token.
  func append(_ token: ScoredToken, to node: NodeID) {
    session.withLock { _ = $0.tree.append(token, to: node) }
    save()
  }

  /// Records how a text ended.
  func finish(_ node: NodeID, _ outcome: Outcome) {
    session.withLock { $0.tree.finish(node, outcome) }
    save()
  }

  /// Adds the results of a search or a filling, which share their origin.
  func add(
    _ texts: [(tokens: [ScoredToken], outcome: Outcome)], by origin: Origin, after prompt: Place?, isSource: Bool
  ) {
    guard let prompt else { return }
    session.withLock { session in
      let id = session.tree.add(origin)
      for (tokens, outcome) in texts {
        let place =
          isSource
          ? session.tree.begin(tokens, by: id, source: prompt) : session.tree.branch(at: prompt, tokens, by: id)
        session.tree.finish(place.node, outcome)
      }
    }
    save()
  }

  /// Adds a scored text.
  ///
  /// - Parameters:
  ///   - spans: its tokens.
  ///   - source: the encoder's input and its tokens, for an encoder-decoder model.
  func add(
    _ tokens: [ScoredToken], of text: String, _ spans: [TokenSpan], source: (text: String, spans: [TokenSpan])?,
    _ model: ModelReference
  ) {
    let written = TokenizedText(text, spans).values
    var scored = tokens
    for index in scored.indices where written.indices.contains(index) { scored[index].token = written[index] }
    let place = source.map { type($0.text, $0.spans, model) }
    session.withLock { session in
      _ = session.tree.begin(scored, by: session.tree.add(.typed(text: text, model: model)), source: place)
    }
    save()
  }

  /// Adds the translations of a line.
  /// - Parameter begun: the tokens with which every translation was told to begin.
  func add(
    _ texts: [(tokens: [ScoredToken], outcome: Outcome)], translating line: String, _ prefix: String,
    _ spans: [TokenSpan], _ start: Origin, after begun: [TokenValue] = [], by origin: Origin
  ) {
    let source = type(line, prefix: prefix, spans, start.model)
    let root = session.withLock { session in
      let root = session.tree.begin(by: session.tree.add(start), source: source)
      guard !begun.isEmpty else { return root }
      let given = begun.map { ScoredToken(unpredicted: $0) }
      return session.tree.branch(at: root, given, by: session.tree.add(.forced(model: start.model)))
    }
    add(texts, by: origin, after: root, isSource: false)
  }

  /// Writes the new records. A failure is reported once; records that could not be written are kept and written with
  /// the next token.
  private func save() {
    let records = session.withLock { $0.takeRecords() }
    do {
      try file.append(records)
    } catch {
      let isFirst = hasFailed.withLock { failed in
        defer { failed = true }
        return !failed
      }
      if isFirst { console.note("\(error.description); tried again as the text grows") }
    }
  }

  /// Writes the remaining records, and waits until the file is on the disk.
  func close() throws(CommandError) {
    do {
      try file.flush(synchronized: true)
    } catch {
      throw CommandError(session: error)
    }
  }
}

/// A prompt in a session.
struct SavedPrompt: Sendable {
  let saver: SessionSaver
  let place: Place
  /// Whether it is the encoder's input, which the texts do not continue.
  let isSource: Bool

  init(_ saver: SessionSaver, _ text: String, _ tokens: [TokenSpan], of open: OpenModel) {
    self.saver = saver
    place = saver.type(text, tokens, open.reference)
    isSource = open.information.family == .seq2seq
  }

  /// Adds a node for a text.
  func begin(_ origin: Origin) -> NodeID { saver.begin(origin, after: place, isSource: isSource) }
}
