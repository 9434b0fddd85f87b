import EngineAPI
import Generation

/// Beam search, a step at a time: between two steps the engine's other requests have their turn.
extension LocalEngine: BeamSearching {
  /// Beam search over a context.
  public func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult {
    let loaded = try await model(of: request.context)
    let watch = StopWatch()
    let ids = try loaded.decoderIDs(request.context.ids)
    let sequence = try loaded.sequence(sharing: ids, source: request.context.encoderIDs)
    let cached = min(sequence.ids.count, ids.count)
    do {
      let cancellation = Cancellation { Task.isCancelled }
      let search = try BeamOptions(request, loaded, watch).search(
        sequence: sequence, ids: ids, promptCount: ids.count, decoder: loaded.tokenizer.makeStreamingDecoder(),
        cancellation)
      loaded.memory.keep(sequence, isRunning: false)
      let promptSeconds = watch.seconds
      while !search.isFinished, !Task.isCancelled {
        do throws(GenerationError) {
          try search.step(cancellation)
        } catch {
          // What was found before the step counts.
          guard case .cancelled = error else { throw error }
          break
        }
        progress(search.made)
        await Task.yield()
      }
      let hypotheses = search.hypotheses(request.returned)
      guard !Task.isCancelled || !hypotheses.isEmpty else { throw EngineError.cancelled }
      let timing = GenerationTiming(
        promptSeconds: promptSeconds, generateSeconds: watch.seconds - promptSeconds,
        promptTokens: ids.count - cached, tokens: search.made)
      return BeamResult(completions: hypotheses.map { Completion($0, loaded.token) }, timing: timing)
    } catch {
      throw EngineError(any: error)
    }
  }
}

extension Completion {
  fileprivate init(_ hypothesis: BeamHypothesis, _ token: (Int) -> TokenValue) {
    self.init(
      text: hypothesis.text, tokens: hypothesis.tokens.map { ScoredToken($0, token) },
      finishReason: FinishReason(hypothesis.end), score: hypothesis.score)
  }
}

extension BeamOptions {
  init(_ request: BeamRequest, _ loaded: LoadedModel, _ watch: StopWatch) {
    let stopping: Stopping =
      switch request.earlyStopping {
      case .always: .always
      case .heuristic: .heuristic
      case .never: .never
      }
    self.init(
      beams: request.beams, maxTokens: request.maxTokens, lengthPenalty: request.lengthPenalty, stopping: stopping,
      settings: request.settings,
      endOfTextIDs: request.ignoresEndOfText ? [] : loaded.information.endOfTextIDs,
      stopStrings: request.stopStrings, topCount: request.topCount, constraints: loaded.generation.constraints)
    seed = request.seed
    groups = request.groups
    diversityPenalty = request.diversityPenalty
    sequenceBreakers = loaded.sequenceBreakers(request.settings)
    padID = loaded.generation.padTokenID
    timeLimit = TimeLimit(request.maxSeconds, watch)
  }
}

extension TimeLimit {
  /// A limit on a watch that runs; `nil` where there is none.
  init?(_ seconds: Double?, _ watch: StopWatch) {
    guard let seconds else { return nil }
    self.init(seconds: seconds) { watch.seconds }
  }
}
