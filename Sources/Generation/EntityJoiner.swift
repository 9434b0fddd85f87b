import EngineAPI
import Tokenizers

/// Joins tokens with labels to entities, as the token-classification pipeline of transformers does.
public struct EntityJoiner {
  private let tokenizer: Tokenizer
  private let names: [String]

  /// A joiner.
  /// - Parameter labels: the names of the labels, in the order of the scores.
  public init(_ tokenizer: Tokenizer, labels: [String]) {
    self.tokenizer = tokenizer
    names = labels
  }

  /// A token of the text, before it is joined.
  private struct Piece {
    let index: Int
    let scores: [Double]
    /// The token's text in the vocabulary; for the unknown token, the text that it covers.
    let word: String
    /// The bytes that it covers, widened to whole characters.
    let range: Range<Int>
    let continuesWord: Bool
  }

  /// The entities of a text, without those labeled `O`.
  /// - Parameters:
  ///   - encoding: the tokens of the text.
  ///   - scores: for each token the score of each label.
  public func entities(
    _ text: String, _ encoding: Encoding, scores: [[Double]], _ strategy: EntityStrategy
  ) -> [Entity] {
    let pieces = pieces(Array(text.utf8), encoding, scores)
    // One for each token or word.
    let parts: [Entity] =
      switch strategy {
      case .none, .simple: pieces.map { part([$0], scores: $0.scores, word: $0.word) }
      case .first, .average, .max:
        words(pieces).map { part($0, scores: Self.scores($0, strategy), word: tokenizer.join(pieces: $0.map(\.word))) }
      }
    let entities = strategy == .none ? parts : joined(parts)
    return entities.filter { $0.label != "O" }
  }

  /// The positions of tokens that cover text, which excludes special tokens added by the tokenizer.
  public static func positions(_ encoding: Encoding) -> [Int] {
    encoding.ids.indices.filter { !(encoding.special[$0] && encoding.ranges[$0].isEmpty) }
  }

  private func pieces(_ text: [UInt8], _ encoding: Encoding, _ scores: [[Double]]) -> [Piece] {
    let (marks, unknown) = (tokenizer.marksContinuations, tokenizer.specialTokens.unk?.id)
    return Self.positions(encoding).map { index in
      let (id, range) = (encoding.ids[index], Self.wholeCharacters(encoding.ranges[index], text))
      let shown = String(decoding: text[range], as: UTF8.self)
      let piece = tokenizer.piece(of: id) ?? ""
      let isUnknown = id == unknown
      // If the vocabulary does not mark continuations, a token continues a word unless it begins with a space or
      // follows one.
      let continues =
        marks
        ? piece.unicodeScalars.count != shown.unicodeScalars.count
        : range.lowerBound > 0 && text[range.lowerBound - 1] != 0x20
          && (range.lowerBound == text.count || text[range.lowerBound] != 0x20)
      return Piece(
        index: index, scores: scores[index], word: isUnknown ? shown : piece, range: range,
        continuesWord: continues && !isUnknown)
    }
  }

  /// The range widened to whole characters.
  private static func wholeCharacters(_ range: Range<Int>, _ text: [UInt8]) -> Range<Int> {
    guard !range.isEmpty else { return range }
    var (start, end) = (range.lowerBound, range.upperBound)
    while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    return start..<end
  }

  private func words(_ pieces: [Piece]) -> [[Piece]] {
    var words: [[Piece]] = []
    for piece in pieces {
      if piece.continuesWord, !words.isEmpty { words[words.count - 1].append(piece) } else { words.append([piece]) }
    }
    return words
  }

  /// The scores of a word, combined from those of its tokens.
  private static func scores(_ word: [Piece], _ strategy: EntityStrategy) -> [Double] {
    switch strategy {
    case .average:
      word[0].scores.indices.map { label in word.reduce(0) { $0 + $1.scores[label] } / Double(word.count) }
    case .max:
      // Ties go to the first token.
      word.dropFirst().reduce(word[0]) { ($1.scores.max() ?? 0) > ($0.scores.max() ?? 0) ? $1 : $0 }.scores
    case .none, .simple, .first: word[0].scores
    }
  }

  private func part(_ pieces: [Piece], scores: [Double], word: String) -> Entity {
    let best = Self.best(scores)
    return Entity(
      label: names[best], score: scores[best], word: word,
      range: pieces[0].range.lowerBound..<max(pieces[0].range.lowerBound, pieces[pieces.count - 1].range.upperBound))
  }

  /// The index of the highest score; ties go to the first.
  public static func best(_ scores: [Double]) -> Int {
    scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }

  /// Joins neighbors of the same entity. A label `B-…` begins a new one; other labels continue.
  private func joined(_ parts: [Entity]) -> [Entity] {
    var groups: [[Entity]] = []
    for part in parts {
      let (begins, name) = Self.entity(part.label)
      if let last = groups.last?.last, !begins, Self.entity(last.label).name == name {
        groups[groups.count - 1].append(part)
      } else {
        groups.append([part])
      }
    }
    return groups.map { group in
      let (first, last) = (group[0], group[group.count - 1])
      return Entity(
        label: Self.shortened(first.label), score: group.reduce(0) { $0 + $1.score } / Double(group.count),
        word: tokenizer.join(pieces: group.map(\.word)),
        range: first.range.lowerBound..<max(first.range.lowerBound, last.range.upperBound))
    }
  }

  /// Whether a label begins an entity, and its name.
  private static func entity(_ label: String) -> (begins: Bool, name: Substring) {
    label.hasPrefix("B-")
      ? (true, label.dropFirst(2)) : (false, label.hasPrefix("I-") ? label.dropFirst(2) : label[...])
  }

  /// A label without the prefix that ends at its first hyphen.
  private static func shortened(_ label: String) -> String {
    label.firstIndex(of: "-").map { String(label[label.index(after: $0)...]) } ?? label
  }
}
