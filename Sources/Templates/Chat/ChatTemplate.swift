import JSONText

/// A model's chat templates, which turn a conversation into one text.
///
/// A model has one template, or several named ones: `default`, and `tool_use` for requests with tools.
public struct ChatTemplate: Sendable {
  /// A template with its name.
  private struct Named: Sendable {
    let name: String
    let source: String
    let template: Result<Template, TemplateError>
  }

  private let templates: [Named]
  /// The special tokens that templates can use: `bos_token`, `eos_token` and others, as strings.
  public var specialTokens: JSONObject

  /// The name of the template that is used by default.
  public static let defaultName = "default"

  /// A single template.
  /// - Throws: if the text is not a valid template.
  public init(_ source: String, specialTokens: JSONObject = JSONObject()) throws(TemplateError) {
    self.init([(Self.defaultName, source)], specialTokens: specialTokens)
    try check()
  }

  /// Several templates with their names. A template that does not parse causes an error only when it is used.
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

  /// Throws if a template does not parse.
  func check() throws(TemplateError) {
    for template in templates { _ = try template.template.get() }
  }

  /// The names of the templates.
  public var names: [String] { templates.map(\.name) }

  /// The source of a template: the one with this name, or the one used for requests without name and tools.
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

  /// Renders a conversation.
  /// - Parameters:
  ///   - request: the conversation and further inputs of the template.
  ///   - time: the local time, for templates that output it.
  ///   - limits: the resource limits of the rendering.
  /// - Throws: an error of kind `request` if the request is inconsistent, otherwise the errors of ``Template``.
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

/// A conversation and the other inputs of a chat template.
public struct ChatRequest: Sendable, Equatable {
  /// The messages: objects with `role` and `content`, and optionally `tool_calls`, `reasoning_content` and others.
  /// Members that are `null` count as missing.
  public var messages: [JSONValue]
  /// The tools that the model may call, as an array of JSON schemas.
  public var tools: JSONValue?
  /// Documents for retrieval: an array of objects with `title` and `text`.
  public var documents: JSONValue?
  /// Whether the text ends with the start of the model's answer.
  public var addsGenerationPrompt: Bool
  /// The member of the last message that the model continues, usually `content`; `nil` if the model starts an answer.
  public var continuedField: String?
  /// Further variables for the template, such as `enable_thinking`.
  public var variables: JSONObject
  /// The name of the template; `nil` to choose it by the request.
  public var templateName: String?

  /// A request with these values.
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

  /// The names under which a message's reasoning can be stored. Most templates read the first one.
  static let reasoningFields = ["reasoning_content", "thinking", "reasoning"]

  /// The messages without `null` members, and with their reasoning under all names that templates read.
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
