/// Printable characters back to bytes, and the bytes to text. A token with any other character passes as it is.
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
