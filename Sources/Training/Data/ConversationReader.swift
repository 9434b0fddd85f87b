import Corpora
import JSONText
import Templates
import Tokenizers

/// Makes token ids of conversations with a model's chat template, and finds the tokens that the assistant writes.
struct ConversationReader {
  private let template: ChatTemplate
  private let tokenizer: Tokenizer

  /// Templates may output the time. Examples must not depend on it.
  private static let time = TemplateTime(secondsSince1970: 0)

  /// Reads the template of a model's folder.
  /// - Returns: `nil` if the model has none.
  init?(folder: String, _ tokenizer: Tokenizer) throws(TrainingError) {
    let (own, configuration) = ("\(folder)/\(ChatTemplate.fileName)", "\(folder)/tokenizer_config.json")
    do {
      let file =
        FileBytes.exists(own) ? String(decoding: try FileBytes.read(own, limit: 4 << 20), as: UTF8.self) : nil
      let settings = FileBytes.exists(configuration) ? try JSONValue(contentsOfFile: configuration) : nil
      guard var template = try ChatTemplate(file: file, configuration: settings) else { return nil }
      var tokens = ChatTemplate.specialTokens(in: settings)
      for (name, token) in tokenizer.specialTokens.byName where tokens[name] == nil {
        tokens[name] = JSONValue(token.content)
      }
      template.specialTokens = tokens
      self.template = template
    } catch let error as JSONError {
      throw TrainingError(.model, error)
    } catch let error as TemplateError {
      throw TrainingError(.model, error, at: folder)
    } catch {
      throw TrainingError(.model, "can't read the chat template", at: folder)
    }
    self.tokenizer = tokenizer
  }

  /// The messages of a record: `messages`, or `conversations` with `from` and `value`; `nil` if it has neither.
  static func messages(_ row: CorpusRecord) -> [JSONValue]? {
    for column in ["messages", "conversations"] {
      if case .json(.array(let messages))? = row[column] { return messages.map(normalized) }
    }
    return nil
  }

  /// A message with `role` and `content`.
  static func normalized(_ message: JSONValue) -> JSONValue {
    guard message["role"] == nil, let from = message["from"]?.string, let value = message["value"] else {
      return message
    }
    let roles = ["human": "user", "gpt": "assistant", "model": "assistant"]
    return .object(["role": JSONValue(roles[from] ?? from), "content": value])
  }

  /// The ids of a conversation, and the positions of the assistant's tokens, its end of turn included.
  ///
  /// If the template marks the assistant's part (`generation` blocks), these ranges count. Otherwise a message counts
  /// from the beginning of an answer, as the template writes it, to the end of the message.
  /// - Throws: ``TrainingError`` if the template refuses the conversation, or does not write it message after message.
  func read(
    _ messages: [JSONValue], tools: JSONValue? = nil, at place: String
  ) throws(TrainingError) -> (ids: [Int], counted: [Int]) {
    let whole = try render(messages, tools, adds: false, place)
    let text = Array(whole.text.utf8)
    let ranges: [Range<Int>]
    if whole.generated.isEmpty {
      ranges = try answers(messages, text, tools, place)
    } else {
      ranges = Self.byteRanges(whole.generated, whole.text)
    }
    let encoding = tokenizer.encode(whole.text, addSpecialTokens: false)
    let counted = (0..<encoding.count).filter { index in
      ranges.contains { $0.overlaps(encoding.ranges[index]) }
    }
    return (encoding.ids, counted)
  }

  /// The ids of a prompt up to the beginning of an answer, and of an answer to it.
  func answer(
    _ prompt: [JSONValue], _ answer: [JSONValue], at place: String
  ) throws(TrainingError) -> (prompt: [Int], answer: [Int]) {
    let before = try render(prompt, nil, adds: true, place).text
    let whole = try render(prompt + answer, nil, adds: false, place).text
    guard whole.utf8.starts(with: before.utf8) else { throw Self.notInOrder(place) }
    let rest = String(decoding: Array(whole.utf8.dropFirst(before.utf8.count)), as: UTF8.self)
    return (
      tokenizer.encode(before, addSpecialTokens: false).ids, tokenizer.encode(rest, addSpecialTokens: false).ids
    )
  }

  private func render(
    _ messages: [JSONValue], _ tools: JSONValue?, adds: Bool, _ place: String
  ) throws(TrainingError) -> RenderedTemplate {
    do throws(TemplateError) {
      return try template.render(
        ChatRequest(messages: messages, tools: tools, addsGenerationPrompt: adds), at: Self.time)
    } catch {
      throw TrainingError(.data, error, at: place)
    }
  }

  /// The ranges of the assistant's messages, found by rendering the conversation up to each of them.
  private func answers(
    _ messages: [JSONValue], _ text: [UInt8], _ tools: JSONValue?, _ place: String
  ) throws(TrainingError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, message) in messages.enumerated() where message["role"]?.string == "assistant" {
      guard index > 0 else { throw Self.notInOrder(place) }
      let before = Array(try render(Array(messages[..<index]), tools, adds: true, place).text.utf8)
      let through = Array(try render(Array(messages[...index]), tools, adds: false, place).text.utf8)
      guard through.starts(with: before), text.starts(with: through) else { throw Self.notInOrder(place) }
      ranges.append(before.count..<through.count)
    }
    return ranges
  }

  private static func notInOrder(_ place: String) -> TrainingError {
    TrainingError(
      .data, "the assistant's part can't be found", at: place,
      expected: "a chat template that renders messages one after another, or has generation blocks",
      found: "a template that does neither", hint: "write the conversations as texts")
  }

  /// Ranges of code points as ranges of bytes.
  private static func byteRanges(_ ranges: [Range<Int>], _ text: String) -> [Range<Int>] {
    var starts: [Int] = []
    var next = 0
    for scalar in text.unicodeScalars {
      starts.append(next)
      next += String(scalar).utf8.count
    }
    starts.append(next)
    return ranges.map { starts[min($0.lowerBound, starts.count - 1)]..<starts[min($0.upperBound, starts.count - 1)] }
  }
}
