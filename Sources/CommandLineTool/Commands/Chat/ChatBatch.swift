import EngineAPI
import JSONText

/// A conversation in a line of a file.
struct ConversationLine: BatchItem {
  /// The number of the line, from 1.
  let line: Int
  /// The conversation.
  let conversation: ConversationFile

  /// The line's `id`, and digits that tell its conversation from others.
  var head: JSONObject {
    var head = JSONObject()
    if let id = conversation.object["id"] { head["id"] = id }
    head["conversation"] = .text(conversation.object.fingerprint)
    return head
  }
}

/// A batch of conversations: `generate --chat`.
typealias ConversationBatch = Batch<ConversationLine>

extension ConversationBatch {
  /// Reads the conversations of a file, or of standard input for `-`, and the earlier answers. Every line is checked
  /// before the first answer.
  init(_ file: String, _ options: BatchOptions, in run: CommandRun) async throws {
    let text = try await TextInput(context: run.context).read(nil, file: file, what: "conversation")
    let place = file == "-" ? "standard input" : file
    var lines: [ConversationLine] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where line.contains(where: { !$0.isWhitespace }) {
      let conversation = try ConversationFile(String(line), place: "\(place) line \(index + 1)")
      lines.append(ConversationLine(line: index + 1, conversation: conversation))
    }
    guard !lines.isEmpty else {
      throw EngineError(
        .input, "no conversations", at: place, expected: "a conversation in each line", found: "none",
        hint: #"write a line such as [{"role": "user", "content": "Hello"}]"#)
    }
    try self.init(lines, "conversations", options, in: run)
  }
}

extension ChatAnswerer {
  /// An answer in a batch: the message, and how it was made; its tokens if JSON was asked for.
  func json(_ answer: Answer, _ prompt: ChatPrompt) -> JSONObject {
    let logprobs = answer.completion.tokens.map(\.logprob)
    let total = logprobs.contains(nil) ? nil : logprobs.reduce(0) { $0 + ($1 ?? 0) }
    var object: JSONObject = [
      "message": .object(message(answer, prompt.reading).json),
      "finish_reason": .text(answer.completion.finishReason.name), "prompt_tokens": .integer(prompt.tokens.count),
      "tokens": .integer(answer.completion.tokens.count), "logprob": .number(total),
    ]
    if form != .text { object["completions"] = .objects([answer.completion.json(tokens: true)]) }
    return object
  }
}
