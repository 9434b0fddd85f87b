import EngineAPI
import Generation
import Models
import Tokenizers

/// Labels of texts and of tokens.
extension LocalEngine: Classifying, Tagging {
  /// The labels of a text, or of two texts together.
  public func classify(_ request: ClassifyRequest) async throws(EngineError) -> ClassifyResult {
    let loaded = try await model(request.model)
    let model = try loaded.classifier()
    let input = try loaded.labelingInput(request.text, pair: request.pair)
    do throws(GenerationError) {
      return ClassifyResult(
        labels: try Labeler(model).labels(of: input.ids, types: input.types), tokenCount: input.ids.count)
    } catch {
      throw EngineError(error)
    }
  }

  /// The labels of several texts, read together.
  public func classify(_ request: ClassifyBatchRequest) async throws(EngineError) -> [ClassifyResult] {
    let loaded = try await model(request.model)
    let model = try loaded.classifier()
    var inputs: [(ids: [Int], types: [Int])] = []
    for text in request.texts { inputs.append(try loaded.labelingInput(text, pair: request.pair)) }
    do throws(GenerationError) {
      let labels = try Labeler(model).labels(ofEach: inputs, Cancellation { Task.isCancelled })
      return zip(labels, inputs).map { ClassifyResult(labels: $0, tokenCount: $1.ids.count) }
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

extension LoadedModel {
  /// The model, if it labels texts. Throws for other models.
  fileprivate func classifier() throws(EngineError) -> any LabelingModel {
    guard case .labeling(let model) = model, model.labels.subject == .texts else {
      throw unfit("a text-classification model")
    }
    return model
  }

  /// The ids of a text, or of two texts together, and the sentence that each id belongs to; no sentences if the model
  /// does not tell them apart.
  fileprivate func labelingInput(
    _ text: String, pair: String?
  ) throws(EngineError) -> (ids: [Int], types: [Int]) {
    let pair = pair.map { tokenizer.encode(text, pair: $0) }
    let encoding = pair?.encoding ?? tokenizer.encode(text)
    try check(encoding.ids, at: "the text", positions: true)
    try validateLength(encoding.ids.count)
    return (encoding.ids, tokenizer.givesTypes ? pair?.types ?? [] : [])
  }
}
