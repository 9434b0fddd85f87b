import EngineAPI
import Sessions

extension AsyncStream<TokenEvent> {
  /// Reads the tokens of one text to its end, for commands that write and keep a text as it grows.
  ///
  /// A stream that ends without a `finished` event was interrupted: its tokens so far count, and its times are those
  /// measured here.
  /// - Parameters:
  ///   - progress: shows how much of the prompt has been read.
  ///   - promptCount: the number of tokens of the prompt.
  ///   - start: when the stream was started.
  ///   - token: takes each token, with the text that became final with it.
  ///   - text: takes text without a token at the end: text that was held back.
  ///   - ended: takes how the text ended, also before an error is thrown.
  func completion(
    showing progress: ProgressLine, promptCount: Int, since start: ContinuousClock.Instant,
    token take: (ScoredToken, String) throws -> Void, text takeRest: (String) throws -> Void,
    ended: (Outcome) -> Void
  ) async throws -> (completion: Completion, timing: GenerationTiming) {
    var completion = Completion(text: "", tokens: [], finishReason: .interrupted)
    var ending: GenerationTiming?
    var (promptTokens, promptSeconds) = (0, Double?.none)
    let seconds = { (ContinuousClock.now - start) / .seconds(1) }
    for await event in self {
      switch event {
      case .prompt(let done, let total):
        promptTokens = done
        if done < total { progress.show("reading the prompt", Double(done) / Double(Swift.max(total, 1))) }
      case .token(let token, let text):
        if promptSeconds == nil { (promptTokens, promptSeconds) = (promptCount, seconds()) }
        completion.tokens.append(token)
        completion.text += text
        try take(token, text)
      case .finished(.failed(let error), _, let timing) where error.kind != .interrupted:
        ended(Outcome(.failed(error), timing: timing))
        throw error
      case .finished(let reason, let text, let timing):
        completion.text += text
        if case .failed = reason {} else { completion.finishReason = reason }
        ending = timing
        try takeRest(text)
      }
    }
    ended(Outcome(completion.finishReason, timing: ending))
    if let ending { return (completion, ending) }
    let whole = seconds()
    let measured = GenerationTiming(
      promptSeconds: promptSeconds ?? whole, generateSeconds: promptSeconds.map { whole - $0 } ?? 0,
      promptTokens: promptTokens, tokens: completion.tokens.count)
    return (completion, measured)
  }
}
