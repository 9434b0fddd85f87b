import EngineAPI
import Platform

extension ScriptedEngine: Comparing {
  /// Compares the distributions of the models, all positions at once.
  public func compare(
    _ request: ComparisonRequest, receive: @escaping @Sendable (ComparisonPart) -> Void
  ) async throws(EngineError) -> [SideCost] {
    receive(ComparisonPart(positions: try compared(request), fraction: 1))
    return request.sides.map { SideCost(seconds: 0.5, tokens: $0.context.ids.count) }
  }

  /// The positions of a comparison.
  public func compared(_ request: ComparisonRequest) throws(EngineError) -> [ComparedPosition] {
    guard let first = request.sides.first else { return [] }
    var models: [ScriptedModel] = []
    for side in request.sides {
      let model = try model(side.context.model)
      try model.check(side.context.ids)
      guard model.vocabulary.count == (models.first ?? model).vocabulary.count else {
        throw EngineError(
          .usage, "sides with different vocabularies", at: "model '\(side.context.model)'",
          expected: "the tokens of '\(first.context.model)'", found: "others")
      }
      models.append(model)
    }
    let text = first.context.ids.dropFirst(first.leading)
    let begin = models[0].family == .causal && request.sides.contains { $0.leading == 0 } ? 1 : 0
    let compared = text.indices.dropFirst(begin).filter { place in
      !request.isAtMasks || text[place] == ScriptedModel.mask
    }
    return compared.map { place in
      let index = place - first.leading
      let rows = zip(models, request.sides).map { model, side in
        let own = model.logprobs(
          context: side.context, position: side.leading + index, promptCount: side.leading)
        // A changed model predicts something else.
        return side.context.model.changes.isEmpty ? own : Array(own.dropFirst() + own.prefix(1))
      }
      let ranked = rows.map { Array(ScriptedModel.ranked($0).prefix(max(PairReading.overlapping, request.topCount))) }
      let best = ranked.map { $0.prefix(PairReading.overlapping) }
      return ComparedPosition(
        index: index, token: models[0].token(text[place]),
        readings: rows.indices.map { models[$0].scored(text[place], rows[$0], ranked[$0].prefix(request.topCount)) },
        pairs: SidePair.all(rows.count).map { pair in
          PairReading(
            divergence: Divergence(rows[pair.a], rows[pair.b]), topAgrees: best[pair.a].first == best[pair.b].first,
            overlap: Set(best[pair.a]).intersection(best[pair.b]).count)
        },
        candidates: Set(ranked.flatMap { $0.prefix(request.topCount) }).sorted().map { id in
          JointCandidate(token: models[0].token(id), logprobs: rows.map { $0[id] })
        })
    }
  }
}

extension ScriptedModel {
  /// A token with its numbers, and the most probable ids.
  fileprivate func scored(_ id: Int, _ own: [Double], _ best: some Sequence<Int>) -> ScoredToken {
    ScoredToken(
      token: token(id), logprob: own[id],
      rank: 1 + own.indices.count { own[$0] > own[id] || own[$0] == own[id] && $0 < id },
      entropy: bits(own.map(exp)),
      top: best.enumerated().map { RankedToken(token: token($1), logprob: own[$1], rank: $0 + 1) })
  }
}

extension Divergence {
  /// The divergence of two rows of log-probabilities, by its definition.
  fileprivate init(_ a: [Double], _ b: [Double]) {
    let middle = zip(a, b).map { log((exp($0) + exp($1)) / 2) }
    func kl(_ p: [Double], _ q: [Double]) -> Double {
      zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) } / log(2)
    }
    self.init(
      forward: max(0, kl(a, b)), backward: max(0, kl(b, a)),
      jensenShannon: max(0, (kl(a, middle) + kl(b, middle)) / 2),
      totalVariation: zip(a, b).reduce(0) { $0 + abs(exp($1.0) - exp($1.1)) } / 2)
  }
}
