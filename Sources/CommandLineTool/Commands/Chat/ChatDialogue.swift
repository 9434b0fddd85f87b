import EngineAPI
import JSONText
import LocalFiles
import Sessions
import TerminalUI

/// A dialogue whose messages and commands come line by line.
actor ChatDialogue {
  private let answerer: ChatAnswerer
  private let firstSystem: String
  /// The place in the tree where the dialogue stands.
  private var place: Place
  /// What ends answers and how they are read, from the last prompt.
  private var prompt: ChatPrompt?
  private var answers = 0
  /// Whether the last answer was interrupted.
  private var isInterrupted = false
  /// Whether the user was told that the context is nearly full.
  private var hasToldContext = false

  init(_ answerer: ChatAnswerer, system: String) {
    self.answerer = answerer
    firstSystem = system
    let model = answerer.open.reference
    place = answerer.tree.with { $0.beginDialogue(system: system, model: model) }
  }

  private var console: Console { answerer.run.console }
  private var reading: AnswerReading { prompt?.reading ?? AnswerReading() }
  private var turns: [ChatTurn] { answerer.tree.with { $0.turns(to: place, reading: reading) } }

  /// The commands of a dialogue on the command line.
  static let commands = ChatCommand.all.filter { $0.name != "model" }

  /// What to do after a line was handled.
  enum Outcome: Sendable {
    /// The next line.
    case nextLine
    /// The next line; the answer was interrupted.
    case interrupted
    /// The end of the dialogue.
    case end
  }

  /// Takes a line.
  func take(_ line: String) async throws -> Outcome {
    isInterrupted = false
    let command: ChatCommand?
    do throws(ChatCommand.Problem) {
      command = try ChatCommand.parse(line, among: Self.commands)
    } catch {
      throw Self.error(error)
    }
    switch command {
    case nil:
      let message = ChatCommand.message(line)
      if message.contains(where: { !$0.isWhitespace }) { try await send(message) }
    case .quit: return .end
    case .help: try console.aside(Self.help)
    case .system(let text):
      let model = answerer.open.reference
      place = answerer.tree.with { [place] tree in
        tree.addMessage(ChatMessage(ChatMessage.system, text), after: place, model: model)
      }
    case .new:
      let model = answerer.open.reference
      place = answerer.tree.with { [firstSystem] in $0.beginDialogue(system: firstSystem, model: model) }
      hasToldContext = false
    case .undo: place = try lastMessage().previous ?? place
    case .edit(let text):
      let start = place
      place = try lastMessage().previous ?? place
      do {
        try await send(text)
      } catch {
        place = start
        throw error
      }
    case .retry: try await retry()
    case .goOn: try await goOn()
    case .template: try await showTemplate()
    case .score: try await score()
    case .save(let file): try save(file)
    case .model: break
    }
    return isInterrupted ? .interrupted : .nextLine
  }

  // MARK: Answers

  private func send(_ text: String) async throws {
    let message = ChatMessage(ChatMessage.user, text)
    let messages = answerer.tree.with { [place, reading] in $0.messages(to: place, reading: reading) } + [message]
    let prompt = try await answerer.prompt(
      answerer.request(.messages(messages, continuesLast: false), at: "the dialogue"))
    if prompt.isTranscript, self.prompt == nil { answerer.noteTranscript() }
    self.prompt = prompt
    let model = answerer.open.reference
    place = answerer.tree.with { [place] in
      $0.addMessage(message, prompt: prompt.tokens.map(\.token), after: place, model: model)
    }
    try await answer(seed: answerer.seed)
  }

  private func retry() async throws {
    guard let last = turns.last, last.isAnswer || last.role == ChatMessage.user, prompt != nil else {
      throw Self.nothing("to answer again")
    }
    if last.isAnswer, let previous = last.previous { place = previous }
    try await answer(seed: answerer.seed)
  }

  private func goOn() async throws {
    guard let last = turns.last, last.isAnswer, let start = last.previous, let node = last.nodes.last else {
      throw Self.nothing("to continue")
    }
    let (from, count, seed) = answerer.tree.with { tree in
      var place = last.end
      // Continue without the end-of-turn token.
      if tree[node]?.outcome?.reason == .endOfText, place.count > 0 { place.count -= 1 }
      return (place, tree.length(of: start), tree.generationRequest(of: node)?.seed)
    }
    place = from
    try await answer(promptCount: count, seed: seed ?? answerer.seed)
  }

  private func answer(promptCount: Int? = nil, seed: UInt64) async throws {
    guard let prompt else { return }
    if answerer.form == .text, answers > 0, !console.isTerminal { try console.writeLine() }
    answers += 1
    let answer = try await answerer.answer(prompt, at: place, promptCount: promptCount, seed: seed)
    isInterrupted = answer.report.isInterrupted
    // An answer that was stopped before its first token is none.
    if !answer.completion.tokens.isEmpty { place = answer.end }
    try answerer.finish(answer, prompt.reading, isDialogue: true)
    tellContext()
  }

  /// Says in time that the context will be full.
  private func tellContext() {
    guard !hasToldContext, let limit = answerer.open.information.contextLength else { return }
    let used = answerer.tree.with { [place] in $0.length(of: place) }
    guard ChatContext.isNearlyFull(used, limit: limit) else { return }
    hasToldContext = true
    let numbers = "the dialogue has \(NumberText.grouped(used)) of \(NumberText.grouped(limit)) tokens"
    console.note(
      answerer.dropsOldest
        ? "\(numbers); its oldest turns will be left out"
        : "\(numbers); when they are full, it ends: --drop-oldest leaves the oldest turns out")
  }

  // MARK: Looking

  private func showTemplate() async throws {
    let tokens = answerer.tree.with { [place] tree in tree.path(to: place).map(\.token) }
    guard !tokens.isEmpty else { throw Self.nothing("that the model has read") }
    var table = Table([.right("#"), .right("id"), .left("token")])
    for (index, token) in tokens.enumerated() {
      table.add([
        Cells.count(index), .init(String(token.id)),
        .init(Cells.token(token, glyphs: console.glyphs).text, .accent),
      ])
    }
    let text = String(decoding: tokens.flatMap(\.bytes), as: UTF8.self)
    try console.aside([console.modelText(text), ""] + table.lines(console.ink))
  }

  private func score() async throws {
    let tokens = answerer.tree.with { [place] tree in tree.path(to: place).map(\.token) }
    guard tokens.count > 1 else { throw Self.nothing("to score") }
    let context = ModelContext(model: answerer.open.reference, ids: tokens.map(\.id))
    let progress = console.progress
    let scored = try await answerer.open.engine.score(ScoreRequest(context: context)) {
      progress.show("scoring", $0)
    }
    progress.clear()
    var start = 0
    let ranges = tokens.map { token in
      defer { start += token.bytes.count }
      return start..<start + token.bytes.count
    }
    try console.aside(ScoreSummary(scored, ranges: ranges).lines)
  }

  private func save(_ file: String) throws {
    let messages = answerer.tree.with { [place, reading] in $0.messages(to: place, reading: reading) }
    do {
      try TextFile.write(messages.file, to: file)
    } catch {
      throw EngineError(.resources, error)
    }
    console.note("wrote \(NumberText.counted(messages.count, "message")) to \(file)")
  }

  /// The last message of the user.
  private func lastMessage() throws(EngineError) -> ChatTurn {
    guard let turn = turns.last(where: { $0.role == ChatMessage.user }) else { throw Self.nothing("to take back") }
    return turn
  }

  private static var help: [String] {
    let width = commands.map(\.usage.count).max() ?? 0
    return commands.map { "\($0.usage.padding(to: width))  \($0.help)" } + ["//TEXT sends a message that begins with /"]
  }

  private static func nothing(_ what: String) -> EngineError {
    EngineError(
      .input, "nothing \(what)", at: "the dialogue", expected: "a message before it", found: "none",
      hint: "write a message first")
  }

  private static func error(_ problem: ChatCommand.Problem) -> EngineError {
    switch problem {
    case .unknown(let name):
      let near = Spelling.nearest(to: name, among: commands.map(\.name), count: 1).first
      return EngineError(
        .input, "no such command", at: "the dialogue", expected: "a command of /help", found: "'/\(name)'",
        hint: near.map { "did you mean '/\($0)'?" } ?? "a message that begins with / is written with two of them")
    case .noArgument(let usage):
      return EngineError(.input, "a command without its text", at: "the dialogue", expected: usage, found: "no text")
    case .needless(let usage):
      return EngineError(.input, "a command with a text", at: "the dialogue", expected: usage, found: "a text after it")
    }
  }
}

extension String {
  /// The text, with spaces up to a width.
  fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
