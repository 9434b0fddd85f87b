import EngineAPI
import Sessions

/// Makes answers and writes them as they grow.
struct ChatAnswerer: Sendable {
  let run: CommandRun
  let open: OpenModel
  let options: PlanOptions
  let form: OutputForm
  let seed: UInt64
  let template: String?
  let templateName: String?
  let dropsOldest: Bool
  let tree: ChatTree

  /// The request for a prompt.
  func request(_ conversation: ChatConversation, at place: String) -> ChatTextRequest {
    var request = ChatTextRequest(
      model: open.reference, messages: [], localSeconds: run.templateSeconds)
    (request.conversation, request.place) = (conversation, place)
    (request.template, request.templateName) = (template, templateName)
    return request
  }

  /// The prompt of a conversation, with room for an answer.
  func prompt(_ request: ChatTextRequest) async throws -> ChatPrompt {
    var request = request
    let limit = open.information.contextLength
    if dropsOldest, let limit {
      request.mostTokens = ChatContext.mostPromptTokens(
        limit: limit, answer: options.limits.maxTokens ?? Limits.defaultTokens)
    }
    let prompt = try await open.engine.chatPrompt(request)
    if let notice = prompt.omissionNotice { run.console.note(notice) }
    if let limit, prompt.tokens.count >= limit {
      throw EngineError.fullContext(open.reference, at: request.place, limit: limit, found: prompt.tokens.count)
    }
    return prompt
  }

  /// An answer.
  struct Answer: Sendable {
    /// The place after it.
    var end: Place
    var report: GenerationReport
    var completion: Completion
  }

  /// An answer that is about to be generated.
  struct Start: Sendable {
    var plan: GenerationPlan
    var report: GenerationReport
    /// The node that gets its tokens.
    var node: NodeID
  }

  /// Prepares an answer after a place of the tree, whose path is what the model reads.
  ///
  /// - Parameters:
  ///   - prompt: what ends the answer, and how it is read.
  ///   - promptCount: the number of tokens before the answer began; `nil` if it begins here.
  ///   - seed: the seed; if it has made an answer here before, the next one.
  ///   - sequence: the number of the random stream.
  func start(
    _ prompt: ChatPrompt, at place: Place, promptCount: Int? = nil, seed: UInt64, sequence: Int = 0
  ) throws -> Start {
    let tokens = tree.with { tree in tree.path(to: place).map(\.token) }
    let context = ModelContext(model: open.reference, ids: tokens.map(\.id))
    var plan = try GenerationPlan(options, open.information, context, promptCount: tokens.count, seed: seed)
    plan.request.endIDs = prompt.endIDs
    plan.request.stopStrings += prompt.stopStrings
    plan.request.promptCount = promptCount ?? tokens.count
    plan.request.sequence = sequence
    let wanted = plan.request
    guard let (start, request) = tree.with({ $0.branches(at: place, wanted, count: 1).first }) else {
      throw EngineError(.input, "no such place", at: "the dialogue", expected: "a message", found: "none")
    }
    plan.request = request
    var report = GenerationReport(
      model: open.reference, seed: request.seed, text: String(decoding: tokens.flatMap(\.bytes), as: UTF8.self))
    report.begin(plan, tokens, loadSeconds: open.information.loadSeconds)
    return Start(plan: plan, report: report, node: start.node)
  }

  /// Generates an answer and writes it as it grows.
  func answer(
    _ prompt: ChatPrompt, at place: Place, promptCount: Int? = nil, seed: UInt64
  ) async throws -> Answer {
    let start = try start(prompt, at: place, promptCount: promptCount, seed: seed)
    var writer: AnswerWriter? = AnswerWriter(console: run.console, form: form, reading: prompt.reading)
    return try await follow(open.engine.generate(start.plan.request), start, &writer)
  }

  /// Reads a stream to its end, and writes and keeps its tokens.
  func follow(
    _ stream: AsyncStream<TokenEvent>, _ start: Start, _ writer: inout AnswerWriter?
  ) async throws -> Answer {
    let (completion, timing) = try await stream.completion(
      showing: run.console.progress, promptCount: start.plan.request.context.ids.count, since: .now
    ) { token, text in
      tree.with { tree in _ = tree.append(token, to: start.node) }
      try writer?.write(token, text)
    } text: { rest in
      try writer?.write(rest)
    } ended: { outcome in
      tree.with { $0.finish(start.node, outcome) }
    }
    if writer != nil { run.console.progress.clear() }
    try writer?.end()
    var report = start.report
    report.add(completion)
    report.add(sideBySide: [timing])
    return Answer(end: tree.with { $0.end(of: start.node) }, report: report, completion: completion)
  }
}
