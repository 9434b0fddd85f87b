import EngineAPI
import JSONText
import Templates
import Tokenizers

/// Chat templates. Like tokenizers, they need neither the engine's queue nor a model's weights.
extension LocalEngine: ChatRendering {
  /// A conversation as text, as the model's chat template writes it.
  public nonisolated func chatText(_ request: ChatTextRequest) async throws(EngineError) -> String {
    let writer = try chatWriter(request)
    guard writer.templates != nil else {
      throw EngineError(
        .model, "no chat template", at: "model '\(request.model)'",
        expected: "\(ChatTemplate.fileName), or chat_template in \(ChatFiles.configurationName)", found: "neither",
        hint: "use a model that was trained for chats, or give a template", settings: [.chatTemplate])
    }
    return try writer.text(of: writer.conversation)
  }

  /// A conversation as the model reads it.
  public nonisolated func chatPrompt(_ request: ChatTextRequest) async throws(EngineError) -> ChatPrompt {
    let writer = try chatWriter(request)
    var conversation = writer.conversation
    var omitted = 0
    while true {
      var prompt = try writer.prompt(of: conversation)
      let isTooLong = request.mostTokens.map { prompt.tokens.count > $0 } ?? false
      let left = isTooLong ? conversation.leaveOutOldestTurn() : 0
      guard left > 0 else {
        prompt.omitted = omitted
        prompt.endIDs = writer.turnEnds
        return prompt
      }
      omitted += left
      if Task.isCancelled { throw EngineError(.interrupted, "rendering was stopped") }
    }
  }

  private nonisolated func chatWriter(_ request: ChatTextRequest) throws(EngineError) -> ChatWriter {
    let path = try catalog.resolve(request.model).path
    let tokenizer = try tokenizers.tokenizer(path: path)
    let files = try ChatFiles(path: path, tokenizer: tokenizer)
    let templates: ChatTemplate?
    do throws(TemplateError) {
      templates =
        if let source = request.template {
          try ChatTemplate(source, specialTokens: files.specialTokens)
        } else { try files.templates() }
    } catch {
      throw EngineError(error, request)
    }
    if let name = request.templateName, let templates, !templates.names.contains(name) {
      throw EngineError(
        .usage, "no chat template of this name", at: "model '\(request.model)'",
        expected: templates.names.map { "'\($0)'" }.joined(separator: " or "), found: "'\(name)'",
        hint: "name one of the model's templates", settings: [.chatTemplateName])
    }
    return ChatWriter(
      request: request, conversation: try ChatRequest(request), templates: templates, tokenizer: tokenizer)
  }
}

/// Writes conversations for one request.
private struct ChatWriter {
  let request: ChatTextRequest
  let conversation: ChatRequest
  /// The model's templates; `nil` for a plain transcript.
  let templates: ChatTemplate?
  let tokenizer: Tokenizer

  /// The text by the template, or the transcript.
  func text(of conversation: ChatRequest) throws(EngineError) -> String {
    guard let templates else { return try Transcript.text(of: conversation, request) }
    do throws(TemplateError) {
      return try templates.render(conversation, at: TemplateTime(secondsSince1970: request.localSeconds)).text
    } catch {
      throw EngineError(error, request)
    }
  }

  /// The text with its tokens.
  func prompt(of conversation: ChatRequest) throws(EngineError) -> ChatPrompt {
    let start = try text(of: conversation)
    let text = start + request.answerStart
    // A template writes the special tokens itself. A transcript is an ordinary text.
    let encoding = tokenizer.encode(text, addSpecialTokens: templates == nil)
    let tokens = encoding.ids.indices.map { index in
      TokenSpan(
        token: TokenValue(id: encoding.ids[index], bytes: tokenizer.bytes(of: encoding.ids[index])),
        range: encoding.ranges[index], isSpecial: encoding.special[index])
    }
    var prompt = ChatPrompt(text: text, tokens: tokens)
    let marks = Set(ReasoningMarks.known.flatMap { [$0.open, $0.close] })
    prompt.reading.hiddenIDs = Set(
      tokenizer.addedTokens.filter { tokenizer.isSpecial($0.id) && !marks.contains($0.content) }.map(\.id))
    prompt.reading.opened = conversation.addsGenerationPrompt ? ReasoningMarks.opened(by: start) : nil
    prompt.reading.dropsLeadingSpace = templates == nil || dropsLeadingSpace
    prompt.isTranscript = templates == nil
    if prompt.isTranscript { prompt.stopStrings = [Transcript.name(of: ChatMessage.user)] }
    return prompt
  }

