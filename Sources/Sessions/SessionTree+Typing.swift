import EngineAPI

/// Typed texts, which share common prefixes in the tree.
extension SessionTree {
  /// Returns the place of a typed text. Follows existing typed texts as far as the tokens agree, and branches from
  /// there.
  ///
  /// - Parameters:
  ///   - text: the text exactly as it was typed.
  ///   - tokens: its tokens.
  ///   - model: the model whose tokenizer made them.
  public mutating func type(_ text: String, _ tokens: [TokenValue], model: ModelReference) -> Place {
    var shared: (place: Place, count: Int)?
    for root in roots where isTyped(root, model) {
      let found = follow(tokens, from: Place(root, 0), 0, model)
      if found.count > shared?.count ?? 0 || tokens.isEmpty { shared = found }
      if let known = shared, known.count == tokens.count, let same = typed(text, at: known.place) { return same }
    }
    let origin = add(.typed(text: text, model: model))
    let scored = { (count: Int) in
      tokens.dropFirst(count).map { ScoredToken(token: $0, logprob: nil, rank: nil, entropy: nil) }
    }
    guard let shared, shared.count > 0 else { return begin(scored(0), by: origin) }
    return branch(at: shared.place, scored(shared.count), by: origin)
  }

  /// The text of the last typed node on the path to a place.
  public func typedText(before place: Place) -> String? {
    var next: Place? = place
    while let here = next, let node = self[here.node] {
      if case .typed(let text, _) = self[node.origin] { return text }
      next = node.parent
    }
    return nil
  }

  private func isTyped(_ node: NodeID, _ model: ModelReference) -> Bool {
    if case .typed(_, model) = origin(of: node) { self[node]?.source == nil } else { false }
  }

  /// The place if it is the end of a node typed as exactly this text, or an empty child with this text.
  private func typed(_ text: String, at place: Place) -> Place? {
    guard let node = self[place.node] else { return nil }
    let candidates = [place] + node.children.filter { self[$0]?.parent == place }.map { Place($0, 0) }
    return candidates.first { candidate in
      guard end(of: candidate.node) == candidate, case .typed(let known, _) = origin(of: candidate.node) else {
        return false
      }
      return known.utf8.elementsEqual(text.utf8)
    }
  }

  /// Follows typed texts from a place as far as the tokens match. The first `count` tokens are already matched.
  private func follow(
    _ tokens: [TokenValue], from place: Place, _ count: Int, _ model: ModelReference
  ) -> (place: Place, count: Int) {
    var (place, count) = (place, count)
    while let node = self[place.node] {
      while place.count < node.tokens.count, count < tokens.count, node.tokens[place.count].token == tokens[count] {
        (place.count, count) = (place.count + 1, count + 1)
      }
      // At most one typed child at a place begins with a given token.
      let next = node.children.first { child in
        guard count < tokens.count, let node = self[child], node.parent == place, isTyped(child, model) else {
          return false
        }
        return !node.tokens.isEmpty && node.tokens[0].token == tokens[count]
      }
      guard let next else { break }
      place = Place(next, 0)
    }
    return (place, count)
  }
}

extension TokenizedText {
  /// The tokens with the bytes of the text that they cover. Special tokens added by the tokenizer have none.
  public var values: [TokenValue] {
    var values: [TokenValue] = []
    values.reserveCapacity(count)
    func take(_ tokens: [Token], _ text: [UInt8]) {
      for token in tokens {
        let range = token.range.clamped(to: 0..<text.count)
        values.append(TokenValue(id: token.id, bytes: Array(text[range])))
      }
    }
    take(leading, [])
    for stretch in stretches { take(stretch.tokens, stretch.text) }
    take(trailing, [])
    return values
  }
}
