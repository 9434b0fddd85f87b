import EngineAPI
import JSONText
import Sessions

/// Answers the conversations of a file, a line each: `generate --chat`.
struct ChatBatch: Sendable {
  /// The number of answers that are generated together. They do not depend on it.
  private static let sideBySide = 8

  /// The conversations, with the numbers of their lines.
  private let conversations: [(line: Int, file: ConversationFile)]

  /// Reads a file, or standard input for `-`. Every line is checked before the first answer.
  init(_ file: String, in run: CommandRun) async throws {
    let text = try await TextInput(context: run.context).read(nil, file: file, what: "conversation")
    let place = file == "-" ? "standard input" : file
    var conversations: [(line: Int, file: ConversationFile)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where line.contains(where: { !$0.isWhitespace }) {
      try conversations.append((index + 1, ConversationFile(String(line), place: "\(place) line \(index + 1)")))
    }
    guard !conversations.isEmpty else {
      throw EngineError(
        .input, "no conversations", at: place, expected: "a conversation in each line", found: "none",
        hint: #"write a line such as [{"role": "user", "content": "Hello"}]"#)
    }
    self.conversations = conversations
  }

  /// Writes an answer for each conversation, in their order.
  func answer(_ answerer: ChatAnswerer) async throws -> Int32 {
    let model = answerer.open.reference
    var isTold = false
    var first = 0
    while first < conversations.count {
      let numbers = first..<min(first + Self.sideBySide, conversations.count)
      var starts: [(prompt: ChatPrompt, start: ChatAnswerer.Start)] = []
      for number in numbers {
        let file = conversations[number].file
        let prompt = try await answerer.prompt(answerer.request(file.conversation, at: file.place))
        if prompt.isTranscript, !isTold { answerer.noteTranscript() }
        isTold = true
        let place = answerer.tree.with { file.add(to: &$0, prompt, model) }
        starts.append((prompt, try answerer.start(prompt, at: place, seed: answerer.seed, sequence: number)))
      }
      let streams = starts.map { answerer.open.engine.generate($0.start.plan.request) }
      for (number, stream) in zip(numbers, streams) {
        let (prompt, start) = starts[number - first]
        var writer: AnswerWriter?
        let answer = try await answerer.follow(stream, start, &writer)
        try write(answer, conversations[number].line, prompt, answerer)
        if answer.report.isInterrupted { return EndSignal.interrupt.exitCode }
        answerer.run.console.progress.show("answering", Double(number + 1) / Double(conversations.count))
      }
      first = numbers.upperBound
    }
    answerer.run.console.progress.clear()
    return 0
  }

  private func write(
    _ answer: ChatAnswerer.Answer, _ line: Int, _ prompt: ChatPrompt, _ answerer: ChatAnswerer
  ) throws(CommandError) {
    let logprobs = answer.completion.tokens.map(\.logprob)
    let total = logprobs.contains(nil) ? nil : logprobs.reduce(0) { $0 + ($1 ?? 0) }
    try answerer.run.console.write([
      "schema": 1, "line": .integer(line), "message": .object(answerer.message(answer, prompt.reading).json),
      "finish_reason": .text(answer.completion.finishReason.name), "prompt_tokens": .integer(prompt.tokens.count),
      "tokens": .integer(answer.completion.tokens.count), "logprob": .number(total),
    ])
  }
}
