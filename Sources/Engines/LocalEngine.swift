import Dispatch
import EngineAPI
import Generation
import Models
import Platform
import Synchronization
import Tensors
import Tokenizers

/// The engine that computes in this process. It owns the models, their caches and the streams, and runs on its own
/// queue.
///
/// Decoding is a loop of steps (see `LocalEngine+Streams.swift`). Between steps the actor serves other requests, so
/// these never wait for a stream to end.
public actor LocalEngine: Engine, Computing {
  private let executor = EngineExecutor(label: "triptych.engine")
  let catalog: ModelCatalog
  /// Folders of models that training has written.
  let writtenModels = WrittenModels()
  let tokenizers = TokenizerStore()
  private let freeMemory: @Sendable () -> Int?
  private var cacheFormat = CacheFormat.f32

  /// What the models share that keep the texts they have read.
  private let texts = SequenceBudget()
  private var open: [ModelReference: LoadedModel] = [:]
  private var opening: [ModelReference: ModelOpening] = [:]
  /// The number of changed models made so far.
  private var changedCount = 0
  /// The running streams; see `LocalEngine+Streams.swift`.
  var streams: [StreamJob] = []
  /// The running training runs by the folder that each writes; see `LocalEngine+Training.swift`.
  var training: [String: RunningTraining] = [:]
  /// Whether the loop that advances the streams is running.
  var isPumping = false

  /// The engine's own queue.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Creates an engine that finds its models through `catalog`.
  /// - Parameter freeMemory: free memory in bytes; `nil` if it is unknown; then models of any size are opened.
  public init(catalog: ModelCatalog, freeMemory: @escaping @Sendable () -> Int? = FreeMemory.available) {
    self.catalog = catalog
    self.freeMemory = freeMemory
  }

  /// The schemes of the stores in which models are found.
  public nonisolated var schemes: Set<String> { catalog.schemes }

  /// The models that can be opened by name, read from only their configurations and headers.
  public nonisolated func models() async throws(EngineError) -> [ModelSummary] {
    var models: [ModelSummary] = []
    do {
      for try await portion in modelPortions() { models += portion }
    } catch {
      throw EngineError(any: error)
    }
    return models
  }

  /// The same models in portions: the bundled ones first, then those of each store, ``portion`` at a time.
  public nonisolated func modelPortions() -> AsyncThrowingStream<[ModelSummary], any Error> {
    let catalog = catalog
    return AsyncThrowingStream { continuation in
      let isOver = Mutex(false)
      continuation.onTermination = { _ in isOver.withLock { $0 = true } }
      DispatchQueue.global().async {
        do {
          try catalog.list { places in
            for start in stride(from: 0, to: places.count, by: Self.portion) {
              if isOver.withLock({ $0 }) { return }
              switch Self.listed(Array(places[start..<min(start + Self.portion, places.count)])) {
              case .success(let summaries): continuation.yield(summaries)
              case .failure(let error): continuation.finish(throwing: error)
              }
            }
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
    }
  }

  /// The maximum number of models of a portion.
  private static let portion = 512

  /// The models as the listing shows them. A store may hold thousands: several threads describe them, a few models at a
  /// time.
  private static func listed(_ entries: [ModelPlace]) -> Result<[ModelSummary], any Error> {
    let size = 16
    let blocks = (entries.count + size - 1) / size
    let found = Mutex<[Int: Result<[ModelSummary], any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: blocks) { block in
      let summaries = Result {
        try entries[block * size..<min(entries.count, (block + 1) * size)].map { try listed($0) }
      }
      found.withLock { $0[block] = summaries }
    }
    return found.withLock { found in Result { try (0..<blocks).flatMap { try found[$0]?.get() ?? [] } } }
  }

  /// A model as the listing shows it, with the reason if it can't be opened.
  /// - Throws: only if file descriptors or memory ran out: then nothing is known about the model.
  private static func listed(_ entry: ModelPlace) throws(EngineError) -> ModelSummary {
    do throws(EngineError) {
      return try summary(entry)
    } catch {
      if error.kind == .resources { throw error }
      var summary = ModelSummary(entry, ModelDescription(architecture: "", family: nil, context: .unknown), card: nil)
      summary.reason = error.found ?? error.description
      return summary
    }
  }

  /// A model as the listing shows it, by any name that opens it.
  public nonisolated func summary(of reference: ModelReference) async throws(EngineError) -> ModelSummary {
    try Self.summary(catalog.resolve(reference))
  }

  private static func summary(_ entry: ModelPlace) throws(EngineError) -> ModelSummary {
    if let reason = entry.reason {
      throw EngineError(
        .model, "cannot open the model", at: "model '\(entry.name)'", expected: "complete files", found: reason)
    }
    do throws(ModelError) {
      let description = try ModelDescription(ModelSource(path: entry.path))
      var summary = ModelSummary(entry, description)
      if summary.family == nil { summary.reason = "the architecture \(description.architecture) is not supported" }
      return summary
    } catch {
      var failure = EngineError(error)
      if error.isShortage { failure.kind = .resources }
      throw failure
    }
  }

  /// The family of a model, read from its configuration alone; `nil` if the configuration can't be read.
  /// - Throws: ``EngineError`` if there is no such model.
  public nonisolated func family(of reference: ModelReference) throws(EngineError) -> ModelFamily? {
    Self.family(path: try catalog.resolve(reference).path)
  }

  /// Opens a model. Concurrent calls for the same model share the work, and all receive progress.
  public func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation {
    try await model(reference, progress: progress).information
  }

  /// Stops a model's streams and releases its memory, and that of the same model with changes.
  public func unload(_ reference: ModelReference) {
    let isUnloaded = { (known: ModelReference) in
      known == reference || (reference.changes.isEmpty && known.unchanged == reference)
    }
    for stream in streams where isUnloaded(stream.model.information.reference) { stream.stop() }
    for known in open.keys.filter(isUnloaded) {
      let model = open.removeValue(forKey: known)
      if known.changes.isEmpty, let model { tokenizers.forget(path: model.path) }
    }
  }

  /// Sets the number of compute threads; 0 means one per physical core.
  public func setThreads(_ count: Int) throws(EngineError) {
    guard count == 0 || Limits.threads.contains(count) else {
      throw EngineError(
        .usage, "bad number of threads", at: "the engine", expected: "1 to \(Limits.threads.upperBound)",
        found: "\(count)", hint: "choose another number", settings: [.threads])
    }
    ThreadTeam.setThreadCount(count)
  }

  /// Sets the storage format of keys and values for models opened from now on.
  public func setCacheFormat(_ format: CacheFormat) { cacheFormat = format }

  /// The open model of a reference; opens it if necessary.
  func model(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws(EngineError) -> LoadedModel {
    if writtenModels.take(reference.name) {
      for known in open.keys where known.name == reference.name && known.changes.isEmpty { unload(known) }
    }
    if let known = open[reference] { return known }
    guard reference.changes.isEmpty else {
      let base = try await model(reference.unchanged, progress: progress)
      if let known = open[reference] { return known }
      changedCount += 1
      let changed = try base.changed(reference, number: changedCount)
      forgetChanged(keeping: Self.changedModels - 1)
      open[reference] = changed
      return changed
    }
    let opening: ModelOpening
    if let begun = self.opening[reference] {
      opening = begun
    } else {
      let entry = try catalog.resolve(reference)
      opening = ModelOpening(
        reference: reference, entry: entry, cache: cacheFormat, tokenizers: tokenizers, freeMemory: freeMemory)
      self.opening[reference] = opening
    }
    opening.listen(progress)
    do {
      let parts = try await opening.parts()
      self.opening[reference] = nil
      if let known = open[reference] { return known }
      let model = LoadedModel(parts, texts)
      open[reference] = model
      return model
    } catch {
      self.opening[reference] = nil
      throw error
    }
  }

  /// The number of changed models that are kept open.
  private static let changedModels = 16

  /// Closes changed models without streams until at most `count` are open. They can be made again quickly.
  private func forgetChanged(keeping count: Int) {
    let idle = open.keys.filter { known in
      !known.changes.isEmpty && !streams.contains { $0.model.information.reference == known }
    }
    guard idle.count > count else { return }
    for known in idle.sorted(by: { (open[$0]?.number ?? 0) < (open[$1]?.number ?? 0) }).prefix(idle.count - count) {
      open[known] = nil
    }
  }

  /// The open model of a context. Throws if an id is not in the model's vocabulary.
  func model(of context: ModelContext) async throws(EngineError) -> LoadedModel {
    let loaded = try await model(context.model)
    try loaded.check(context.encoderIDs ?? [], at: "the text", positions: true, isSource: true)
    try loaded.check(context.ids, at: "the text", positions: true)
    return loaded
  }

  /// The tokenizer of a reference; available before the model is open.
  nonisolated func tokenizer(_ reference: ModelReference) throws(EngineError) -> Tokenizer {
    try tokenizers.tokenizer(path: catalog.resolve(reference).path)
  }
}

/// Runs an actor on its own queue, so that a forward pass never blocks a thread of the cooperative pool.
///
/// (`DispatchSerialQueue` is an executor itself, but is not available on Linux.)
final class EngineExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// Reading texts with the prompt cache.
extension LocalEngine {
  /// A read-only sequence that begins with `ids`. Reads those that have not been read yet.
  func sequence(
    reading ids: [Int], source: [Int]?, of loaded: LoadedModel
  ) async throws(EngineError) -> ReadSequence {
    if let known = loaded.memory.sequence(covering: ids, source: source) { return known }
    try loaded.validateLength(ids.count)
    let sequence = try loaded.sequence(sharing: ids, source: source)
    while sequence.ids.count < ids.count {
      guard !Task.isCancelled else { throw .cancelled }
      let next = min(ids.count, sequence.ids.count + ReadSequence.promptChunk)
      do throws(GenerationError) {
        try sequence.read(Array(ids.prefix(next)))
      } catch {
        throw EngineError(error)
      }
      // Let the actor serve other requests.
      await Task.yield()
    }
    loaded.memory.keep(sequence, isRunning: false)
    return sequence
  }
}
