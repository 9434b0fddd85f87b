/// Drops up to so many of one character at the ends of each token.
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
