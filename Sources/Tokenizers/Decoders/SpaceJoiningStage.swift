/// Without a decoder tokens are joined by spaces.
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
