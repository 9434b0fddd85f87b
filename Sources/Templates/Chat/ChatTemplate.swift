import JSONText

/// A model's chat templates: what makes one text of a conversation.
///
/// A model has one template, or several with names, of which `default` is used, and `tool_use` where tools are given.
public struct ChatTemplate: Sendable {
  /// A template with its name.
  private struct Named: Sendable {
    let name: String
    let source: String
    let template: Result<Template, TemplateError>
  }

  private let templates: [Named]
  /// The special tokens that templates see: `bos_token`, `eos_token` and others, as strings.
  public var specialTokens: JSONObject

  /// The name of the template that is used where no other is asked for.
  public static let defaultName = "default"

  /// A template without others.
  /// - Throws: where the text is no template.
  public init(_ source: String, specialTokens: JSONObject = JSONObject()) throws(TemplateError) {
    self.init([(Self.defaultName, source)], specialTokens: specialTokens)
    try check()
  }

  /// Templates with their names. One that cannot be read is an error when it is used.
  public init(_ sources: [(name: String, source: String)], specialTokens: JSONObject = JSONObject()) {
    templates = sources.map { (name, source) in
      do throws(TemplateError) {
        return Named(name: name, source: source, template: .success(try Template(source)))
      } catch {
        return Named(name: name, source: source, template: .failure(error))
      }
    }
    self.specialTokens = specialTokens
  }

  /// Throws the error of a template that cannot be read.
  func check() throws(TemplateError) {
    for template in templates { _ = try template.template.get() }
  }

  /// The names of the templates.
  public var names: [String] { templates.map(\.name) }

  /// The text of a template: the one of this name, or the one that a request without name and tools takes.
  public func source(named name: String? = nil) throws(TemplateError) -> String {
    try template(named: name, forTools: false).source
  }

  private func template(named name: String?, forTools: Bool) throws(TemplateError) -> Named {
    let wanted = name ?? (forTools && names.contains("tool_use") ? "tool_use" : Self.defaultName)
    if let found = templates.first(where: { $0.name == wanted }) { return found }
    throw TemplateError(
      .request, "no chat template of this name", expected: names.map { "'\($0)'" }.joined(separator: ", "),
      found: "'\(wanted)'", hint: "name one of the model's templates")
  }

  /// The text of a conversation.
  /// - Parameters:
  ///   - request: the conversation, and what else the template gets.
  ///   - time: the local time that templates may write.
  ///   - limits: what the rendering may use.
  /// - Throws: an error of kind `request` where the request contradicts itself, else those of ``Template``.
  public func render(
    _ request: ChatRequest, at time: TemplateTime, limits: TemplateLimits = TemplateLimits()
  ) throws(TemplateError) -> RenderedTemplate {
    let named = try template(named: request.templateName, forTools: request.tools != nil)
    var messages = try request.normalizedMessages()
    let continuation = try Continuation(request, &messages, source: named.source)
    var context = specialTokens
    for (name, value) in request.variables.members { context.setValue(value, forKey: name) }
    context["messages"] = .array(messages.map(JSONValue.object))
    context["tools"] = request.tools ?? .null
    context["documents"] = request.documents ?? .null
    context["add_generation_prompt"] = .bool(request.addsGenerationPrompt)
    var rendered = try named.template.get().render(context, at: time, limits: limits)
    if let continuation { try continuation.cut(&rendered) }
    return rendered
  }
}

/// A conversation, and what else a chat template gets.
public struct ChatRequest: Sendable, Equatable {
  /// The messages: objects with `role`, `content`, and perhaps `tool_calls`, `reasoning_content` and others. Members
  /// that are `null` count as missing.
  public var messages: [JSONValue]
  /// The tools that the model may call, as an array of JSON schemas.
  public var tools: JSONValue?
  /// Documents to answer from: an array of objects with `title` and `text`.
  public var documents: JSONValue?
  /// Whether the text ends with what begins the model's answer.
  public var addsGenerationPrompt: Bool
  /// The member of the last message that the model is to continue, usually `content`; `nil` if it is to answer.
  public var continuedField: String?
  /// Further variables for the template, such as `enable_thinking`.
  public var variables: JSONObject
  /// The name of the template; `nil` for the one that fits.
  public var templateName: String?

  /// A request of these parts.
  public init(
    messages: [JSONValue], tools: JSONValue? = nil, documents: JSONValue? = nil, addsGenerationPrompt: Bool = true,
    continuedField: String? = nil, variables: JSONObject = JSONObject(), templateName: String? = nil
  ) {
    self.messages = messages
    self.tools = tools
    self.documents = documents
    self.addsGenerationPrompt = addsGenerationPrompt
    self.continuedField = continuedField
    self.variables = variables
    self.templateName = templateName
  }

  /// The names that a message's reasoning has; the first one is what most templates read.
  static let reasoningFields = ["reasoning_content", "thinking", "reasoning"]

  /// The messages without members that are `null`, and with reasoning under the names that templates read.
  func normalizedMessages() throws(TemplateError) -> [JSONObject] {
    guard !messages.isEmpty else {
      throw TemplateError(.request, "a conversation without messages", expected: "one message or more", found: "none")
    }
    var normalized: [JSONObject] = []
    for message in messages {
      guard let members = message.object?.members else {
        throw TemplateError(.request, "a message of another kind", expected: "an object", found: message.kind)
      }
      var object = JSONObject(members.filter { !$0.value.isNull })
      if let reasoning = Self.reasoningFields.lazy.compactMap({ object[$0] }).first {
        if object["thinking"] == nil {
          object = JSONObject([(ByteString("thinking"), reasoning)] + object.members.map { ($0.key, $0.value) })
        }
        object["reasoning_content"] = reasoning
      }
      normalized.append(object)
    }
    return normalized
  }
}
