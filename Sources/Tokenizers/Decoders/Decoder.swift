/// How ids become text: the stages, and what the stages make of a single token's bytes.
struct Decoder: Sendable {
  var stages: [any DecodingStage]

  /// Pieces are bytes as printable characters.
  var isByteLevel: Bool { stages.contains { $0 is ByteLevelStage } }

  /// `<0x..>` pieces are bytes.
  var hasByteTokens: Bool { stages.contains { $0 is ByteFallbackStage } }

  /// What stands for a space in pieces, if anything does.
  var visibleSpace: [UInt8]? {
    for stage in stages {
      if let metaspace = stage as? MetaspaceStage { return metaspace.replacement }
      if let replace = stage as? ReplaceStage, replace.content == [0x20],
        let needle = (replace.pattern as? StringCutter)?.needle
      {
        return needle
      }
    }
    return nil
  }
}

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

/// One step from tokens to text, token by token: decoding a list and decoding a stream are the same code.
protocol DecodingStage: Sendable {
  /// Takes what comes next and returns what is final now.
  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment]

  /// Ends the tokens and returns what was held back.
  mutating func finish() -> [DecodedFragment]
}

extension DecodingStage {
  mutating func finish() -> [DecodedFragment] { [] }
}

/// A piece of text between two stages of a decoder. Some stages join all tokens to one, which then passes in
/// fragments, so that text can leave before the last token is known.
struct DecodedFragment: Sendable, Equatable {
  var bytes: [UInt8]
  /// Whether the token ends here.
  var endsToken: Bool
}

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
