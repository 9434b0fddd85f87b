/// Joins all tokens to one.
struct FuseStage: DecodingStage {
  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    fragment.bytes.isEmpty ? [] : [DecodedFragment(bytes: fragment.bytes, endsToken: false)]
  }

  mutating func finish() -> [DecodedFragment] { [DecodedFragment(bytes: [], endsToken: true)] }
}
