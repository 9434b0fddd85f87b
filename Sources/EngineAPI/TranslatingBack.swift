/// A request to translate a translation back, and to score each of the two texts after the other.
public struct BackTranslationRequest: Sendable, Hashable {
  /// The text that was translated, without a prefix.
  public var original: String
  /// Its translation; not empty.
  public var translation: String
  /// The language of the text, as a code.
  public var source: String
  /// The language of the translation, as a code.
  public var target: String
  /// The model, the encoder's input and the ids of the translation, with the end of the text if the model ended it.
  public var context: ModelContext
  /// How the translation back is searched: limits and settings. It has its own context in place of that of the request.
  public var search: BeamRequest

  /// A request with these values.
  public init(
    original: String, translation: String, from source: String, to target: String, context: ModelContext,
    search: BeamRequest
  ) {
    self.original = original
    self.translation = translation
    self.source = source
    self.target = target
    self.context = context
    self.search = search
  }
}

/// A translation that was translated back.
public struct BackTranslation: Sendable, Hashable {
  /// The best translation of the translation.
  public var text: String
  /// The score of that translation in beam search.
  public var score: Double?
  /// The tokens of the translation with their probabilities given the original text; the end of text is the last one.
  public var forward: [ScoredToken]
  /// The tokens of the original text with their probabilities given the translation; the end of text is the last one.
  public var backward: [ScoredToken]

  /// A translation with these values.
  public init(text: String, score: Double?, forward: [ScoredToken], backward: [ScoredToken]) {
    self.text = text
    self.score = score
    self.forward = forward
    self.backward = backward
  }
}

extension EngineRouter {
  /// Translates a translation back, and scores each of the two texts after the other.
  /// - Throws: an error if the model does not translate in the opposite direction.
  public func translateBack(_ request: BackTranslationRequest) async throws(EngineError) -> BackTranslation {
    let model = request.context.model
    let prefix = try await translationPrefix(from: request.target, to: request.source, model: model)
    let input = try await tokenize(prefix + request.translation, model: model).map(\.token.id)
    var search = request.search
    search.context = ModelContext(model: model, encoderIDs: input, ids: [])
    let best = try await beamSearch(search) { _ in }.completions.first
    var original = try await tokenize(request.original, model: model).map(\.token.id)
    // A target begins with the same token as the model's own translations: that of a language, for example.
    if let first = best?.tokens.first?.token.id, original.first != first, try await isSpecial(first, model: model) {
      original.insert(first, at: 0)
    }
    return BackTranslation(
      text: best?.text ?? "", score: best?.score, forward: try await scored(request.context),
      backward: try await scored(ModelContext(model: model, encoderIDs: input, ids: original)))
  }

  private func scored(_ context: ModelContext) async throws(EngineError) -> [ScoredToken] {
    context.ids.isEmpty ? [] : try await score(ScoreRequest(context: context)) { _ in }
  }
}
