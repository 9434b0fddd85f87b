/// Byte-pair encoding with a suffix at the end of words: the suffix becomes a space, and nothing at the end of the
/// text.
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
