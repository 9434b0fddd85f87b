import EngineAPI
import Sampling

extension ScriptedModel {
  /// What is inside a model of two layers with two heads: earlier layers are less certain, and every position looks at
  /// the first token and at itself.
  public func inspect(_ request: InspectionRequest) throws(EngineError) -> InspectionAnswer {
    let ids = request.context.ids.isEmpty ? [0] : request.context.ids
    try check(ids)
    let position = request.position ?? ids.count - 1
    guard ids.indices.contains(position) else {
      throw EngineError(
        .usage, "no such position in the text", at: "model '\(summary.name)'",
        expected: "a position from 0 to \(ids.count - 1)", found: "\(position)")
    }
    let own = logprobs(context: request.context, position: position + 1, promptCount: ids.count)
    let best = Self.ranked(own)
    let rank = { (id: Int) in RankedToken(token: token(id), logprob: own[id], rank: 1 + (best.firstIndex(of: id) ?? 0))
    }
    let followed = request.token ?? best[0]
    var answer = InspectionAnswer(
      tokens: ids.map(token), source: request.context.encoderIDs.map { $0.map(token) }, position: position,
      token: rank(followed), against: request.against.map(rank))
    if request.parts.contains(.lens) {
      answer.lens = (0...2).map { layer in
        let ranked = layer == 2 ? best : Array(best.reversed())
        let prediction = LensLayer.Prediction(
          entropy: Double(3 - layer), top: ranked.prefix(request.topCount).map(rank),
          finalRank: 1 + (ranked.firstIndex(of: followed) ?? 0), finalLogprob: own[followed])
        return LensLayer(layer: layer, prediction: prediction, afterAttention: layer == 0 ? nil : prediction)
      }
      answer.settled = followed == best[0] ? 2 : nil
    }
    if let table = request.table {
      guard !table.positions.isEmpty, ids.indices.contains(table.positions.upperBound - 1) else {
        throw EngineError(.usage, "no such positions in the text", at: "model '\(summary.name)'")
      }
      answer.table = (0...2).map { layer in
        table.positions.map { place in
          let logprobs = logprobs(context: request.context, position: place + 1, promptCount: ids.count)
          let ranked = Self.ranked(logprobs)
          let id = layer == 2 ? ranked[0] : ranked[(layer + (table.isAfterAttention ? 3 : 1)) % ranked.count]
          return RankedToken(token: token(id), logprob: logprobs[id], rank: 1)
        }
      }
    }
    if !request.changes.isEmpty {
      answer.changed = ChangedPrediction(
        divergence: Divergence(forward: 0.5, backward: 0.25, jensenShannon: 0.125, totalVariation: 0.0625), entropy: 2,
        top: best.dropFirst().prefix(request.topCount).map(rank), before: best.prefix(request.topCount).map(rank))
    }
    if request.parts.contains(.attention) {
      let weights = ids.indices.map { row in
        ids.indices.map { Float(row == 0 ? ($0 == 0 ? 1 : 0) : $0 == 0 || $0 == row ? 0.5 : 0) }
      }
      answer.attention = (0..<2).filter { request.attentionLayer ?? $0 == $0 }.flatMap { layer in
        (0..<2).map { AttentionHead(layer: layer, head: $0, keyHead: $0, kind: .own, weights: weights) }
      }
      if let source = request.context.encoderIDs {
        // Each position of the target looks at one of the source; the two heads share their keys.
        let cross = ids.indices.map { row in source.indices.map { Float($0 == row % source.count ? 1 : 0) } }
        answer.attention += (0..<2).map {
          AttentionHead(layer: request.attentionLayer ?? 0, head: $0, keyHead: 0, kind: .cross, weights: cross)
        }
      }
    }
    if request.parts.contains(.attribution) {
      answer.attribution = [
        AttributedPart(layer: nil, .embedding, logit: 1), AttributedPart(layer: 0, .head, head: 0, logit: 0.5),
        AttributedPart(layer: 0, .head, head: 1, logit: -0.25), AttributedPart(layer: 0, .feedForward, logit: 2),
        AttributedPart(layer: 0, .bias, logit: 0), AttributedPart(layer: nil, .bias, logit: 0.125),
      ]
      answer.logit = 3.375
    }
    if request.parts.contains(.norms) {
      answer.norms = (0...2).map { layer in ids.indices.map { Double(layer + $0 + 1) } }
    }
    return answer
  }
}
