import ArgumentParser
import EngineAPI
import JSONText
import Sessions
import TerminalUI

/// Runs everything in a session again.
struct Replay: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Everything in a session once more, compared with what it was.",
    usage: "triptych replay <session> [<options>]",
    discussion: """
      EXAMPLES
        triptych replay story
        triptych replay story --verify --threads 1
        triptych replay story --verify --json

      Each text is made again by its own request: sampled texts, beams and fillings. \
      --verify exits with 1 at the first difference.
      """)

  @Argument(
    help: ArgumentHelp("The session: a file, or a name in the sessions folder.", valueName: "session"),
    completion: .file())
  var file: String?
  @Flag(help: "Exit with 1 where a token differs, or the weights are others.")
  var verify = false
  @Option(name: .threads, parsing: .unconditional, help: .threads, transform: OptionValue.threads)
  var threads: Int?
  @OptionGroup(title: "Output") var form: JSONOption
  @OptionGroup(title: "Output") var output: OutputOptions

  var outputForm: OutputForm { form.form }

  func check() throws(CommandError) {
    guard file == nil else { return }
    throw .badValue(
      option: "replay", expected: "a session after it", found: "none",
      hint: "'triptych sessions list' lists the sessions")
  }

  func run(in run: CommandRun) async throws -> Int32 {
    let session = try SessionStore(folder: nil, environment: run.context.environment).open(file ?? "").session
    let engine = try await run.engine(threads: threads)
    var player = SessionPlayer(session: session, engine: engine, console: run.console)
    let difference = try await player.play()
    if outputForm == .object {
      try run.console.write([
        "schema": 1, "verified": .bool(difference == nil), "texts": .integer(player.texts),
        "tokens": .integer(player.tokens), "first_difference": difference.map { .object($0.json) } ?? .null,
      ])
    } else {
      let count = NumberText.counted(player.texts, "text") + ", " + NumberText.counted(player.tokens, "token")
      try run.console.writeLine(difference.map { "\(count); \($0.sentence)" } ?? "\(count): every byte is the same")
    }
    return verify && difference != nil ? 1 : 0
  }
}

/// Where a replay first differs from its session.
struct ReplayDifference: Equatable {
  /// The node, and the index of its token.
  var node: NodeID
  var index: Int
  /// The token or end in the session, and the one made now.
  var expected: String
  var found: String

  var json: JSONObject {
    ["node": .integer(node.number), "index": .integer(index), "expected": .text(expected), "found": .text(found)]
  }

  var sentence: String { "node \(node.number) differs at \(index): expected \(expected), found \(found)".onOneLine }
}

/// Generates the texts of a session again and compares them.
struct SessionPlayer {
  let session: Session
  let engine: EngineRouter
  let console: Console
  /// The texts and tokens compared so far.
  private(set) var texts = 0
  private(set) var tokens = 0
  private var opened: [ModelReference: SessionModel] = [:]
  private var done: Set<OriginID> = []

  init(session: Session, engine: EngineRouter, console: Console) {
    (self.session, self.engine, self.console) = (session, engine, console)
  }

  /// Generates every text again. Returns the first difference.
  mutating func play() async throws -> ReplayDifference? {
    let nodes = Array(session.tree.allNodes)
    for (index, node) in nodes.enumerated() {
      try Task.checkCancellation()
      console.progress.show("replaying", Double(index) / Double(max(1, nodes.count)))
      if let difference = try await replay(node) { return difference }
    }
    console.progress.clear()
    return nil
  }

  private mutating func replay(_ node: SessionTree.Node) async throws -> ReplayDifference? {
    guard let origin = session.tree[node.origin] else { return nil }
    switch origin {
    case .draft, .edited, .typed, .translation, .turn, .template, .chosen, .forced: return nil
    case .sampled:
      guard let request = session.tree.generationRequest(of: node.id), node.outcome != nil || !node.tokens.isEmpty
      else { return nil }
      if let difference = try await open(request.context.model, node.id) { return difference }
      return try await replay(node, request)
    case .beam:
      guard done.insert(node.origin).inserted, let request = session.tree.beamRequest(of: node.id) else { return nil }
      if let difference = try await open(request.context.model, node.id) { return difference }
      let result = try await engine.beamSearch(request) { _ in }
      // The screen sorts translations after a chosen word by the score of the whole translation, which the search
      // does not know. So each text is compared with the completion of the same tokens, wherever it stands.
      var left = result.completions
      for id in session.tree.siblings(of: node.id) where !left.isEmpty {
        let ids = session.tree[id].map { node in (0..<node.tokens.count).map { node.tokens[$0].token.id } }
        let own = left.remove(at: left.firstIndex { $0.tokens.map(\.token.id) == ids } ?? 0)
        if let difference = compare(id, own.tokens, own.finishReason) { return difference }
      }
      return nil
    case .filling:
      guard done.insert(node.origin).inserted, let request = session.tree.fillMaskRequest(of: node.id) else {
        return nil
      }
      if let difference = try await open(request.context.model, node.id) { return difference }
      let result = try await engine.fillMask(request)
      return compare(session.tree.siblings(of: node.id), result)
    }
  }

