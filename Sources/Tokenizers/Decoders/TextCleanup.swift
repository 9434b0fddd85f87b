/// The removal of spaces before punctuation and English contractions that belongs to the WordPiece and CTC decoders.
enum TextCleanup {
  private static let rules: [([UInt8], [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  static func clean(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(0x20) else { return text }
    return rules.reduce(text) { replaceAll($1.0, in: $0, with: $1.1) }
  }
}

/// Replaces every occurrence of a string that is not empty.
func replaceAll(_ needle: [UInt8], in text: [UInt8], with replacement: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var position = 0
  text.withUnsafeBufferPointer { bytes in
    StringCutter(needle: needle).matches(bytes, 0..<bytes.count) { match in
      result.append(contentsOf: bytes[position..<match.lowerBound])
      result.append(contentsOf: replacement)
      position = match.upperBound
    }
    result.append(contentsOf: bytes[position...])
  }
  return result
}
