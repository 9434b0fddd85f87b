/// Connectionist temporal classification: repeated tokens count once, the padding token vanishes.
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
