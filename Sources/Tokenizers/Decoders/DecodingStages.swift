/// Joins tokens with spaces: the default for files without a decoder.
struct SpaceJoiningStage: DecodingStage {
  private var startsToken = true
  private var isFirst = true

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    defer {
      startsToken = fragment.endsToken
      isFirst = false
    }
    let space: [UInt8] = startsToken && !isFirst ? [0x20] : []
    return [DecodedFragment(bytes: space + fragment.bytes, endsToken: fragment.endsToken)]
  }
}

/// Joins all tokens into one.
struct FuseStage: DecodingStage {
  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    fragment.bytes.isEmpty ? [] : [DecodedFragment(bytes: fragment.bytes, endsToken: false)]
  }

  mutating func finish() -> [DecodedFragment] { [DecodedFragment(bytes: [], endsToken: true)] }
}

/// Maps GPT-2's printable characters back to bytes, then decodes the bytes as UTF-8. A token that contains any other
/// character passes unchanged.
struct ByteLevelStage: DecodingStage {
  private var assembler = TokenAssembler()
  private var repair = UTF8Repair()

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    var output: [UInt8] = []
    for byte in ByteCharacters.decode(token) ?? token { repair.append(byte, to: &output) }
    return output.isEmpty ? [] : [DecodedFragment(bytes: output, endsToken: false)]
  }

  mutating func finish() -> [DecodedFragment] {
    var output: [UInt8] = []
    repair.finish(&output)
    return [DecodedFragment(bytes: output, endsToken: true)]
  }
}

/// Decodes runs of `<0x..>` tokens as UTF-8. A run that is not valid UTF-8 becomes one U+FFFD per byte. Validity is
/// only known at the end of a run, so runs are held back until then.
struct ByteFallbackStage: DecodingStage {
  private var assembler = TokenAssembler()
  private var run: [UInt8] = []

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    if let byte = Self.byte(token) {
      run.append(byte)
      return []
    }
    return finish() + [DecodedFragment(bytes: token, endsToken: true)]
  }

  mutating func finish() -> [DecodedFragment] {
    guard !run.isEmpty else { return [] }
    defer { run = [] }
    if isValidUTF8(run) { return [DecodedFragment(bytes: run, endsToken: true)] }
    return run.map { _ in DecodedFragment(bytes: [0xEF, 0xBF, 0xBD], endsToken: true) }
  }

  /// The byte that a `<0x..>` token stands for; `nil` for other tokens.
  static func byte(_ token: some Collection<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: Array("<0x".utf8)) else { return nil }
    let rest = Array(token.dropFirst(3))
    guard rest[2] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: rest[..<2], as: UTF8.self), radix: 16)
  }
}

/// Replaces `▁` by a space. The first token's `▁` is dropped, unless the prepend scheme is `never`.
struct MetaspaceStage: DecodingStage {
  let replacement: [UInt8]
  let keepsFirst: Bool
  private var assembler = TokenAssembler()
  private var isFirst = true

  init(replacement: [UInt8], keepsFirst: Bool) {
    self.replacement = replacement
    self.keepsFirst = keepsFirst
  }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    let space: [UInt8] = isFirst && !keepsFirst ? [] : [0x20]
    isFirst = false
    return [DecodedFragment(bytes: replaceAll(replacement, in: token, with: space), endsToken: true)]
  }
}

/// Replaces every match of a pattern in each token.
struct ReplaceStage: DecodingStage {
  let pattern: any Cutter & Sendable
  let content: [UInt8]
  private var assembler = TokenAssembler()

  init(pattern: any Cutter & Sendable, content: [UInt8]) {
    self.pattern = pattern
    self.content = content
  }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    var result: [UInt8] = []
    var position = 0
    token.withUnsafeBufferPointer { bytes in
      pattern.matches(bytes, 0..<bytes.count) { match in
        result.append(contentsOf: bytes[position..<match.lowerBound])
        result.append(contentsOf: content)
        position = match.upperBound
      }
      result.append(contentsOf: bytes[position...])
    }
    return [DecodedFragment(bytes: result, endsToken: true)]
  }
}

/// Strips up to `start` leading and `stop` trailing occurrences of a character from each token.
struct StripStage: DecodingStage {
  let content: [UInt8]
  let start: Int
  let stop: Int
  private var assembler = TokenAssembler()
  private var dropped = 0
  private var atStart = true

  init(content: [UInt8], start: Int, stop: Int) {
    self.content = content
    self.start = start
    self.stop = stop
  }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    if stop == 0 { return [stripStart(fragment)] }
    guard let token = assembler.complete(fragment) else { return [] }
    var text = stripStart(DecodedFragment(bytes: token, endsToken: true)).bytes
    for _ in 0..<stop {
      guard text.count >= content.count, text.suffix(content.count) == content[...] else { break }
      text.removeLast(content.count)
    }
    return [DecodedFragment(bytes: text, endsToken: true)]
  }

  private mutating func stripStart(_ fragment: DecodedFragment) -> DecodedFragment {
    var bytes = fragment.bytes[...]
    while atStart, dropped < start, bytes.starts(with: content) {
      bytes = bytes.dropFirst(content.count)
      dropped += 1
    }
    if !bytes.isEmpty { atStart = false }
    if fragment.endsToken {
      atStart = true
      dropped = 0
    }
    return DecodedFragment(bytes: Array(bytes), endsToken: fragment.endsToken)
  }
}
