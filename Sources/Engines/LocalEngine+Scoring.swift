import EngineAPI
import Generation
import Models

/// Given text under a model, token by token.
extension LocalEngine: Scoring {
  /// The tokens of a text under the model, one for each of the context's ids.
  public func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken] {
    let loaded = try await model(of: request.context)
    let cancellation = Cancellation { Task.isCancelled }
    let ids = request.context.ids
    do throws(GenerationError) {
      let scored =
        switch loaded.model {
        case .causal(let model):
          try CausalScorer(model, topCount: request.topCount)
            .score(ids, stride: request.stride, cancellation, progress: progress)
        case .masked(let model):
          // Special tokens stand for no text: they are seen, not scored.
          try MaskedScorer(model, maskID: loaded.maskID, topCount: request.topCount)
            .score(ids, where: { !loaded.tokenizer.isSpecial(ids[$0]) }, cancellation, progress: progress)
        case .seq2seq(let model):
          try TargetScorer(model, startID: loaded.startID, topCount: request.topCount)
            .score(ids, source: request.context.encoderIDs ?? [], cancellation, progress: progress)
        }
      return scored.map { ScoredToken($0, loaded.token) }
    } catch {
      throw EngineError(error)
    }
  }
}

extension ScoredToken {
  fileprivate init(_ scored: ScoredID, _ token: (Int) -> TokenValue) {
    let prediction = scored.prediction
    self.init(
      token: token(scored.id), logprob: prediction?.logprob, rank: prediction?.rank, entropy: prediction?.entropy,
      top: prediction?.top.map { RankedToken($0, token) } ?? [])
  }
}
