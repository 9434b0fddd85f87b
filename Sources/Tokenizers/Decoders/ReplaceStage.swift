/// Replaces every match in each token.
struct ReplaceStage: DecodingStage {
  let pattern: any Cutter & Sendable
  let content: [UInt8]
  private var assembler = TokenAssembler()

  init(pattern: any Cutter & Sendable, content: [UInt8]) {
    self.pattern = pattern
    self.content = content
  }

  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment] {
    guard let token = assembler.complete(fragment) else { return [] }
    var result: [UInt8] = []
    var position = 0
    token.withUnsafeBufferPointer { bytes in
      pattern.matches(bytes, 0..<bytes.count) { match in
        result.append(contentsOf: bytes[position..<match.lowerBound])
        result.append(contentsOf: content)
        position = match.upperBound
      }
      result.append(contentsOf: bytes[position...])
    }
    return [DecodedFragment(bytes: result, endsToken: true)]
  }
}
