/// The role of engines that know the chat templates of their models.
public protocol ChatRendering: Engine {
  /// A conversation as text, as the model's chat template writes it.
  ///
  /// The text contains the special tokens, so it is tokenized without adding any.
  /// - Throws: an error of kind `.input` if the conversation is malformed or the template refuses it, and of kind
  ///   `.model` if the model has no template.
  func chatText(_ request: ChatTextRequest) async throws(EngineError) -> String
}

/// A conversation to be written as a model's chat template writes it.
public struct ChatTextRequest: Sendable, Hashable {
  /// The model whose template and special tokens are used.
  public var model: ModelReference
  /// JSON: an array of messages, or an object with `messages` and, as for `apply_chat_template` of transformers,
  /// `tools`, `documents`, `add_generation_prompt`, `continue_final_message` and further variables for the template.
  public var conversation: String
  /// Where the conversation comes from, for errors.
  public var place: String
  /// Whether the text ends with the start of the model's answer. `nil`: as `add_generation_prompt` in the conversation
  /// says; true if it is missing.
  public var addsGenerationPrompt: Bool?
  /// A template in place of the model's own.
  public var template: String?
  /// The name of one of the model's templates. `nil` means `tool_use` if there are tools and the model has this
  /// template, otherwise `default`.
  public var templateName: String?
  /// The local time that templates may write, in seconds since 1970-01-01 00:00:00 of the same time zone.
  public var localSeconds: Int

  /// A request with these values.
  public init(
    model: ModelReference, conversation: String, place: String = "the conversation",
    addsGenerationPrompt: Bool? = nil, template: String? = nil, templateName: String? = nil, localSeconds: Int
  ) {
    self.model = model
    self.conversation = conversation
    self.place = place
    self.addsGenerationPrompt = addsGenerationPrompt
    self.template = template
    self.templateName = templateName
    self.localSeconds = localSeconds
  }
}
