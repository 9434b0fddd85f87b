import EngineAPI

extension ScriptedModel {
  /// The labels of a scripted classifier.
  public static let labels = ["good", "bad"]

  /// Short texts are good: the probability falls with each byte.
  public func classify(_ request: ClassifyRequest) -> ClassifyResult {
    let count = request.text.utf8.count + (request.pair?.utf8.count ?? 0)
    let good = 1 / Double(1 + count)
    let labels = zip(Self.labels, [good, 1 - good]).map { LabelScore(label: $0, probability: $1, logit: 4 * $1 - 2) }
    return ClassifyResult(labels: labels.sorted { ($0.logit ?? 0) > ($1.logit ?? 0) }, tokenCount: count)
  }

  /// Words with a capital letter are names.
  public func tag(_ request: TagRequest) throws(EngineError) -> TagResult {
    let spans = tokenize(request.text, addingSpecialTokens: false)
    var entities: [Entity] = []
    var start = 0
    for word in request.text.split(separator: " ", omittingEmptySubsequences: false) {
      let range = start..<start + word.utf8.count
      if word.first?.isUppercase == true {
        entities.append(Entity(label: "NAME", score: 0.75, word: String(word), range: range))
      }
      start = range.upperBound + 1
    }
    let tokens = spans.map { span in
      let isNamed = entities.contains { $0.range.overlaps(span.range) }
      return TaggedToken(span: span, label: isNamed ? "I-NAME" : "O", score: 0.75)
    }
    return TagResult(tokens: tokens, entities: entities)
  }
}
