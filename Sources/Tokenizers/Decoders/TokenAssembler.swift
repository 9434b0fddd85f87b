/// Collects the fragments of a token, for stages that look at whole tokens.
struct TokenAssembler: Sendable {
  private var bytes: [UInt8] = []

  /// The token, when the fragment is its last.
  mutating func complete(_ fragment: DecodedFragment) -> [UInt8]? {
    bytes.append(contentsOf: fragment.bytes)
    guard fragment.endsToken else { return nil }
    defer { bytes = [] }
    return bytes
  }
}
