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
    let shared = follow(tokens, model)
    if shared?.count ?? 0 == tokens.count, let same = typed(text, at: shared?.place, model) { return same }
    let origin = add(.typed(text: text, model: model))
    let scored = { (count: Int) in tokens.dropFirst(count).map(ScoredToken.init(unpredicted:)) }
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
  private func typed(_ text: String, at place: Place?, _ model: ModelReference) -> Place? {
    let empty = typedStarts[.init(parent: place, model: model, text: text)].map { Place($0, 0) }
    return [place, empty].compactMap(\.self).first { candidate in
      guard isTyped(candidate.node, model), end(of: candidate.node) == candidate,
        case .typed(let known, _) = origin(of: candidate.node)
      else { return false }
      return known.utf8.elementsEqual(text.utf8)
    }
  }

  /// The longest prefix of `tokens` that is in the tree as typed text; `nil` if no typed text starts with the first
  /// token.
  private func follow(_ tokens: [TokenValue], _ model: ModelReference) -> (place: Place, count: Int)? {
    var found: (place: Place, count: Int)?
    while found?.count ?? 0 < tokens.count {
      let start = found?.count ?? 0
      // Typed nodes that start at the same place have different first tokens.
      guard let next = typedStarts[.init(parent: found?.place, model: model, token: tokens[start])],
        let node = self[next], node.parent == found?.place, isTyped(next, model)
      else { break }
      var count = 0
      while count < node.tokens.count, start + count < tokens.count,
        node.tokens[count].token == tokens[start + count]
      {
        count += 1
      }
      // A node may have lost its tokens to pruning.
      guard count > 0 else { break }
      found = (Place(next, count), start + count)
    }
    return found
  }

  /// Adds a typed node to the index of typed nodes.
  mutating func noteTyped(_ node: Node) {
    guard let key = typedStart(node) else { return }
    // The first node with a key stays in the index, unless it was removed or has lost its tokens to pruning.
    let known = typedStarts[key].flatMap { self[$0] }.flatMap { typedStart($0) }
    if known != key { typedStarts[key] = node.id }
  }

  /// Removes a node from the index of typed nodes.
  mutating func forgetTyped(_ node: Node) {
    if let key = typedStart(node), typedStarts[key] == node.id { typedStarts[key] = nil }
  }

  private func typedStart(_ node: Node) -> TypedStart? {
    guard case .typed(let text, let model) = self[node.origin] else { return nil }
    return node.tokens.isEmpty
      ? TypedStart(parent: node.parent, model: model, text: text)
      : TypedStart(parent: node.parent, model: model, token: node.tokens[0].token)
  }
}

/// The key of the index of typed nodes: the parent place with the first token, or, for a node without tokens, its text.
struct TypedStart: Sendable, Hashable {
  private var parent: Place?
  private var model: ModelReference
  private var id: Int
  private var bytes: [UInt8]

  init(parent: Place?, model: ModelReference, token: TokenValue) {
    (self.parent, self.model, id, bytes) = (parent, model, token.id, token.bytes)
  }

  init(parent: Place?, model: ModelReference, text: String) {
    (self.parent, self.model, id, bytes) = (parent, model, -1, Array(text.utf8))
  }
}

extension TokenizedText {
  /// The tokens with what each of them adds to the text: the bytes that it stands for, and those before it that no
  /// token stands for, such as the spaces between word pieces. Of tokens that share a character, the first one has it.
  public var values: [TokenValue] {
    var values: [TokenValue] = []
    values.reserveCapacity(count)
    // Bytes at the end of a segment that none of its tokens stands for.
    var rest: [UInt8] = []
    func take(_ tokens: [Token], _ text: [UInt8]) {
      var end = 0
      for token in tokens {
        guard !token.range.isEmpty else {
          values.append(TokenValue(id: token.id, bytes: []))
          continue
        }
        let next = min(max(token.range.upperBound, end), text.count)
        values.append(TokenValue(id: token.id, bytes: rest + text[end..<next]))
        (rest, end) = ([], next)
      }
      rest += text[end...]
    }
    take(leading, [])
    for stretch in stretches { take(stretch.tokens, stretch.text) }
    take(trailing, [])
    return values
  }
}

extension TokenValue {
  /// The token with what it adds to a text in the place of another one, a mask for example: a word piece (`##ing`)
  /// joins the word before it, and a space before the mask stays.
  public func written(inPlaceOf other: TokenValue) -> TokenValue {
    let space = UInt8(ascii: " ")
    if bytes.count > 2, bytes.starts(with: Array("##".utf8)) {
      return TokenValue(id: id, bytes: Array(bytes.dropFirst(2)))
    }
    if bytes.first == space { return self }
    return TokenValue(id: id, bytes: other.bytes.prefix { $0 == space } + bytes)
  }
}