  /// Whether decoding leaves out a space at the beginning, as SentencePiece's does.
  private var dropsLeadingSpace: Bool {
    guard let last = tokenizer.encode("a a", addSpecialTokens: false).ids.last else { return false }
    return tokenizer.bytes(of: last).first == 0x20 && tokenizer.decode([last], skipSpecialTokens: true).first != " "
  }

  /// The id of the token that the template writes after an answer. It is found in a short dialogue: the token that
  /// follows the answer, if it is special or looks like a mark.
  var turnEnds: [Int] {
    guard let templates else { return [] }
    let answer = "THE-ANSWER"
    let dialogue = ChatRequest(
      messages: [["role": "user", "content": "?"], ["role": "assistant", "content": JSONValue(answer)]],
      addsGenerationPrompt: false, variables: conversation.variables, templateName: conversation.templateName)
    let time = TemplateTime(secondsSince1970: request.localSeconds)
    guard let text = try? templates.render(dialogue, at: time).text, let end = text.ranges(of: answer).last?.upperBound
    else { return [] }
    let rest = text[end...].drop { $0.isWhitespace }
    guard let first = tokenizer.encode(String(rest), addSpecialTokens: false).ids.first else { return [] }
    let content = String(decoding: tokenizer.bytes(of: first), as: UTF8.self)
    let looksLikeMark =
      content.count > 2 && rest.hasPrefix(content)
      && (content.hasPrefix("<") && content.hasSuffix(">") || content.hasPrefix("[") && content.hasSuffix("]"))
    return tokenizer.isSpecial(first) || looksLikeMark ? [first] : []
  }
}

/// The plain form of a dialogue with a model that has no chat template.
private enum Transcript {
  /// What stands before a message of a role: `User:`.
  static func name(of role: String) -> String { role.prefix(1).uppercased() + role.dropFirst() + ":" }

  static func text(of conversation: ChatRequest, _ request: ChatTextRequest) throws(EngineError) -> String {
    guard !conversation.messages.isEmpty else {
      throw EngineError(
        .input, "a conversation without messages", at: request.place, expected: "one message or more", found: "none")
    }
    var text = ""
    for (index, message) in conversation.messages.enumerated() {
      guard let role = message["role"]?.string else {
        throw EngineError(
          .input, "a message without a role", at: "\(request.place), message \(index + 1)",
          expected: "a text as 'role'", found: message["role"]?.kind ?? "none")
      }
      let isLast = index + 1 == conversation.messages.count
      let isContinued = isLast && conversation.continuedField != nil
      let content = words(message["content"])
      let shown = isContinued ? content : content.trimmingSpace
      if role == ChatMessage.system {
        text += shown + (isContinued ? "" : "\n\n")
      } else {
        text += name(of: role) + " " + shown + (isContinued ? "" : "\n")
      }
    }
    if conversation.addsGenerationPrompt { text += name(of: ChatMessage.assistant) }
    return text
  }

  /// The text of a message's content: a text, or the texts among its parts.
  private static func words(_ content: JSONValue?) -> String {
    content?.string ?? content?.array?.compactMap { $0["text"]?.string }.joined(separator: "\n") ?? ""
  }
}

