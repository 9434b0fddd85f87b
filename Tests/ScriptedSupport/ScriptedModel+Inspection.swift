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
    // A watched string is as probable as the most probable token that begins with it; earlier layers halve that.
    answer.watched = request.watched.map { text in
      let last = best.first { token($0).text.hasPrefix(text) }.map { own[$0] } ?? -20
      return WatchedString(
        text: text, tokenizations: 2, logprob: last, layers: (0...2).map { last - Double(2 - $0) * 0.693 })
    }
    if let narrow = request.otherFormat {
      let layers = (0...2).map { layer in
        var found = BentLayer(stack: "decoder", layer: layer, difference: Double(layer + 1) / 100)
        found.lens = Divergence(
          forward: Double(layer + 1) / 8, backward: 0.125, jensenShannon: 0.0625, totalVariation: 0.0625)
        found.topAgrees = layer < 2
        return found
      }
      answer.bend = FormatBendAnswer(
        (.f32, narrow), divergence: layers[2].lens ?? .zero, meanDivergence: 0.25, layers: layers, parts: [],
        matrices: [
          BentMatrix(name: "h.0.attn.c_attn.weight", alone: 0.01),
          BentMatrix(name: "h.1.mlp.c_fc.weight", alone: 0.125, kept: 0.125),
        ])
    }
    if let swept = request.sweptIDs {
      guard swept.count >= ids.count else {
        throw EngineError(
          .usage, "texts of different lengths", at: "the sweep",
          expected: "\(ids.count) tokens, as many as the text has",
          found: "\(swept.count)")
      }
      // A later layer and position restores more.
      let last = Double(2 * ids.count)
      let restored = (0..<2).map { layer in ids.indices.map { Double((layer + 1) * ($0 + 1)) / last } }
      answer.sweep = SweepAnswer(
        token: token(best[0]), against: token(best[1]), clean: 2, corrupted: -1,
        differences: restored.map { $0.map { 3 * $0 - 1 } }, restored: restored)
    }
    for case .scale(let part, by: _) in request.changes where part.layer > 1 {
      throw EngineError(
        .usage, "no such part", at: "model '\(summary.name)'", expected: "layers 0 to 1", found: "\(part)")
    }
    for case .steer(let vector) in request.changes where !vector.path.hasSuffix(".gguf") {
      throw EngineError(
        .usage, "no control vector", at: vector.path, expected: "a safetensors or GGUF file", found: "another file")
    }
    // The activation of the same text changes nothing.
    let text = String(decoding: ids.flatMap { token($0).bytes }, as: UTF8.self)
    let isWithoutEffect = request.changes.allSatisfy { change in
      if case .patch(let patch) = change { patch.text == text } else { false }
    }
    if !request.changes.isEmpty, isWithoutEffect {
      let top = best.prefix(request.topCount).map(rank)
      answer.changed = ChangedPrediction(divergence: .zero, entropy: 1, top: top, before: top)
    } else if !request.changes.isEmpty {
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
        if request.attentionLayer == nil {
          // The heads of the other layer go backward through the source.
          let back = ids.indices.map { row in
            source.indices.map { Float($0 == max(0, source.count - 2 - row) ? 1 : 0) }
          }
          answer.attention.append(AttentionHead(layer: 1, head: 0, keyHead: 0, kind: .cross, weights: back))
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
