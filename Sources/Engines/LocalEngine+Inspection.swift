import EngineAPI
import Generation
import Inspection
import Models
import Sampling

/// Looking into models.
extension LocalEngine: Inspecting {
  /// Reads a text with a probe and computes what was requested.
  public func inspect(_ request: InspectionRequest) async throws(EngineError) -> InspectionAnswer {
    let loaded = try await model(of: request.context)
    if case .labeling = loaded.model { throw loaded.unfit("a model that predicts tokens") }
    let ids = try loaded.inspectedIDs(request.context)
    let position = request.position ?? ids.count - 1
    guard ids.indices.contains(position) else {
      throw EngineError(
        .usage, "no such position in the text", at: "model '\(loaded.information.reference)'",
        expected: "a position from 0 to \(ids.count - 1)", found: "\(position)")
    }
    try loaded.check([request.token, request.against].compactMap(\.self), at: "the token")
    let source = loaded.route(of: request.context).source
    let reading = try loaded.reading(ids, source, weights: request.keptWeights)
    let row = reading.hidden.rows(position..<position + 1)
    let own = Distribution(logits: loaded.model.base.logits(row).row(0))
    let token = request.token ?? own.best
    var answer = InspectionAnswer(
      tokens: ids.map(loaded.token), source: source.map { $0.map(loaded.sourceToken) }, position: position,
      token: loaded.ranked(token, own), against: request.against.map { loaded.ranked($0, own) })
    if request.parts.contains(.lens) {
      let layers = LogitLens(reading).layers(at: position)
      answer.lens = layers.map { layer in
        LensLayer(
          layer: layer.layer, prediction: loaded.prediction(layer.distribution, token, request.topCount),
          afterAttention: layer.afterAttention.map { loaded.prediction($0, token, request.topCount) })
      }
      answer.settled = LogitLens.settled(layers, on: token)
    }
    if let table = request.table { answer.table = try loaded.table(reading, table) }
    if !request.changes.isEmpty {
      answer.changed = try await changedPrediction(request, loaded.model.base.logits(row).row(0), at: position)
    }
    if request.parts.contains(.attention) { answer.attention = try loaded.attention(reading, request) }
    if request.parts.contains(.attribution) {
      let attribution = try loaded.attribution(reading, of: token, against: request.against, at: position)
      answer.attribution = attribution.parts.map(AttributedPart.init)
      answer.logit = attribution.logit
    }
    if request.parts.contains(.norms) {
      answer.norms = reading.norms(of: reading.stack)
      if source != nil { answer.encoderNorms = reading.norms(of: .encoder) }
    }
    if let clean = request.sweptIDs { answer.sweep = try loaded.sweep(from: clean, to: ids, at: position, request) }
    answer.watched = try loaded.watched(request.watched, reading, at: position)
    if let other = request.otherFormat {
      answer.bend = try await bend(loaded, other, ids: ids, source: source, at: position)
    }
    if let path = request.golden { answer.golden = try GoldenCheck(reading, file: path).activations }
    answer.notices = [loaded.beginningNotice(ids)].compactMap(\.self)
    return answer
  }

  /// What the model predicts with the request's further changes.
  ///
  /// - Parameters:
  ///   - logits: the model's own logits at the position.
  ///   - position: the position, among the tokens that the model reads.
  private func changedPrediction(
    _ request: InspectionRequest, _ logits: [Float], at position: Int
  ) async throws(EngineError) -> ChangedPrediction {
    var context = request.context
    context.model.changes += request.changes
    let loaded = try await model(of: context)
    let reading = try loaded.reading(
      loaded.inspectedIDs(context), loaded.route(of: context).source, weights: .none)
    let rows = [logits, loaded.model.base.logits(reading.hidden.rows(position..<position + 1)).row(0)]
    let own = rows.map { Distribution(logits: $0) }
    do throws(GenerationError) {
      for distribution in own { try distribution.check(at: position) }
    } catch {
      throw EngineError(error)
    }
    let top = own.map { $0.top(request.topCount).map { $0.map(loaded.token) } }
    return ChangedPrediction(
      divergence: ProbabilityRow(rows[0]).divergence(from: ProbabilityRow(rows[1])), entropy: own[1].entropy,
      top: top[1], before: top[0])
  }
}