extension String {
  /// Without white space at both ends.
  fileprivate var trimmingSpace: String {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

extension ChatRequest {
  /// Leaves out the oldest messages after the system message, up to the next one of the user. The newest message of
  /// the user and what follows it are kept.
  /// - Returns: the number of messages left out; 0 if there are none to leave out.
  fileprivate mutating func leaveOutOldestTurn() -> Int {
    let isUser = { (message: JSONValue) in message["role"]?.string == ChatMessage.user }
    let head = messages.prefix { ["system", "developer"].contains($0["role"]?.string ?? "") }.count
    guard let next = messages.indices.dropFirst(head + 1).first(where: { isUser(messages[$0]) }) else { return 0 }
    messages.removeSubrange(head..<next)
    return next - head
  }
}

extension EngineError {
  /// The error for a conversation that the template cannot render.
  fileprivate init(_ error: TemplateError, _ request: ChatTextRequest) {
    let template = request.template == nil ? "the chat template of '\(request.model)'" : "the given chat template"
    switch error.kind {
    case .request:
      self.init(.input, error, at: request.place)
    case .raised:
      self.init(
        .input, "the chat template refuses the conversation", at: request.place,
        expected: "one that \(template) takes", found: "its message '\(error.what)'")
    case .syntax, .runtime, .limit:
      self.init(
        error.kind == .syntax ? .model : .input, error, at: template + (error.place.map { ", \($0)" } ?? ""))
    }
  }
}

extension ChatRequest {
  /// The conversation of a request.
  fileprivate init(_ request: ChatTextRequest) throws(EngineError) {
    func failure(_ expected: String, _ found: String) -> EngineError {
      EngineError(
        .input, "not a conversation", at: request.place, expected: expected, found: found,
        hint: #"write a list such as [{"role": "user", "content": "Hello"}]"#)
    }
    let text: String
    switch request.conversation {
    case .json(let written): text = written
    case .messages(let messages, let continuesLast):
      self.init(
        messages: messages.map(JSONValue.init), addsGenerationPrompt: request.addsGenerationPrompt ?? !continuesLast,
        continuedField: continuesLast ? "content" : nil, templateName: request.templateName)
      return
    }
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: Array(text.utf8))
    } catch {
      throw EngineError(
        .input, error.facts.what, at: [request.place, error.facts.place].compactMap(\.self).joined(separator: ", "),
        expected: error.facts.expected, found: error.facts.found, hint: error.hint)
    }
    if let messages = json.array {
      self.init(messages: messages)
    } else if var members = json.object {
      guard let messages = members["messages"]?.array else {
        throw failure("a list under 'messages'", members["messages"]?.kind ?? "none")
      }
      self.init(messages: messages, tools: members["tools"], documents: members["documents"])
      if let value = members["add_generation_prompt"], !value.isNull {
        guard let flag = value.bool else { throw failure("true or false for 'add_generation_prompt'", value.kind) }
        addsGenerationPrompt = flag
      }
      if let value = members["continue_final_message"], !value.isNull {
        guard let field = value.bool.map({ $0 ? "content" : "" }) ?? value.string else {
          throw failure("true, false or a member's name for 'continue_final_message'", value.kind)
        }
        continuedField = field.isEmpty ? nil : field
        // If the last message is to be continued, the template must not start a new one.
        if continuedField != nil, members["add_generation_prompt"] == nil { addsGenerationPrompt = false }
      }
      for name in ["messages", "tools", "documents", "add_generation_prompt", "continue_final_message"] {
        members[name] = nil
      }
      variables = members
    } else {
      throw failure("a list of messages, or an object with one under 'messages'", json.kind)
    }
    if tools?.isNull == true { tools = nil }
    if documents?.isNull == true { documents = nil }
    if let wanted = request.addsGenerationPrompt { addsGenerationPrompt = wanted }
    templateName = request.templateName
  }
}

extension JSONValue {
  /// A message as templates read it.
  fileprivate init(_ message: ChatMessage) {
    var object: JSONObject = ["role": JSONValue(message.role), "content": JSONValue(message.content)]
    object["reasoning_content"] = message.reasoning.map { JSONValue($0) }
    self = .object(object)
  }
}
