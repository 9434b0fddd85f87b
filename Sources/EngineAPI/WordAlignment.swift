/// The alignment of the words of a translation with those of its source: the weights of the cross-attention, averaged
/// over all layers and heads.
///
/// A word's weight is the mean over its tokens of the sum over the tokens of the source word. The weights of a word add
/// up to 1: those on the task's prefix and on special tokens are left out.
public struct WordAlignment: Sendable, Hashable {
  /// The words of the source.
  public let source: [String]
  /// The words of the translation.
  public let target: [String]
  /// A row for each word of the target, a column for each word of the source.
  public let weights: [[Double]]

  /// The alignment of words by the weights of heads.
  /// - Parameters:
  ///   - heads: the cross-attention: a row for each token of the target, a column for each token of the source.
  ///   - source, target: the words, each with the indices of its tokens.
  public init(_ heads: [AttentionHead], source: [Word], target: [Word]) {
    self.source = source.map(\.text)
    self.target = target.map(\.text)
    weights = target.map { word in
      let row = source.map { other in
        var sum = 0.0
        for head in heads {
          for token in word.tokens where head.weights.indices.contains(token) {
            for key in other.tokens where head.weights[token].indices.contains(key) {
              sum += Double(head.weights[token][key])
            }
          }
        }
        return sum
      }
      let total = row.reduce(0, +)
      return total > 0 ? row.map { $0 / total } : row
    }
  }

  /// A word and the indices of its tokens.
  public struct Word: Sendable, Hashable {
    /// Its text.
    public var text: String
    /// The indices of its tokens.
    public var tokens: [Int]

    /// The words of a text between white space.
    /// - Parameters:
    ///   - ranges: the byte range of each token in the text; empty for a token without text.
    ///   - start: the first byte that belongs to words.
    public static func all(in text: [UInt8], _ ranges: [Range<Int>], from start: Int = 0) -> [Word] {
      let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
      var words: [Word] = []
      var place = start
      while place < text.count {
        guard !isSpace(text[place]) else {
          place += 1
          continue
        }
        let end = text[place...].firstIndex(where: isSpace) ?? text.count
        let tokens = ranges.indices.filter { ranges[$0].overlaps(place..<end) }
        if !tokens.isEmpty {
          words.append(Word(text: String(decoding: text[place..<end], as: UTF8.self), tokens: tokens))
        }
        place = end
      }
      return words
    }
  }
}
