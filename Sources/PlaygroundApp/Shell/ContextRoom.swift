import EngineAPI
import TerminalUI

extension PlaygroundState {
  /// Why so many tokens are too many for a model, if they are: a causal model needs room for one more.
  func overflow(_ count: Int, of model: ModelReference) -> EngineError? {
    guard let information = information(model), let limit = information.contextLength else { return nil }
    let isCausal = information.family == .causal
    guard isCausal ? count >= limit : count > limit else { return nil }
    let expected = (isCausal ? "fewer than " : "at most ") + NumberText.grouped(limit) + " tokens"
    return EngineError(
      .input, count == limit ? "the prompt fills the context" : "the prompt is too long", at: label(model),
      expected: expected, found: NumberText.grouped(count) + " tokens",
      hint: "shorten the prompt; nothing was changed")
  }

  /// Why the open tab's prompt is too long, as far as its tokens are known.
  var promptOverflow: EngineError? {
    guard let question = tokenQuestion, prompt.answers(question) else { return nil }
    return overflow(prompt.tokens.count, of: leadingModel)
  }
}
