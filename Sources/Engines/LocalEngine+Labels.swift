import EngineAPI
import Generation
import Models
import Tokenizers

/// Labels of texts and of tokens.
extension LocalEngine: Classifying, Tagging {
  /// The labels of a text, or of two texts together.
  public func classify(_ request: ClassifyRequest) async throws(EngineError) -> ClassifyResult {
    let loaded = try await model(request.model)
    guard case .labeling(let model) = loaded.model, model.labels.subject == .texts else {
      throw loaded.unfit("a text-classification model")
    }
    let pair = request.pair.map { loaded.tokenizer.encode(request.text, pair: $0) }
    let encoding = pair?.encoding ?? loaded.tokenizer.encode(request.text)
    let types = loaded.tokenizer.givesTypes ? pair?.types ?? [] : []
    try loaded.check(encoding.ids, at: "the text", positions: true)
    try loaded.validateLength(encoding.ids.count)
    do throws(GenerationError) {
      return ClassifyResult(
        labels: try Labeler(model).labels(of: encoding.ids, types: types), tokenCount: encoding.ids.count)
    } catch {
      throw EngineError(error)
    }
  }

  /// The labels of a text's tokens, and the entities that they make.
  public func tag(_ request: TagRequest) async throws(EngineError) -> TagResult {
    let loaded = try await model(request.model)
    guard case .labeling(let model) = loaded.model, model.labels.subject == .tokens else {
      throw loaded.unfit("a token-classification model")
    }
    let encoding = loaded.tokenizer.encode(request.text)
    try loaded.check(encoding.ids, at: "the text", positions: true)
    try loaded.validateLength(encoding.ids.count)
    do throws(GenerationError) {
      let (names, scores) = (model.labels.names, try Labeler(model).scores(of: encoding.ids))
      let tokens = EntityJoiner.positions(encoding).map { position in
        let best = EntityJoiner.best(scores[position])
        return TaggedToken(
          span: TokenSpan(
            token: loaded.token(encoding.ids[position]), range: encoding.ranges[position],
            isSpecial: encoding.special[position]), label: names[best], score: scores[position][best])
      }
      let joiner = EntityJoiner(loaded.tokenizer, labels: names)
      return TagResult(
        tokens: tokens, entities: joiner.entities(request.text, encoding, scores: scores, request.strategy))
    } catch {
      throw EngineError(error)
    }
  }
}
