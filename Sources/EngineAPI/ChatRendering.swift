/// The role of engines that know the chat templates of their models.
public protocol ChatRendering: Engine {
  /// A conversation as text, as the model's chat template writes it.
  ///
  /// The text contains the special tokens, so it is tokenized without adding any.
  /// - Throws: an error of kind `.input` if the conversation is malformed or the template refuses it, and of kind
  ///   `.model` if the model has no template.
  func chatText(_ request: ChatTextRequest) async throws(EngineError) -> String

  /// A conversation as the model reads it: its text, its tokens, and what ends the answer.
  ///
  /// A model without a template gets a plain transcript with `User:` and `Assistant:` before the messages. If the
  /// request limits the tokens, the oldest messages are left out until the rest fits.
  /// - Throws: as ``chatText(_:)``, but not for a missing template.
  func chatPrompt(_ request: ChatTextRequest) async throws(EngineError) -> ChatPrompt
}

/// A message of a conversation.
public struct ChatMessage: Sendable, Hashable {
  /// Who speaks: `system`, `user` or `assistant`; templates may know further roles.
  public var role: String
  /// What is said.
  public var content: String
  /// What the model wrote between its marks of reasoning; `nil` if it has none.
  public var reasoning: String?

  /// A message.
  public init(_ role: String, _ content: String, reasoning: String? = nil) {
    self.role = role
    self.content = content
    self.reasoning = reasoning
  }

  /// The roles that dialogues consist of.
  public static let (system, user, assistant) = ("system", "user", "assistant")
}

/// A conversation in one of two forms.
public enum ChatConversation: Sendable, Hashable {
  /// JSON: an array of messages, or an object with `messages` and, as for `apply_chat_template` of transformers,
  /// `tools`, `documents`, `add_generation_prompt`, `continue_final_message` and further variables for the template.
  case json(String)
  /// Messages. If the last one is to be continued, the prompt ends with its text instead of the start of an answer.
  case messages([ChatMessage], continuesLast: Bool)
}

/// A conversation to be written as a model's chat template writes it.
public struct ChatTextRequest: Sendable, Hashable {
  /// The model whose template and special tokens are used.
  public var model: ModelReference
  /// The conversation.
  public var conversation: ChatConversation
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
  /// If a prompt has more tokens than this, its oldest messages are left out; `nil` to keep all. The system message and
  /// the newest message are kept even if they are longer.
  public var mostTokens: Int?
  /// The beginning of the answer: it follows what the template writes before an answer, special tokens as they are
  /// written. Not used by ``ChatRendering/chatText(_:)``.
  public var answerStart = ""

  /// A request for a conversation in JSON.
  public init(
    model: ModelReference, conversation: String, place: String = "the conversation",
    addsGenerationPrompt: Bool? = nil, template: String? = nil, templateName: String? = nil, localSeconds: Int
  ) {
    self.model = model
    self.conversation = .json(conversation)
    self.place = place
    self.addsGenerationPrompt = addsGenerationPrompt
    self.template = template
    self.templateName = templateName
    self.localSeconds = localSeconds
  }

  /// A request for messages.
  public init(model: ModelReference, messages: [ChatMessage], continuesLast: Bool = false, localSeconds: Int) {
    self.init(model: model, conversation: "", place: "the dialogue", localSeconds: localSeconds)
    conversation = .messages(messages, continuesLast: continuesLast)
  }
}

/// A conversation as a model reads it.
public struct ChatPrompt: Sendable, Hashable {
  /// The text, as the template writes it.
  public var text: String
  /// The tokens of the text. The ids of the context are exactly these.
  public var tokens: [TokenSpan]
  /// The ids that end a turn by the template, such as that of `<|im_end|>`. The model's own end-of-text ids may lack
  /// them.
  public var endIDs: [Int] = []
  /// The texts that end an answer: the next speaker's name in a transcript.
  public var stopStrings: [String] = []
  /// How the text of an answer is read from its tokens.
  public var reading = AnswerReading()
  /// Whether the model has no template, so that the text is a transcript.
  public var isTranscript = false
  /// The number of messages that were left out.
  public var omitted = 0

  /// A notice that the oldest messages were left out; `nil` if none was.
  public var omissionNotice: String? {
    switch omitted {
    case 0: nil
    case 1: "the oldest message is left out"
    default: "the oldest \(omitted) messages are left out"
    }
  }

  /// A prompt of these tokens.
  public init(text: String, tokens: [TokenSpan]) {
    self.text = text
    self.tokens = tokens
  }

  /// The ids of the tokens.
  public var ids: [Int] { tokens.map(\.token.id) }
}

/// How the text of an answer is read from its tokens.
public struct AnswerReading: Sendable, Hashable {
  /// The ids that the text does not show: special tokens other than marks of reasoning.
  public var hiddenIDs: Set<Int> = []
  /// Whether a space at the beginning is no part of the text, because decoding drops it.
  public var dropsLeadingSpace = false
  /// The marks whose reasoning the prompt begins; `nil` if it begins none.
  public var opened: ReasoningMarks?

  /// Shows every token.
  public init() {}
}

extension EngineError {
  /// The error for a dialogue that leaves no room for an answer.
  public static func fullContext(_ model: ModelReference, at place: String, limit: Int, found: Int) -> EngineError {
    EngineError(
      .input, "the context is full", at: place, expected: "at most \(limit - 1) of the \(limit) tokens of '\(model)'",
      found: "\(found)", hint: "leave out the oldest turns, undo some, or take a model with a longer context",
      settings: [.dropOldest])
  }
}
