import EngineAPI

extension Tab {
  /// Requests the probabilities of the prompt's tokens once the tokens are known, if they fit into the context. Cancels
  /// a pending request for an older text.
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
