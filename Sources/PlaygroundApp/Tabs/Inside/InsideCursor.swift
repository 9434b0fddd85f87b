import EngineAPI

/// What the cursor of token, layer and head is on.
extension InsideState {
  /// The number of layers; `nil` until the first answer.
  var layers: Int? { look.answer.flatMap { $0.lens.isEmpty ? nil : $0.lens.count - 1 } }

  /// The number of computed layers at the cursor.
  var row: Int { min(depth ?? .max, layers ?? 0) }

  /// The index of the layer whose attention is shown: the one whose output the cursor is on, of the embedding the
  /// first.
  func attentionLayer(_ layers: Int) -> Int { max(0, min(depth ?? layers, layers) - 1) }

  /// The index of the layer that keys switch off.
  var layer: Int? { layers.map(attentionLayer) }

  /// The position of the cursor; `nil` without an answer.
  var position: Int? {
    look.answer.map { min(place ?? look.request?.position ?? $0.tokens.count - 1, $0.tokens.count - 1) }
  }

  /// The heads whose attention is shown, in the order of the list: those with the largest weights first, then by
  /// number.
  var heads: [RankedHead] {
    guard let answer = look.answer else { return [] }
    return answer.attention.filter { $0.kind == kind }.compactMap { head in
      RankedHead(head, at: attentionCursor(answer), isBackward: looksBack)
    }.sorted { ($0.share, $1.head.head) > ($1.share, $0.head.head) }
  }

  /// The kinds of attention that the answer has.
  var kinds: [AttentionHead.Kind] {
    let found = Set((look.answer?.attention ?? []).map(\.kind))
    return [.own, .cross, .encoder].filter(found.contains)
  }

  /// Whether the cursor of the attention walks through the source.
  var walksSource: Bool { kind == .encoder || kind == .cross && looksBack }

  /// The index of the cursor's token among the queries, or among the keys.
  func attentionCursor(_ answer: InspectionAnswer) -> Int {
    guard walksSource else { return answer.position }
    let count = answer.source?.count ?? 1
    return min(sourcePlace ?? count - 1, count - 1)
  }

  /// The tokens that the weights of the chosen head belong to.
  func lookedAt(_ answer: InspectionAnswer) -> [TokenValue] {
    let isSource = kind == .encoder || kind == .cross && !looksBack
    return isSource ? answer.source ?? [] : answer.tokens
  }

  /// The prediction that the cell pane shows: that after the layer, or after its attention.
  var prediction: LensLayer.Prediction? {
    guard let answer = look.answer, answer.lens.indices.contains(row) else { return nil }
    let layer = answer.lens[row]
    return cells == .afterAttention ? layer.afterAttention ?? layer.prediction : layer.prediction
  }

  /// Fits rows, layer and head to a new answer.
  mutating func followLook() {
    if let layers, let depth { self.depth = depth >= layers ? nil : depth }
    if !kinds.isEmpty, !kinds.contains(kind) { kind = .own }
    let heads = heads
    if !heads.isEmpty, !heads.contains(where: { $0.head.head == head }) { head = 0 }
    candidateRows.update(count: prediction?.top.count ?? 0)
  }
}

/// A head with the weights that concern the cursor's token.
struct RankedHead: Sendable, Equatable {
  /// The head.
  let head: AttentionHead
  /// The weights from the cursor's token to the keys; backward, those of the queries to it.
  let weights: [Float]
  /// The weight that is shown: forward the largest weight; backward the mean weight of the queries that see the token.
  let share: Double
  /// The index of the token with the largest weight.
  let most: Int

  /// The weights of a head at a token; `nil` if the head has no such token.
  init?(_ head: AttentionHead, at token: Int, isBackward: Bool) {
    let weights: [Float]
    if isBackward {
      guard head.weights.allSatisfy({ $0.indices.contains(token) }), !head.weights.isEmpty else { return nil }
      weights = head.weights.map { $0[token] }
      // A causal model's earlier positions do not see the token.
      let seeing = weights.count { $0 > 0 }
      share = seeing == 0 ? 0 : Double(weights.reduce(0, +)) / Double(seeing)
    } else {
      guard head.weights.indices.contains(token) else { return nil }
      weights = head.weights[token]
      share = Double(weights.max() ?? 0)
    }
    self.head = head
    self.weights = weights
    most = weights.indices.max { (weights[$0], $1) < (weights[$1], $0) } ?? 0
  }
}
