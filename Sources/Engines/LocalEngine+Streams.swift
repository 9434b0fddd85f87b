import EngineAPI
import Generation
import Models
import Sampling
import Synchronization
import Tensors

/// Streams. One loop advances all streams step by step. The streams of one model are advanced together, as one batch;
/// models take turns.
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

  /// Advances the streams until all have ended. Between steps the engine serves other requests.
  private func pump() async {
    isPumping = true
    while !streams.isEmpty {
      for job in streams where job.leaving.isSet {
        if let event = job.stream.interrupt() { job.send(event) }
      }
      for batch in batches() { step(batch) }
      streams.removeAll(where: \.isFinished)
      await Task.yield()
    }
    isPumping = false
    releaseUnusedMemory()
  }

  /// The unfinished streams, grouped by model.
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
        for event in events { job.send(event) }
      }
    } catch {
      for job in batch {
        if let event = job.stream.fail(error) { job.send(event) }
      }
    }
  }
}

extension LoadedModel {
  /// Creates the stream of a request. It continues a sequence that has been read before, if there is one.
  fileprivate func stream(
    _ request: GenerationRequest, draft: (any CausalModel)?
  ) throws(EngineError) -> TokenStream {
    let context = request.context
    let ids = try decoderIDs(context.ids)
    let added = ids.count - context.ids.count
    let sequence = try sequence(sharing: ids, source: route(of: context).source)
    var request = request
    if request.promptChunk <= 0 { request.promptChunk = ReadSequence.promptChunk }
    let options = decoding(request, request.text, StopWatch())
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

extension LoadedModel {
  /// A request with the facts about the model that decoding needs, and a clock.
  func decoding<Request: Sendable>(
    _ request: Request, _ text: TextRequest, _ watch: StopWatch
  ) -> Decoding<Request> {
    let tokenizer = tokenizer
    let ends = information.endOfTextIDs
    return Decoding(
      request, endOfTextIDs: text.ignoresEndOfText ? [] : ends + text.endIDs.filter { !ends.contains($0) },
      constraints: constraints(of: text.context), sequenceBreakers: sequenceBreakers(text.settings),
      padID: generation.padTokenID, clock: { watch.seconds },
      token: { TokenValue(id: $0, bytes: tokenizer.bytes(of: $0)) })
  }
}

/// A running stream with its listener.
final class StreamJob {
  /// Whether the listener has left. Set from any thread, read before each step.
  final class Leaving: Sendable {
    private let flag = Mutex(false)
    var isSet: Bool { flag.withLock { $0 } }
    func set() { flag.withLock { $0 = true } }
  }

  let model: LoadedModel
  let stream: TokenStream
  let leaving: Leaving
  private let listener: AsyncStream<TokenEvent>.Continuation
  private(set) var isFinished = false

  init(
    model: LoadedModel, stream: TokenStream, leaving: Leaving, listener: AsyncStream<TokenEvent>.Continuation
  ) {
    self.model = model
    self.stream = stream
    self.leaving = leaving
    self.listener = listener
  }

  /// Stops the stream before its next step.
  func stop() { leaving.set() }

  /// Sends an event to the listener.
  func send(_ event: TokenEvent) {
    guard !isFinished else { return }
    if case .finished = event {
      isFinished = true
      model.memory.settle(stream.sequence)
    }
    listener.yield(event)
    if isFinished { listener.finish() }
  }
}

/// Speculative decoding.
extension LocalEngine {
  /// The opened draft model of a request, if it names one.
  /// - Throws: `EngineError` if one of the models is not causal, or their vocabularies differ.
  func draftModel(
    of request: GenerationRequest, for loaded: LoadedModel
  ) async throws(EngineError) -> (any CausalModel)? {
    guard let reference = request.speculation.draft, request.speculation.isOn else { return nil }
    guard case .causal = loaded.model else { throw loaded.unfit("a causal model, to go with a draft model") }
    let draft = try await model(reference)
    guard case .causal(let model) = draft.model else { throw draft.unfit("a causal model as the draft") }
    if let difference = loaded.vocabularyDifference(from: draft) {
      throw EngineError(
        .usage, "the draft model has another vocabulary", at: "model '\(reference)'",
        expected: "the tokens of model '\(loaded.information.reference)'", found: difference,
        hint: "a draft model must have been trained with the same tokenizer")
    }
    return model
  }
}

extension LoadedModel {
  /// A description of the first difference between two models' vocabularies; `nil` if they are equal.
  fileprivate func vocabularyDifference(from other: LoadedModel) -> String? {
    guard path != other.path else { return nil }
    let (mine, theirs) = (model.base.facts.vocabularySize, other.model.base.facts.vocabularySize)
    guard mine == theirs else { return "\(theirs) tokens instead of \(mine)" }
    if agreesWith.contains(other.path) { return nil }
    if let id = (0..<mine).first(where: { tokenizer.bytes(of: $0) != other.tokenizer.bytes(of: $0) }) {
      return "another token \(id)"
    }
    agreesWith.insert(other.path)
    return nil
  }
}

extension Speculation {
  /// The drafter of a stream; `nil` if speculation is off.
  func drafter(_ draft: (any CausalModel)?, _ options: Decoding<GenerationRequest>) -> (any Drafter)? {
    guard isOn else { return nil }
    var drafters: [any Drafter] = []
    if looksUpPrompt { drafters.append(PromptLookup()) }
    if let draft { drafters.append(ModelDrafter(draft, options: options)) }
    return DrafterList(drafters)
  }
}
