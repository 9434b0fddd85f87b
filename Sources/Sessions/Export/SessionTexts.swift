import EngineAPI

/// A text of a session for reading and export: a path from its beginning to one of its ends.
public struct SessionText: Sendable {
  /// The place at which it ends.
  public let place: Place
  /// Its tokens.
  public let tokens: TokenPath
  /// The number of tokens at its beginning that no model made.
  public let promptCount: Int
  /// The text that it is a translation or a filling of, if it is one.
  public let source: String?
  /// The model that made it, or the one that it was typed for.
  public let model: ModelReference
  /// How its last node was made, in words: `sampled, seed 7`.
  public let origin: String
  /// How the generation of its last node ended; `nil` if that node was not generated or has not ended.
  public let outcome: Outcome?
  /// Names of places on it, by the number of tokens before the place.
  public let names: [Int: String]
  /// Marked places on it, by the number of tokens before the place.
  public let marks: Set<Int>

  /// The natural logarithm of its probability after the prompt; `nil` if it is not known.
  public var logprob: Double? {
    var sum = 0.0
    for index in promptCount..<max(promptCount, tokens.count) {
      guard let logprob = tokens[index].logprob else { return nil }
      sum += logprob
    }
    return tokens.count > promptCount ? sum : nil
  }

  /// The text of a range of its tokens.
  public func text(_ range: Range<Int>) -> String {
    String(decoding: range.flatMap { tokens[$0].token.bytes }, as: UTF8.self)
  }

  /// The whole text.
  public var text: String { text(0..<tokens.count) }
}

extension Session {
  /// The texts of the session: a path to each end that no node continues, in order of creation. Typed texts that are
  /// only the source of another text are left out.
  public var texts: [SessionText] {
    let sources = Set(tree.allNodes.compactMap { $0.source?.node })
    return tree.leaves.filter { !sources.contains($0.node) && tree.length(of: $0) > 0 }.map(text(to:))
  }

  /// The text that ends at a place.
  public func text(to place: Place) -> SessionText {
    let tokens = tree.path(to: place)
    let root = tree.root(of: place)
    var (names, marks): ([Int: String], Set<Int>) = ([:], [])
    var promptCount = 0
    var next: Place? = place
    while let here = next, let node = tree[here.node] {
      for (count, name) in node.labels where count <= here.count { names[node.start + count] = name }
      for count in node.marks where count <= here.count { marks.insert(node.start + count) }
      switch tree.origin(of: node.id) {
      case .typed, .turn: if promptCount == 0 { promptCount = node.start + here.count }
      default: break
      }
      next = node.parent
    }
    // Text typed after a model's tokens is not part of the prompt.
    if let made = tokens.firstIndex(where: { $0.logprob != nil }) { promptCount = min(promptCount, made) }
    let source = tree[root]?.source.map { place in
      tree.typedText(before: place) ?? String(decoding: tree.path(to: place).flatMap(\.token.bytes), as: UTF8.self)
    }
    return SessionText(
      place: place, tokens: tokens, promptCount: promptCount, source: source,
      model: tree.origin(of: place.node)?.model ?? ModelReference(""),
      origin: tree.origin(of: place.node)?.words ?? "", outcome: tree[place.node]?.outcome, names: names, marks: marks)
  }
}

extension Origin {
  /// How it was made, in words, with the seed and the settings that matter.
  public var words: String {
    switch self {
    case .draft, .edited, .typed: "typed"
    case .translation(let from, let to, _): "translation from \(from) to \(to)"
    case .turn(let message, _, _): "message of the \(message.role)"
    case .template: "chat template"
    case .chosen: "chosen"
    case .forced: "entered"
    case .sampled(let request):
      request.settings.isGreedy
        ? "greedy" : "sampled, seed \(request.seed)" + (request.sequence > 0 ? ", sequence \(request.sequence)" : "")
    case .beam(let request): "beam search, \(request.beams) beams"
    case .filling: "filling"
    }
  }
}
