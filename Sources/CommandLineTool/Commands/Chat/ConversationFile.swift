import EngineAPI
import JSONText
import LocalFiles
import Sessions

/// A conversation in JSON: a list of messages, or an object with them and what else the template takes.
struct ConversationFile: Sendable {
  /// Where it was read from, for errors.
  let place: String
  /// The object; of a list, one with the list as `messages`.
  private(set) var object: JSONObject

  /// Reads a file, or standard input for `-`.
  /// - Parameter system: the system message to put before the others.
  init(_ file: String, system: String?, in run: CommandRun) async throws {
    let text = try await TextInput(context: run.context).read(nil, file: file, what: "conversation")
    try self.init(text, place: file == "-" ? "standard input" : file, system: system)
  }

  /// Reads a text.
  init(_ text: String, place: String, system: String? = nil) throws {
    self.place = place
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: Array(text.utf8))
    } catch {
      throw EngineError(
        .input, error.facts.what, at: [place, error.facts.place].compactMap(\.self).joined(separator: ", "),
        expected: error.facts.expected, found: error.facts.found, hint: error.hint)
    }
    guard var object = json.array.map({ ["messages": .array($0)] }) ?? json.object, object["messages"]?.array != nil
    else {
      throw EngineError(
        .input, "not a conversation", at: place,
        expected: "a list of messages, or an object with one under 'messages'",
        found: json.object.map { $0["messages"]?.kind ?? "none" } ?? json.kind,
        hint: #"write a list such as [{"role": "user", "content": "Hello"}]"#)
    }
    var messages = object["messages"]?.array ?? []
    for (index, message) in messages.enumerated() { try Self.check(message, "\(place), message \(index + 1)") }
    if let system {
      guard messages.first?["role"]?.string != ChatMessage.system else {
        throw CommandError.conflict("--system", "\(place)", reason: "the file has a system message")
      }
      messages.insert(["role": "system", "content": .text(system)], at: 0)
      object["messages"] = .array(messages)
    }
    guard !messages.isEmpty else {
      throw EngineError(
        .input, "a conversation without messages", at: place, expected: "one message or more", found: "none",
        hint: #"write a list such as [{"role": "user", "content": "Hello"}]"#)
    }
    // A last message of the assistant is one to continue, unless the file says something else.
    let isOpen = object["continue_final_message"] == nil && object["add_generation_prompt"] == nil
    if isOpen, messages.last?["role"]?.string == ChatMessage.assistant { object["continue_final_message"] = true }
    self.object = object
  }

  /// The roles that templates know.
  private static let roles = [
    "system", "user", "assistant", "tool", "developer", "function", "ipython", "model", "environment",
  ]

  private static func check(_ message: JSONValue, _ place: String) throws(EngineError) {
    guard let members = message.object else {
      throw EngineError(
        .input, "not a message", at: place, expected: "an object with 'role' and 'content'", found: message.kind)
    }
    guard let role = members["role"]?.string, roles.contains(role) else {
      let written = members["role"]?.string
      throw EngineError(
        .input, "no role of a conversation", at: place, expected: "'system', 'user', 'assistant' or 'tool'",
        found: written.map { "'\($0)'" } ?? members["role"]?.kind ?? "none",
        hint: written.flatMap { Spelling.nearest(to: $0, among: roles, count: 1).first }.map { "did you mean '\($0)'?" }
          ?? "say who speaks in each message, as \"role\"")
    }
    switch members["content"] {
    case nil, .null, .string, .array: return
    case let content?:
      throw EngineError(
        .input, "a message of another kind", at: place, expected: "a text or a list of parts as 'content'",
        found: content.kind)
    }
  }

  /// The conversation as the engine takes it.
  var conversation: ChatConversation { .json(JSONValue.object(object).serialized()) }

  /// Adds the messages to a tree.
  /// - Returns: the place after the prompt.
  func add(to tree: inout SessionTree, _ prompt: ChatPrompt, _ model: ModelReference) -> Place {
    var messages = (object["messages"]?.array ?? []).map(Self.message)
    let system = messages.first.flatMap { $0.role == ChatMessage.system && messages.count > 1 ? $0.content : nil }
    if system != nil { messages.removeFirst() }
    var place = tree.beginDialogue(system: system ?? "", model: model)
    for message in messages.dropLast() { place = tree.addMessage(message, after: place, model: model) }
    guard let last = messages.last else { return place }
    return tree.addMessage(last, prompt: prompt.tokens.map(\.token), after: place, model: model)
  }

  private static func message(_ json: JSONValue) -> ChatMessage {
    let content = json["content"]
    let text = content?.string ?? content?.array?.compactMap { $0["text"]?.string }.joined(separator: "\n")
    return ChatMessage(json["role"]?.string ?? "", text ?? "", reasoning: json["reasoning_content"]?.string)
  }

  /// Answers the conversation and writes the answer.
  func answer(_ answerer: ChatAnswerer) async throws -> Int32 {
    let prompt = try await answerer.prompt(answerer.request(conversation, at: place))
    if prompt.isTranscript { answerer.noteTranscript() }
    let model = answerer.open.reference
    let place = answerer.tree.with { add(to: &$0, prompt, model) }
    let answer = try await answerer.answer(prompt, at: place, seed: answerer.seed)
    try answerer.finish(answer, prompt.reading)
    return answer.report.isInterrupted ? EndSignal.interrupt.exitCode : 0
  }
}

extension ChatAnswerer {
  /// Says that the model has no chat template.
  func noteTranscript() {
    run.console.note(
      "\(open.reference) has no chat template: it reads a transcript with User: and Assistant: before the messages")
  }

  /// The message that an answer is the end of, with its reasoning apart.
  func message(_ answer: Answer, _ reading: AnswerReading) -> ChatMessage {
    tree.with { $0.turns(to: answer.end, reading: reading).last?.message(opened: reading.opened) }
      ?? ChatMessage(ChatMessage.assistant, "")
  }

  /// Writes the end of an answer.
  /// - Parameter isDialogue: whether the user can go on with it.
  func finish(_ answer: Answer, _ reading: AnswerReading, isDialogue: Bool = false) throws {
    let json: JSONObject = ["message": .object(message(answer, reading).json)]
    switch form {
    case .object: try run.console.write(answer.report.json.followed(by: json))
    case .lines: try run.console.write(answer.report.lastLine.followed(by: json))
    case .text:
      switch answer.completion.finishReason {
      case .length:
        run.console.note("the answer ended at the limit of tokens\(isDialogue ? "; /continue goes on" : "")")
      case .time: run.console.note("the answer ended at the limit of time\(isDialogue ? "; /continue goes on" : "")")
      case .stop, .endOfText, .interrupted, .failed: break
      }
    }
  }
}
