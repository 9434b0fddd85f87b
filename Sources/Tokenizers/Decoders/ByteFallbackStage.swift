/// Runs of `<0x..>` tokens to the text of their bytes; a run that is no UTF-8 becomes one U+FFFD a byte. Whether it is
/// one shows only at its end, so a run is held back until then.
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

  /// The byte of `<0x..>`.
  static func byte(_ token: some Collection<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: Array("<0x".utf8)) else { return nil }
    let rest = Array(token.dropFirst(3))
    guard rest[2] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: rest[..<2], as: UTF8.self), radix: 16)
  }
}
