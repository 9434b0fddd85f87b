/// Decodes WordPiece: a piece with the prefix (`##`) is appended without it, any other piece is preceded by a space.
struct WordPieceStage: DecodingStage {
  let prefix: [UInt8]
  let cleansUp: Bool
  private var assembler = TokenAssembler()
  private var isFirst = true

  init(prefix: [UInt8], cleansUp: Bool) {
    self.prefix = prefix
    self.cleansUp = cleansUp
  }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard var token = assembler.complete(fragment) else { return [] }
    if !isFirst {
      if token.starts(with: prefix) { token.removeFirst(prefix.count) } else { token.insert(0x20, at: 0) }
    }
    isFirst = false
    if cleansUp { token = TextCleanup.clean(token) }
    return [DecodedFragment(bytes: token, endsToken: true)]
  }
}

/// Decodes byte-pair encoding with an end-of-word suffix: the suffix becomes a space, except at the end of the text.
struct SuffixStage: DecodingStage {
  let suffix: [UInt8]
  private var assembler = TokenAssembler()
  private var held: [UInt8]?

  init(suffix: [UInt8]) { self.suffix = suffix }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    defer { held = token }
    return held.map { [DecodedFragment(bytes: replaceAll(suffix, in: $0, with: [0x20]), endsToken: true)] } ?? []
  }

  mutating func finish() -> [DecodedFragment] {
    defer { held = nil }
    return held.map { [DecodedFragment(bytes: replaceAll(suffix, in: $0, with: []), endsToken: true)] } ?? []
  }
}

/// Decodes connectionist temporal classification: repeated tokens collapse into one, padding tokens are dropped.
struct CTCStage: DecodingStage {
  let padding: [UInt8]
  let wordDelimiter: [UInt8]
  let cleansUp: Bool
  private var assembler = TokenAssembler()
  private var previous: [UInt8]?

  init(padding: [UInt8], wordDelimiter: [UInt8], cleansUp: Bool) {
    self.padding = padding
    self.wordDelimiter = wordDelimiter
    self.cleansUp = cleansUp
  }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment), token != previous else { return [] }
    previous = token
    var text = replaceAll(padding, in: token, with: [])
    if cleansUp { text = replaceAll(wordDelimiter, in: TextCleanup.clean(text), with: [0x20]) }
    return text.isEmpty ? [] : [DecodedFragment(bytes: text, endsToken: true)]
  }
}

/// The cleanup of the WordPiece and CTC decoders: removes spaces before punctuation and English contractions.
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

/// Replaces every occurrence of a string. An empty string is never found.
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
