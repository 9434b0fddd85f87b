import Dispatch
import EngineAPI
import Generation
import Models
import Tensors
import Tokenizers

/// The engine that computes here: it owns the models, their caches and the streams, and runs on a queue of its own.
///
/// Decoding is a loop of steps (see `LocalEngine+Streams.swift`). Between two steps the actor's other requests are
/// served, so a distribution for the cursor or a stop never waits for a stream to end.
public actor LocalEngine: Engine, Computing {
  private let executor = EngineExecutor(label: "triptych.engine")
  let catalog: ModelCatalog
  let tokenizers = TokenizerStore()
  private var cacheFormat = CacheFormatName.f32

  private var open: [ModelReference: LoadedModel] = [:]
  private var opening: [ModelReference: ModelOpening] = [:]
  /// The streams that run; see `LocalEngine+Streams.swift`.
  var streams: [StreamJob] = []
  /// How many streams run at this moment.
  public var runningStreams: Int { streams.count }
  /// Whether the loop that drives the streams runs.
  var isPumping = false

  /// The engine's own queue.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// An engine that finds its models through `catalog`.
  public init(catalog: ModelCatalog) { self.catalog = catalog }

  /// The models that can be opened by name, read from their configurations and headers alone.
  public nonisolated func models() async -> [ModelSummary] {
    catalog.entries().compactMap { entry in
      do {
        return ModelSummary(
          name: entry.name, source: entry.source, try ModelDescription(folder: entry.folder))
      } catch {
        return nil
      }
    }
  }

  /// The family of a model, from its configuration alone.
  public nonisolated func family(of reference: ModelReference) throws(EngineError) -> ModelFamily? {
    Self.family(folder: try catalog.resolve(reference).folder)
  }

  /// Opens a model; calls for the same one share the work, and each hears of the progress.
  public func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation {
    try await model(reference, progress: progress).information
  }

  /// Gives back a model's memory; its streams are stopped first.
  public func unload(_ reference: ModelReference) {
    for stream in streams where stream.model.information.reference == reference { stream.stop() }
    if let model = open.removeValue(forKey: reference) { tokenizers.forget(folder: model.folder) }
  }

  /// How many threads compute; 0 means the physical cores.
  public func setThreads(_ count: Int) throws(EngineError) {
    guard count == 0 || Limits.threads.contains(count) else {
      throw EngineError(
        .usage, "bad number of threads", at: "-t/--threads", expected: "1 to \(Limits.threads.upperBound)",
        found: "\(count)")
    }
    ThreadTeam.setThreadCount(count)
  }

  /// What sequences keep their keys and values as, for the models that are opened from now on.
  public func setCacheFormat(_ format: CacheFormatName) { cacheFormat = format }

  /// The open model of a reference, opened if need be.
  func model(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws(EngineError) -> LoadedModel {
    if let known = open[reference] { return known }
    let opening: ModelOpening
    if let begun = self.opening[reference] {
      opening = begun
    } else {
      let entry = try catalog.resolve(reference)
      opening = ModelOpening(reference: reference, entry: entry, cache: cacheFormat, tokenizers: tokenizers)
      self.opening[reference] = opening
    }
    opening.listen(progress)
    do {
      let parts = try await opening.parts()
      self.opening[reference] = nil
      if let known = open[reference] { return known }
      let model = LoadedModel(parts)
      open[reference] = model
      return model
    } catch {
      self.opening[reference] = nil
      throw error
    }
  }

  /// The open model of a context, whose ids are all among the model's.
  func model(of context: ModelContext) async throws(EngineError) -> LoadedModel {
    let loaded = try await model(context.model)
    try loaded.check(context.encoderIDs ?? [], at: "the text", positions: true)
    try loaded.check(context.ids, at: "the text", positions: true)
    return loaded
  }

  /// The tokenizer of a reference: there before its model is.
  nonisolated func tokenizer(_ reference: ModelReference) throws(EngineError) -> Tokenizer {
    try tokenizers.tokenizer(folder: catalog.resolve(reference).folder)
  }
}

/// Runs an actor on a queue of its own, so that a forward pass never occupies a thread of the cooperative pool.
///
/// (`DispatchSerialQueue`, which could serve as an executor itself, does not exist on Linux.)
final class EngineExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// Reading a text into a decoder, with all that the memory of texts saves.
extension LocalEngine {
  /// Tokens of a prompt that run before other requests get their turn. The results do not depend on it.
  static let promptChunk = 256

  /// A text that begins with `ids`, all of which have been read: for looking at.
  func sequence(
    reading ids: [Int], source: [Int]?, of loaded: LoadedModel
  ) async throws(EngineError) -> ReadSequence {
    if let known = loaded.memory.sequence(covering: ids, source: source) { return known }
    try loaded.validateLength(ids.count)
    let sequence = try loaded.sequence(sharing: ids, source: source)
    while sequence.ids.count < ids.count {
      guard !Task.isCancelled else { throw .cancelled }
      let next = min(ids.count, sequence.ids.count + Self.promptChunk)
      do throws(GenerationError) {
        try sequence.read(Array(ids.prefix(next)))
      } catch {
        throw EngineError(error)
      }
      // The mailbox's turn.
      await Task.yield()
    }
    loaded.memory.keep(sequence, isRunning: false)
    return sequence
  }
}
