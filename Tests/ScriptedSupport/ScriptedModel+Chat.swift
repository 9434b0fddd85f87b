import EngineAPI

/// Dialogues.
extension ScriptedModel {
  /// A conversation as the model reads it: `user: Hello<|end|>` for each message if it has a template, else a
  /// transcript. A conversation in JSON is its own prompt.
  public func chatPrompt(_ request: ChatTextRequest) throws(EngineError) -> ChatPrompt {
    var omitted = 0
    while true {
      let text = chatText(request, omitting: omitted) + request.answerStart
      var prompt = ChatPrompt(text: text, tokens: tokenize(text, addingSpecialTokens: false))
      let isTooLong = request.mostTokens.map { prompt.tokens.count > $0 } ?? false
      if isTooLong, case .messages(let messages, _) = request.conversation, omitted + 3 <= messages.count {
        omitted += 2
        continue
      }
      prompt.reading.hiddenIDs = [Self.endOfText]
      prompt.reading.dropsLeadingSpace = true
      prompt.isTranscript = !hasTemplate
      prompt.stopStrings = hasTemplate ? [] : ["User:"]
      prompt.omitted = omitted
      return prompt
    }
  }

  private func chatText(_ request: ChatTextRequest, omitting omitted: Int) -> String {
    switch request.conversation {
    case .json(let text): return request.template ?? text
    case .messages(let messages, let continuesLast):
      let kept = messages.prefix { $0.role == "system" } + messages.drop { $0.role == "system" }.dropFirst(omitted)
      var text = ""
      for (index, message) in kept.enumerated() {
        let isOpen = continuesLast && index + 1 == kept.count
        let name = hasTemplate ? message.role : message.role.prefix(1).uppercased() + message.role.dropFirst()
        text += "\(name): \(message.content)" + (isOpen ? "" : hasTemplate ? "<|end|>\n" : "\n")
      }
      return text + (continuesLast ? "" : hasTemplate ? "assistant:" : "Assistant:")
    }
  }
}
