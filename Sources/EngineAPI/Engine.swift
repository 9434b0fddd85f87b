/// What front ends ask of an engine. They know no model, tensor or file: the local engine, a remote one and the
/// scripted one of the tests all look like this.
///
/// All requests are values. Work that takes long is cancelled by cancelling the calling task (it then throws an
/// `EngineError` of kind `.interrupted`) or by leaving the stream. A model is opened by its first use; `load` does it
/// in advance and tells its progress.
public protocol Engine: Sendable {
  /// The models that can be opened by name, in the order to list them.
  func models() async -> [ModelSummary]

  /// Opens a model (once; later calls return at once).
  func load(
    _ reference: ModelReference, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> ModelInformation

  /// Gives back a model's memory; streams that use it end first.
  func unload(_ reference: ModelReference) async

  /// The tokens of a text, special ones added where the tokenizer does so by default.
  func tokenize(
    _ text: String, model: ModelReference, addingSpecialTokens: Bool
  ) async throws(EngineError) -> [TokenSpan]

  /// The tokens of a text that is being written, special ones added, exactly as `tokenize` has them. An engine may
  /// remember the text before and tokenize only what an edit can change.
  func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText

  /// The text of ids, special tokens left out or not.
  func detokenize(
    _ ids: [Int], model: ModelReference, skippingSpecialTokens: Bool
  ) async throws(EngineError) -> String

  /// The tokens of ids. An id outside the vocabulary is an error.
  func tokens(of ids: [Int], model: ModelReference) async throws(EngineError) -> [TokenValue]

  /// What the person should hear of a model's tokenizer, a sentence; `nil` where there is nothing. Such a sentence is
  /// among the notices of the open model too.
  func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String?

  /// Starts a stream. The last element is always `.finished`; leaving the stream stops the work.
  func generate(_ request: GenerationRequest) -> AsyncStream<TokenEvent>

  /// Beam search. `progress` hears the count of tokens made so far.
  func beamSearch(
    _ request: BeamRequest, progress: @escaping @Sendable (Int) -> Void
  ) async throws(EngineError) -> BeamResult

  /// The distribution at one place, exact over the whole vocabulary, seen through a window.
  func distribution(_ request: DistributionRequest) async throws(EngineError) -> DistributionAnswer

  /// The tokens of a text under the model, one for each of the context's ids.
  func score(
    _ request: ScoreRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> [ScoredToken]

  /// Fills the gaps of a text.
  func fillMask(_ request: FillMaskRequest) async throws(EngineError) -> FillMaskResult

  /// The prefix that tells an encoder-decoder model to translate from one language (a code, `en`) to another:
  /// `translate English to French: `, from the model's own configuration or the languages' English names.
  func translationPrefix(
    from source: String, to target: String, model: ModelReference
  ) async throws(EngineError) -> String

  /// Measures speed.
  func bench(
    _ request: BenchRequest, progress: @escaping @Sendable (Double) -> Void
  ) async throws(EngineError) -> BenchResult

  /// Writes a model into a folder that opens in the given number format without conversion. Afterwards the folder is
  /// there whole, or as it was.
  func quantize(
    _ request: QuantizeRequest, progress: @escaping @Sendable (LoadProgress) -> Void
  ) async throws(EngineError) -> QuantizeResult

  /// How many threads compute.
  func setThreads(_ count: Int) async throws(EngineError)

  /// What sequences keep their keys and values as, for the models that are opened from now on.
  func setCacheFormat(_ format: CacheFormatName) async
}

extension Engine {
  /// Opens a model without hearing of its progress.
  public func load(_ reference: ModelReference) async throws(EngineError) -> ModelInformation {
    try await load(reference, progress: { _ in })
  }

  /// Nothing to tell.
  public func tokenizerNotice(of model: ModelReference) async throws(EngineError) -> String? { nil }

  /// The tokens of a text, special ones added.
  public func tokenize(_ text: String, model: ModelReference) async throws(EngineError) -> [TokenSpan] {
    try await tokenize(text, model: model, addingSpecialTokens: true)
  }

  /// The tokens of a text that is being written, tokenized whole.
  public func tokenizeDraft(_ text: String, model: ModelReference) async throws(EngineError) -> TokenizedText {
    TokenizedText(text, try await tokenize(text, model: model))
  }
}