extension InspectionRequest {
  /// The attention weights that the request needs.
  fileprivate var keptWeights: WeightSelection {
    if golden != nil { return .all }
    guard parts.contains(.attention) else { return .none }
    return attentionLayer.map { .layer($0) } ?? .all
  }
}

extension LoadedModel {
  /// The attention weights that a request asks for.
  fileprivate func attention(
    _ reading: ProbedReading, _ request: InspectionRequest
  ) throws(EngineError) -> [AttentionHead] {
    let heads = reading.attentionHeads().filter { head in
      (request.attentionLayer.map { $0 == head.layer } ?? true)
        && (request.attentionHead.map { $0 == head.head } ?? true)
    }
    guard !heads.isEmpty else {
      let anatomy: ModelAnatomy
      do throws(ModelError) { anatomy = try ModelAnatomy(model) } catch { throw EngineError(error) }
      let asked = [request.attentionLayer.map { "layer \($0)" }, request.attentionHead.map { "head \($0)" }]
      throw EngineError(
        .usage, "no such head", at: "model '\(information.reference)'", expected: anatomy.description,
        found: asked.compactMap(\.self).joined(separator: ", "), hint: "layers and heads count from 0")
    }
    return heads
  }

  /// The ids that the stack with the predictions reads. A decoder reads its start token and all but the last id of a
  /// target, so its last row predicts the last id.
  fileprivate func inspectedIDs(_ context: ModelContext) throws(EngineError) -> [Int] {
    let ids = try decoderIDs(family == .seq2seq ? Array(context.ids.dropLast()) : context.ids)
    guard !ids.isEmpty else {
      throw EngineError(
        .input, "the text is empty", at: "model '\(information.reference)'", expected: "at least one token",
        found: "none")
    }
    try validateLength(ids.count)
    return ids
  }

  /// Reads a text with a probe.
  fileprivate func reading(
    _ ids: [Int], _ source: [Int]?, weights: WeightSelection
  ) throws(EngineError) -> ProbedReading {
    do throws(ModelError) {
      return try ProbedReading(model, ids: ids, source: source, weights: weights)
    } catch {
      throw EngineError(error)
    }
  }

  /// The first predictions of all layers at several positions.
  fileprivate func table(_ reading: ProbedReading, _ table: LensTable) throws(EngineError) -> [[RankedToken]] {
    guard !table.positions.isEmpty, table.positions.lowerBound >= 0, table.positions.upperBound <= reading.ids.count
    else {
      throw EngineError(
        .usage, "no such positions in the text", at: "model '\(information.reference)'",
        expected: "some of 0 to \(reading.ids.count - 1)",
        found: "\(table.positions.lowerBound) to \(table.positions.upperBound - 1)")
    }
    return LogitLens(reading).table(at: table.positions, isAfterAttention: table.isAfterAttention) {
      ranked($0.best, $0)
    }
  }

  /// A token of the source, whose vocabulary may be larger than that of the predictions.
  fileprivate func sourceToken(_ id: Int) -> TokenValue { TokenValue(id: id, bytes: tokenizer.bytes(of: id)) }

  fileprivate func ranked(_ id: Int, _ distribution: Distribution) -> RankedToken {
    RankedToken(token: token(id), logprob: distribution.logprob(of: id), rank: distribution.rank(of: id))
  }

  fileprivate func prediction(
    _ distribution: Distribution, _ token: Int, _ count: Int
  ) -> LensLayer.Prediction {
    LensLayer.Prediction(
      entropy: distribution.entropy, top: distribution.top(count).map { $0.map(self.token) },
      finalRank: distribution.rank(of: token), finalLogprob: distribution.logprob(of: token))
  }

