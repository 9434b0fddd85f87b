import Dispatch
import EngineAPI
import Models
import Synchronization
import Tensors
import Tokenizers

/// The opening of a model, for which several callers may wait. It runs on a separate queue, so that streams continue
/// while another model is read and packed.
final class ModelOpening: Sendable {
  /// The result of opening. It is `Sendable`, so the engine can take it from the other queue.
  struct Parts: Sendable {
    let path: String
    let opened: OpenedModel
    let tokenizer: Tokenizer
    let information: ModelInformation
    let languages: TranslationLanguages
  }

  /// The callers that receive progress.
  private final class Listeners: Sendable {
    private let closures = Mutex<[@Sendable (LoadProgress) -> Void]>([])

    func add(_ closure: @escaping @Sendable (LoadProgress) -> Void) { closures.withLock { $0.append(closure) } }

    func report(_ progress: LoadProgress) {
      for closure in closures.withLock({ $0 }) { closure(progress) }
    }
  }

  private static let queue = DispatchQueue(label: "triptych.loader", qos: .userInitiated)
  private let listeners = Listeners()
  private let work: Task<Result<Parts, EngineError>, Never>

  init(
    reference: ModelReference, entry: ModelPlace, cache: CacheFormat, tokenizers: TokenizerStore,
    freeMemory: @escaping @Sendable () -> Int?
  ) {
    let listeners = listeners
    work = Task {
      await withCheckedContinuation { continuation in
        Self.queue.async {
          continuation.resume(
            returning: Self.open(
              reference, entry: entry, cache: cache, tokenizers: tokenizers, freeMemory: freeMemory
            ) { listeners.report($0) })
        }
      }
    }
  }

  /// Adds a caller that receives progress from now on.
  func listen(_ progress: @escaping @Sendable (LoadProgress) -> Void) { listeners.add(progress) }

  /// Waits for the result.
  func parts() async throws(EngineError) -> Parts { try await work.value.get() }
}

extension ModelOpening {
  /// Reads and packs a model and its tokenizer.
  static func open(
    _ reference: ModelReference, entry: ModelPlace, cache: CacheFormat, tokenizers: TokenizerStore,
    freeMemory: () -> Int?, progress: @escaping (LoadProgress) -> Void
  ) -> Result<Parts, EngineError> {
    do throws(EngineError) {
      let watch = StopWatch()
      progress(LoadProgress(fraction: 0, step: "reading"))
      let opened = try openModel(reference, entry: entry, cache: cache, freeMemory: freeMemory, progress: progress)
      try Limits.check(opened.generation.decoding, of: "\(entry.path)/\(opened.generation.file)")
      let tokenizer = try tokenizers.tokenizer(path: entry.path)
      let languages = TranslationLanguages(
        architecture: opened.description.architecture, generation: opened.generation, tokenizer: tokenizer)
      let information = ModelInformation(
        reference: reference, entry: entry, opened: opened, tokenizer: tokenizer, languages: languages.codes,
        loadSeconds: watch.seconds)
      progress(LoadProgress(fraction: 1, step: "ready"))
      return .success(
        Parts(
          path: entry.path, opened: opened, tokenizer: tokenizer, information: information, languages: languages))
    } catch {
      return .failure(error)
    }
  }

  private static func openModel(
    _ reference: ModelReference, entry: ModelPlace, cache: CacheFormat, freeMemory: () -> Int?,
    progress: @escaping (LoadProgress) -> Void
  ) throws(EngineError) -> OpenedModel {
    do {
      let source = try ModelSource(path: entry.path)
      if let free = freeMemory(), let estimate = try? ModelDescription(source).memory,
        let refusal = MemoryCheck.refusal(reference, estimate, cache: cache, free: free)
      {
        throw refusal
      }
      return try ModelLoader.open(source, format: reference.format, cache: cache) {
        progress(LoadProgress(fraction: $0, step: "packing"))
      }
    } catch {
      throw EngineError(any: error)
    }
  }
}

extension ModelSummary {
  /// A model at a place, with its card.
  init(_ place: ModelPlace, _ description: ModelDescription) {
    self.init(place, description, card: CardFile.text(folder: place.path))
  }
}

extension ModelInformation {
  fileprivate init(
    reference: ModelReference, entry: ModelPlace, opened: OpenedModel, tokenizer: Tokenizer,
    languages: [String], loadSeconds: Double
  ) {
    let (facts, generation) = (opened.model.base.facts, opened.generation)
    self.init(
      reference: reference, summary: ModelSummary(entry, opened.description), family: opened.model.family,
      vocabularySize: facts.vocabularySize, endOfTextIDs: generation.eosTokenIDs,
      maskToken: [.masked, .classifier].contains(opened.model.family)
        ? tokenizer.specialTokens.mask.map { mask in
          TokenValue(id: mask.id, bytes: tokenizer.bytes(of: mask.id))
        } : nil,
      unknownGenerationKeys: generation.unknownKeys, decoding: generation.decoding, languages: languages,
      vocabularyFingerprint: tokenizer.fingerprint, loadSeconds: loadSeconds, weightBytes: facts.weightBytes,
      format: opened.format)
    for task in generation.tasks where !task.otherKeys.isEmpty { taskKeysWithoutEffect[task.name] = task.otherKeys }
    if case .labeling(let model) = opened.model { labels = model.labels.names }
    notices = generation.notices + [tokenizer.notice].compactMap(\.self)
  }
}

extension LocalEngine {
  /// The family of the model at a path, read from only its configuration; `nil` if it can't be read.
  public static func family(path: String) -> ModelFamily? {
    (try? ModelDescription(ModelSource(path: path)))?.family
  }
}
