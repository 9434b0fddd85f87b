import EngineAPI
import Foundation
import JSONText
import Models
import Templates
import Tokenizers

/// Chat templates. Like tokenizers, they need neither the engine's queue nor a model's weights.
extension LocalEngine: ChatRendering {
  /// A conversation as text, as the model's chat template writes it.
  public nonisolated func chatText(_ request: ChatTextRequest) async throws(EngineError) -> String {
    let path = try catalog.resolve(request.model).path
    let files = try ChatFiles(path: path, tokenizer: try tokenizers.tokenizer(path: path))
    let conversation = try ChatRequest(request)
    let templates: ChatTemplate?
    do throws(TemplateError) {
      templates =
        if let source = request.template {
          try ChatTemplate(source, specialTokens: files.specialTokens)
        } else { try files.templates() }
    } catch {
      throw EngineError(error, request)
    }
    guard let templates else {
      throw EngineError(
        .model, "no chat template", at: "model '\(request.model)'",
        expected: "\(ChatTemplate.fileName), or chat_template in \(ChatFiles.configurationName)", found: "neither",
        hint: "use a model that was trained for chats, or give a template", settings: [.chatTemplate])
    }
    if let name = request.templateName, !templates.names.contains(name) {
      throw EngineError(
        .usage, "no chat template of this name", at: "model '\(request.model)'",
        expected: templates.names.map { "'\($0)'" }.joined(separator: " or "), found: "'\(name)'",
        hint: "name one of the model's templates", settings: [.chatTemplateName])
    }
    do throws(TemplateError) {
      return try templates.render(conversation, at: TemplateTime(secondsSince1970: request.localSeconds)).text
    } catch {
      throw EngineError(error, request)
    }
  }
}

extension EngineError {
  /// The error for a conversation that the template cannot render.
  fileprivate init(_ error: TemplateError, _ request: ChatTextRequest) {
    let template = request.template == nil ? "the chat template of '\(request.model)'" : "the given chat template"
    switch error.kind {
    case .request:
      self.init(
        .input, error.what, at: request.place, expected: error.expected, found: error.found, hint: error.hint)
    case .raised:
      self.init(
        .input, "the chat template refuses the conversation", at: request.place,
        expected: "one that \(template) takes", found: "its message '\(error.what)'")
    case .syntax, .runtime, .limit:
      self.init(
        error.kind == .syntax ? .model : .input, error.what,
        at: template + (error.place.map { ", \($0)" } ?? ""), expected: error.expected, found: error.found,
        hint: error.hint)
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
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue(parsing: Array(request.conversation.utf8))
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

/// The chat templates and special tokens of a model folder or GGUF file.
struct ChatFiles {
  /// The file with the special tokens, and with templates where they have no file of their own.
  static let configurationName = "tokenizer_config.json"
  /// The maximum size of a template, in bytes.
  private static let largestTemplate = 4 << 20

  private let file: String?
  private let named: [(name: String, source: String)]
  private let configuration: JSONValue?
  /// The special tokens that templates see, by their names in transformers.
  let specialTokens: JSONObject

  /// Reads the files at a path.
  /// - Parameter tokenizer: supplies the special tokens that the configuration does not name.
  init(path: String, tokenizer: Tokenizer) throws(EngineError) {
    do {
      if ModelSource.isFile(path) {
        let metadata = try ModelSource(path: path).tokenizerMetadata()
        let prefix = "tokenizer.chat_template"
        file = metadata?[prefix]?.string
        named = (metadata?.object?.members ?? []).compactMap { (key, value) in
          let key = key.description
          guard key.hasPrefix(prefix + "."), let source = value.string else { return nil }
          return (String(key.dropFirst(prefix.utf8.count + 1)), source)
        }
        configuration = nil
      } else {
        file = try Self.text("\(path)/\(ChatTemplate.fileName)")
        let folder = "\(path)/\(ChatTemplate.folderName)"
        var named: [(name: String, source: String)] = []
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        for name in names where name.hasSuffix(".jinja") {
          guard let source = try Self.text("\(folder)/\(name)") else { continue }
          named.append((String(name.dropLast(6)), source))
        }
        self.named = named
        let own = "\(path)/\(Self.configurationName)"
        configuration = FileBytes.exists(own) ? try JSONValue(contentsOfFile: own) : nil
      }
    } catch let error as EngineError {
      throw error
    } catch let error as JSONError {
      throw EngineError(.model, error)
    } catch {
      throw EngineError(any: error)
    }
    var tokens = ChatTemplate.specialTokens(in: configuration)
    for (name, token) in tokenizer.specialTokens.byName where tokens[name] == nil {
      tokens[name] = JSONValue(token.content)
    }
    specialTokens = tokens
  }

  /// The templates; `nil` if there are none.
  func templates() throws(TemplateError) -> ChatTemplate? {
    var templates = try ChatTemplate(file: file, named: named, configuration: configuration)
    templates?.specialTokens = specialTokens
    return templates
  }

  /// The text of a file; `nil` if there is none.
  private static func text(_ path: String) throws(EngineError) -> String? {
    guard FileBytes.exists(path) else { return nil }
    let bytes: [UInt8]
    do throws(JSONError) {
      bytes = try FileBytes.read(path, limit: largestTemplate)
    } catch {
      throw EngineError(.model, error)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw EngineError(.model, "the chat template is not UTF-8", at: path, expected: "UTF-8", found: "other bytes")
    }
    return text
  }
}