  /// Puts the activations of one text into the pass of another, one at a time.
  fileprivate func sweep(
    from clean: [Int], to corrupted: [Int], at position: Int, _ request: InspectionRequest
  ) throws(EngineError) -> SweepAnswer {
    guard family == .causal || family == .masked else { throw unfit("a causal or masked-language model") }
    let clean = try readIDs(clean)
    do {
      guard clean.count == corrupted.count else { throw PatchSweep.Refusal.lengths(clean.count, corrupted.count) }
      let token = try request.token ?? best(in: clean, at: position)
      let against = try request.against ?? best(in: corrupted, at: position, but: token)
      let sweep = try PatchSweep(model, from: clean, to: corrupted, comparing: (token, against), at: position) { _ in
        !Task.isCancelled
      }
      guard let sweep else { throw EngineError.cancelled }
      return SweepAnswer(
        token: self.token(token), against: self.token(against), clean: sweep.clean, corrupted: sweep.corrupted,
        differences: sweep.cells.map { $0.map(\.difference) }, restored: sweep.cells.map { $0.map(\.restored) })
    } catch let refusal as PatchSweep.Refusal {
      switch refusal {
      case .lengths(let first, let second):
        throw EngineError(
          .usage, "texts of different lengths", at: "the sweep", expected: "\(second) tokens, as many as the text has",
          found: "\(first)", hint: "change words for others of as many tokens")
      case .noDifference:
        throw EngineError(
          .usage, "nothing to restore", at: "the sweep",
          expected: "two tokens whose logits differ between the texts", found: "the same difference in both",
          hint: "choose other tokens")
      }
    } catch {
      throw EngineError(any: error)
    }
  }

  /// The most probable token at a position of a text.
  /// - Parameter other: a token that is left out.
  private func best(in ids: [Int], at position: Int, but other: Int? = nil) throws -> Int {
    let reading = try ProbedReading(model, ids: ids, weights: .none)
    let own = Distribution(logits: model.base.logits(reading.hidden.rows(position..<position + 1)).row(0))
    return own.top(2).map(\.id).first { $0 != other } ?? own.best
  }

  fileprivate func attribution(
    _ reading: ProbedReading, of id: Int, against other: Int?, at position: Int
  ) throws(EngineError) -> LogitAttribution {
    do throws(LogitAttribution.Refusal) {
      return try LogitAttribution(
        reading, of: id, against: other, at: position, rounds: opened.format != .f32)
    } catch {
      let reason =
        switch error {
        case .normalizesSums: "each layer normalizes the residual stream after its sums"
        case .transforms: "a transform with an activation precedes its logits"
        }
      throw EngineError(
        .usage, "no attribution for this model", at: "model '\(information.reference)'",
        expected: "logits that are a sum over the model's parts", found: reason)
    }
  }

  /// A remark about the beginning-of-text token of a causal text: its absence and its doubling are the most common
  /// reasons for misleading activations.
  fileprivate func beginningNotice(_ ids: [Int]) -> String? {
    guard family == .causal, let bos = generation.bosTokenID, let first = ids.first else { return nil }
    let name = "'\(token(bos).text)'"
    if ids.starts(with: [bos, bos]) { return "the beginning-of-text token \(name) stands there twice" }
    return first == bos ? nil : "the text has no beginning-of-text token \(name)"
  }
}

extension ProbedReading {
  /// The attention weights of all heads: those of the encoder, then of each layer its own and those of the
  /// cross-attention.
  fileprivate func attentionHeads() -> [AttentionHead] {
    var found: [AttentionHead] = []
    for stack in log.stacks {
      let count = stack == self.stack ? ids.count : source?.count ?? 0
      for layer in 0..<log.depth(of: stack) {
        for (kind, keys) in [(SublayerPlace.Kind.attention, count), (.cross, source?.count ?? 0)] {
          let place = SublayerPlace(stack, layer, kind)
          guard let heads = log.heads(of: place) else { continue }
          let name: AttentionHead.Kind = kind == .cross ? .cross : stack == self.stack ? .own : .encoder
          for (head, weights) in log.attention(place, count: count, keys: keys).enumerated() {
            found.append(
              AttentionHead(
                layer: layer, head: head, keyHead: head / (heads.query / heads.key), kind: name, weights: weights))
          }
        }
      }
    }
    return found
  }
}

extension AttributedPart {
  fileprivate init(_ part: LogitAttribution.Part) {
    switch part.kind {
    case .embedding: self.init(layer: part.layer, .embedding, logit: part.logit)
    case .head(let head, let isCross):
      self.init(layer: part.layer, .head, head: head, isCross: isCross, logit: part.logit)
    case .feedForward: self.init(layer: part.layer, .feedForward, logit: part.logit)
    case .bias: self.init(layer: part.layer, .bias, logit: part.logit)
    case .rounding: self.init(layer: part.layer, .rounding, logit: part.logit)
    }
  }
}
