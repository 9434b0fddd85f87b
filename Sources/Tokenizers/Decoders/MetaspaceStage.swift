/// Metaspace: the visible character back to a space; the first token loses its own unless nothing is ever prepended.
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
