import Dispatch
import EngineAPI
import Models
import Synchronization
import Tokenizers

/// The opening of a model, which several callers may wait for. It runs beside the engine's queue, so that streams go on
/// while another model is read and packed.
final class ModelOpening: Sendable {
  /// What opening makes, all of it safe to hand over to the engine.
  struct Parts: Sendable {
    let folder: String
    let opened: OpenedModel
    let tokenizer: Tokenizer
    let information: ModelInformation
  }

  /// The callers who want to hear of the progress.
  private final class Listeners: Sendable {
    private let closures = Mutex<[@Sendable (LoadProgress) -> Void]>([])

    func add(_ closure: @escaping @Sendable (LoadProgress) -> Void) { closures.withLock { $0.append(closure) } }

    func tell(_ progress: LoadProgress) {
      for closure in closures.withLock({ $0 }) { closure(progress) }
    }
  }

  private static let queue = DispatchQueue(label: "triptych.loader", qos: .userInitiated)
  private let listeners = Listeners()
  private let work: Task<Result<Parts, EngineError>, Never>

  init(
    reference: ModelReference, entry: ModelCatalog.Entry, cache: CacheFormatName, tokenizers: TokenizerStore
  ) {
    let listeners = listeners
    work = Task {
      await withCheckedContinuation { continuation in
        Self.queue.async {
          continuation.resume(
            returning: Self.open(reference, entry: entry, cache: cache, tokenizers: tokenizers) { listeners.tell($0) })
        }
      }
    }
  }

  /// Adds a caller who hears of the progress from now on.
  func listen(_ progress: @escaping @Sendable (LoadProgress) -> Void) { listeners.add(progress) }

  /// The open parts, as soon as they stand.
  func parts() async throws(EngineError) -> Parts { try await work.value.get() }
}
