import EngineAPI
import Generation
import Inspection
import Models
import Sampling

/// Comparisons of several models, or of several sampler chains, over one text.
extension LocalEngine: Comparing {
  /// Compares the sides in lock step, a chunk of positions at a time. Other requests are served between chunks.
  public func compare(
    _ request: ComparisonRequest, receive: @escaping @Sendable (ComparisonPart) -> Void
  ) async throws(EngineError) -> [SideCost] {
    var models: [LoadedModel] = []
    for side in request.sides { models.append(try await model(of: side.context)) }
    guard let first = models.first else { return [] }
    try Self.check(request.sides, models)
    let sides = zip(request.sides, models).map { $1.compared($0) }
    let shared = request.sides.indices.map { index in
      request.sides.firstIndex { $0.context == request.sides[index].context } ?? index
    }
    let cancellation = Cancellation { Task.isCancelled }
    let text = request.sides[0].text
    let clock = ContinuousClock()
    let start = clock.now
    do {
      var comparer = try Comparer(
        sides, shared: shared, topCount: request.topCount,
        where: { index in
          // Special tokens of masked models are part of the input, but are not predicted.
          first.family != .masked
            || (request.isAtMasks ? text[index] == first.maskID : !first.tokenizer.isSpecial(text[index]))
        },
        clock: { (clock.now - start) / .seconds(1) })
      while true {
        let compared = try comparer.next(cancellation)
        if compared.isEmpty { return comparer.costs }
        receive(
          ComparisonPart(
            positions: compared.map { $0.map(first.token) },
            fraction: Double(comparer.done) / Double(max(comparer.positions.count, 1))))
        // Let the actor serve other requests.
        await Task.yield()
      }
    } catch {
      throw EngineError(any: error)
    }
  }

  /// Checks that sides can be compared token by token.
  private static func check(_ sides: [ComparedSide], _ models: [LoadedModel]) throws(EngineError) {
    let (first, model) = (sides[0], models[0])
    for (side, other) in zip(sides, models) {
      guard other.model.base.facts.vocabularySize > 0, !other.family.isLabeling else {
        throw other.unfit("a model that predicts tokens")
      }
      guard other.family == model.family else {
        throw EngineError(
          .usage, "sides of different families", at: "model '\(side.context.model)'",
          expected: "a \(model.family.phrase) model, as '\(first.context.model)'",
          found: "a \(other.family.phrase) model", hint: "compare models of one family")
      }
      let (size, otherSize) = (model.model.base.facts.vocabularySize, other.model.base.facts.vocabularySize)
      guard size == otherSize, model.tokenizer.fingerprint == other.tokenizer.fingerprint else {
        throw EngineError(
          .usage, "sides with different vocabularies", at: "model '\(side.context.model)'",
          expected: "the \(size) tokens of '\(first.context.model)'",
          found: size == otherSize ? "\(otherSize) others" : "\(otherSize)",
          hint: "models with different tokenizers are compared by bits per byte")
      }
      guard side.leading >= 0, side.leading <= side.context.ids.count, side.text == first.text else {
        throw EngineError(
          .usage, "sides with different texts", at: "model '\(side.context.model)'",
          expected: "the \(first.text.count) tokens of '\(first.context.model)'", found: "\(side.text.count) others")
      }
      try other.validateLength(side.context.ids.count)
    }
  }
}

extension ComparedSide {
  /// The ids of the compared text.
  fileprivate var text: [Int] { Array(context.ids.dropFirst(max(leading, 0))) }
}

extension ModelFamily {
  /// Whether models of the family give labels instead of tokens.
  fileprivate var isLabeling: Bool { self == .classifier || self == .tagger }
}

extension LoadedModel {
  /// A side under this model.
  fileprivate func compared(_ side: ComparedSide) -> Comparer.Side {
    Comparer.Side(
      model: model, encoded: route(of: side.context).source ?? [], ids: side.context.ids, leading: side.leading,
      specialID: family == .seq2seq ? startID : maskID, settings: side.settings,
      endOfTextIDs: information.endOfTextIDs,
      sequenceBreakers: side.settings.map(sequenceBreakers) ?? SequenceBreakers())
  }
}
