import EngineAPI
import Generation
import Models
import Sampling

/// Streams: one loop drives all of them, step by step. The streams of one model take each step together, as one batch;
/// the models take turns.
extension LocalEngine: Generating {
  /// Starts a stream.
  public nonisolated func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent> {
    let (events, listener) = AsyncStream<TokenEvent>.makeStream()
    let leaving = StreamJob.Leaving()
    listener.onTermination = { reason in
      if case .cancelled = reason { leaving.set() }
    }
    Task { await begin(request, leaving: leaving, listener: listener) }
    return events
  }

  private func begin(
    _ request: GenerationRequest, leaving: StreamJob.Leaving, listener: AsyncStream<TokenEvent>.Continuation
  ) async {
    do throws(EngineError) {
      let loaded = try await model(of: request.context)
      let draft = try await draftModel(of: request, for: loaded)
      let stream = try loaded.stream(request, draft: draft)
      loaded.memory.keep(stream.sequence, isRunning: true)
      streams.append(StreamJob(model: loaded, stream: stream, leaving: leaving, listener: listener))
      if !isPumping { await pump() }
    } catch {
      let reason: FinishReason = error.kind == .interrupted ? .interrupted : .failed(error)
      listener.yield(.finished(reason, text: "", timing: GenerationTiming()))
      listener.finish()
    }
  }

  /// Steps until no stream is left. Between two steps everybody else who waits for the engine has a turn.
  private func pump() async {
    isPumping = true
    while !streams.isEmpty {
      for job in streams where job.leaving.isSet {
        if let event = job.stream.interrupt() { job.tell(event) }
      }
      for batch in batches() { step(batch) }
      streams.removeAll(where: \.isFinished)
      await Task.yield()
    }
    isPumping = false
  }

  /// The streams that go on, those of one model together.
  private func batches() -> [[StreamJob]] {
    var batches: [[StreamJob]] = []
    for job in streams where !job.isFinished {
      if let index = batches.firstIndex(where: { $0[0].model === job.model }) {
        batches[index].append(job)
      } else {
        batches.append([job])
      }
    }
    return batches
  }

  private func step(_ batch: [StreamJob]) {
    do throws(GenerationError) {
      for (job, events) in zip(batch, try TokenStream.step(batch.map(\.stream))) {
        for event in events { job.tell(event) }
      }
    } catch {
      for job in batch { job.finish(.failed(EngineError(error))) }
    }
  }
}

extension LoadedModel {
  /// A stream of a request, going on from what has been read before.
  fileprivate func stream(
    _ request: GenerationRequest, draft: (any CausalModel)?
  ) throws(EngineError) -> TokenStream {
    let context = request.context
    let ids = try decoderIDs(context.ids)
    let added = ids.count - context.ids.count
    let sequence = try sequence(sharing: ids, source: context.encoderIDs)
    let options = StreamOptions(request, self)
    do throws(GenerationError) {
      return try TokenStream(
        sequence: sequence, ids: ids, promptCount: request.promptCount + added,
        decoder: tokenizer.makeStreamingDecoder(), options: options,
        drafter: request.speculation.drafter(draft, options))
    } catch {
      throw EngineError(error)
    }
  }
}

extension StreamOptions {
  fileprivate init(_ request: GenerationRequest, _ loaded: LoadedModel) {
    self.init(
      settings: request.settings, maxTokens: request.maxTokens, seed: request.seed, sequence: request.sequence,
      endOfTextIDs: request.ignoresEndOfText ? [] : loaded.information.endOfTextIDs, stopStrings: request.stopStrings,
      topCount: request.topCount,
      promptChunk: request.promptChunk > 0 ? request.promptChunk : LocalEngine.promptChunk,
      mostGuesses: request.speculation.most, constraints: loaded.generation.constraints)
    timeLimit = TimeLimit(request.maxSeconds, StopWatch())
    sequenceBreakers = loaded.sequenceBreakers(request.settings)
  }
}
