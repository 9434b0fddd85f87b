import EngineAPI
import Platform

extension ScriptedModel {
  /// The labels of a scripted classifier.
  public static let labels = ["good", "bad"]

  /// What words add to the logit of `good`; other words add nothing.
  private static let weights = ["joy": 2.0, "kind": 1.5, "moving": 1.25, "dull": -1.75, "cold": -1.5, "waited": -0.5]

  /// A classifier and a tagger.
  public static let labelers = [
    ScriptedModel("mood", family: .classifier, parameters: 4_400_000, words: [" a", " the", " film"]),
    ScriptedModel("names", family: .tagger, parameters: 4_100_000, words: [" lives", " in"]),
  ]

  /// The words of a text and its pair decide.
  public func classify(_ request: ClassifyRequest) -> ClassifyResult {
    let text = request.text + " " + (request.pair ?? "")
    let words = text.lowercased().split { !$0.isLetter }
    let logit = words.reduce(0) { $0 + (Self.weights[String($1)] ?? 0) }
    let good = 1 / (1 + exp(-2 * logit))
    let labels = [
      LabelScore(label: Self.labels[0], probability: good, logit: logit),
      LabelScore(label: Self.labels[1], probability: 1 - good, logit: -logit),
    ]
    return ClassifyResult(
      labels: logit < 0 ? labels.reversed() : labels, tokenCount: tokenize(request.text).count)
  }

  /// The labels of several texts.
  public func classify(_ request: ClassifyBatchRequest) -> [ClassifyResult] {
    request.texts.map { classify(ClassifyRequest(model: request.model, text: $0, pair: request.pair)) }
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