  private mutating func replay(
    _ node: SessionTree.Node, _ request: GenerationRequest
  ) async throws -> ReplayDifference? {
    var request = request
    // Timing cannot be repeated. If a time limit, a stop or a crash ended the text, only its tokens are compared.
    request.maxSeconds = nil
    let isWhole = [.stop, .length, .endOfText].contains(node.outcome?.reason)
    if !isWhole { request.maxTokens = min(request.maxTokens, max(1, node.tokens.count)) }
    var made: [ScoredToken] = []
    var reason: FinishReason?
    for await event in engine.generate(request) {
      switch event {
      case .prompt: break
      case .token(let token, _): made.append(token)
      case .finished(.failed(let error), _, _): throw error
      case .finished(let end, _, _): reason = end
      }
    }
    try Task.checkCancellation()
    return compare(node.id, made, isWhole ? reason : nil)
  }

  /// Compares a node's tokens with those generated again: ids, bytes, and every bit of the numbers.
  private mutating func compare(_ id: NodeID, _ made: [ScoredToken], _ reason: FinishReason?) -> ReplayDifference? {
    guard let node = session.tree[id] else { return nil }
    texts += 1
    for index in 0..<node.tokens.count {
      guard index < made.count else {
        return ReplayDifference(node: id, index: index, expected: Self.words(node.tokens[index]), found: "the end")
      }
      tokens += 1
      let (old, new) = (node.tokens[index], made[index])
      let isSame =
        old.token == new.token && old.rank == new.rank && old.logprob?.bitPattern == new.logprob?.bitPattern
        && old.entropy?.bitPattern == new.entropy?.bitPattern
        && old.sampledLogprob?.bitPattern == new.sampledLogprob?.bitPattern
      if !isSame { return ReplayDifference(node: id, index: index, expected: Self.words(old), found: Self.words(new)) }
    }
    guard let reason, let outcome = node.outcome else { return nil }
    if made.count > node.tokens.count {
      return ReplayDifference(
        node: id, index: node.tokens.count, expected: "the end", found: Self.words(made[node.tokens.count]))
    }
    guard outcome.reason != reason else { return nil }
    return ReplayDifference(node: id, index: made.count, expected: outcome.reason.name, found: reason.name)
  }

  private mutating func compare(_ fillings: [NodeID], _ result: FillMaskResult) -> ReplayDifference? {
    let positions = result.masks.map(\.position)
    // A single mask is filled by its candidates, several masks by joint fillings.
    let made: [(tokens: [TokenValue], score: Double?)] =
      result.joint.isEmpty
      ? (result.masks.first?.candidates.map { ([$0.ranked.token], $0.ranked.logprob) } ?? [])
      : result.joint.map { ($0.tokens, $0.logprob) }
    for (id, filling) in zip(fillings, made) {
      guard let node = session.tree[id] else { continue }
      texts += 1
      for (position, token) in zip(positions, filling.tokens) {
        guard position < node.tokens.count else { continue }
        tokens += 1
        let old = node.tokens[position].token
        if old.id != token.id {
          return ReplayDifference(node: id, index: position, expected: "'\(old.text)'", found: "'\(token.text)'")
        }
      }
      if let score = node.outcome?.score, score.bitPattern != filling.score?.bitPattern {
        return ReplayDifference(
          node: id, index: node.tokens.count, expected: "log p \(score)", found: "log p \(filling.score ?? .nan)")
      }
    }
    return nil
  }

  /// Opens the model of a text, once for all texts that were made with the same weights and cache. Returns a difference
  /// if its weights are not those of the session.
  private mutating func open(_ model: ModelReference, _ node: NodeID) async throws -> ReplayDifference? {
    let known = session.model(model, of: node) ?? SessionModel(reference: model, path: "")
    let last = opened.updateValue(known, forKey: model)
    guard last != known else { return nil }
    if let last, last.cache != known.cache { await engine.unload(model) }
    await engine.setCacheFormat(known.cache ?? .f32)
    let information = try await engine.load(model)
    guard let old = known.sha256,
      let new = ModelWeights.hash(information.summary.path), new != old
    else { return nil }
    return ReplayDifference(node: node, index: 0, expected: "weights of SHA-256 \(old)", found: "SHA-256 \(new)")
  }

  private static func words(_ token: ScoredToken) -> String {
    "'\(token.token.text)' (id \(token.token.id))" + (token.logprob.map { " of log p \($0)" } ?? "")
  }
}
