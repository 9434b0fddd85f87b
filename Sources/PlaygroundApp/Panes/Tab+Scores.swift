import EngineAPI

extension Tab {
  /// Asks how probable the prompt's tokens are, once these are known and where they fit into the context; stops the
  /// work for a text that is no longer there.
  mutating func askScores(_ shell: inout Shell) -> [Effect] {
    let question = shell.colorsPrompt ? answeredQuestion(shell) : nil
    guard let question, prompt.scores.asked != question else {
      guard prompt.scores.isAwaited, question == nil else { return [] }
      prompt.scores.forget()
      return [.cancel(.scores(Self.id))]
    }
    let wasAwaited = prompt.scores.isAwaited
    let information = shell.information(question.model)
    guard information?.family == .causal, prompt.tokens.count > 1, tooLong(shell) == nil,
      information?.contextLength != nil || prompt.tokens.count <= PromptScores.mostTokens
    else {
      prompt.scores.forget()
      return wasAwaited ? [.cancel(.scores(Self.id))] : []
    }
    let version = shell.nextVersion()
    prompt.scores.ask(question, version: version)
    let context = ModelContext(model: question.model, ids: prompt.ids)
    return [.score(Ticket(.scores(Self.id), version: version), ScoreRequest(context: context))]
  }
}
