import Sampling

/// Finds tokens whose text contains a string.
///
/// The search is case-sensitive only if the string contains an uppercase letter. It compares bytes, so composed and
/// decomposed characters differ. Invalid UTF-8 in a token matches U+FFFD, which is how it is displayed.
public struct VocabularySearch: Sendable {
  private let texts: [[UInt8]]
  private let lowercased: [[UInt8]]

  /// A search over a vocabulary.
  /// - Parameter bytes: the bytes of each token, by id.
  public init(bytes: [[UInt8]]) {
    let shown = bytes.map { String(decoding: $0, as: UTF8.self) }
    texts = shown.map { Array($0.utf8) }
    lowercased = shown.map { Array($0.lowercased().utf8) }
  }

  /// The ids whose text contains `part`, ascending; all ids if it is empty.
  public func ids(containing part: String) -> Set<Int> {
    let sought = Array(part.utf8)
    let texts = part == part.lowercased() ? lowercased : texts
    return Set(texts.indices.filter { Self.contains(texts[$0], sought) })
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { start in
      text[start] == first && text[start..<(start + part.count)].elementsEqual(part)
    }
  }
}

extension ScoredID {
  /// An id with its probability and rank in the distribution of raw logits. `position` is its position in the text, for
  /// errors.
  /// - Throws: ``GenerationError/flawedLogits(_:position:)``.
  init(_ id: Int, logits: [Float], topCount: Int, position: Int) throws(GenerationError) {
    let own = Distribution(logits: logits)
    try own.check(at: position)
    self = own.scored(id, topCount: topCount)
  }
}
