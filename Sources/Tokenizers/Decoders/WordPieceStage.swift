/// WordPiece: pieces with the prefix join the one before, others come after a space.
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
