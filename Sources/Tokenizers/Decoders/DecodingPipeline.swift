/// The stages of a decoder in their order, and the tokens' way through them.
struct DecodingPipeline: Sendable {
  private var stages: [any DecodingStage]

  init(_ stages: [any DecodingStage]) { self.stages = stages }

  /// Takes a token's bytes and returns the text that is final now.
  mutating func append(_ token: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    pass(DecodedFragment(bytes: token, endsToken: true), to: 0, &output)
    return output
  }

  /// Returns what was held back.
  mutating func finish() -> [UInt8] {
    var output: [UInt8] = []
    for index in stages.indices {
      for fragment in stages[index].finish() { pass(fragment, to: index + 1, &output) }
    }
    return output
  }

  private mutating func pass(_ fragment: DecodedFragment, to index: Int, _ output: inout [UInt8]) {
    guard index < stages.count else {
      output.append(contentsOf: fragment.bytes)
      return
    }
    for next in stages[index].take(fragment) { pass(next, to: index + 1, &output) }
  }
}
