/// The decoding stages of a tokenizer, and what they imply for the bytes of a single token.
struct Decoder: Sendable {
  var stages: [any DecodingStage]

  /// Whether added tokens are plain text instead of bytes written as printable characters, as in GGUF files.
  var addedTokensAreText = false

  /// An added token in the form that the stages expect.
  func written(_ content: [UInt8]) -> [UInt8] {
    guard addedTokensAreText, isByteLevel else { return content }
    var result: [UInt8] = []
    for byte in content { result.append(scalar: ByteCharacters.codes[Int(byte)]) }
    return result
  }

  /// Whether pieces are bytes written as printable characters.
  var isByteLevel: Bool { stages.contains { $0 is ByteLevelStage } }

  /// Whether `<0x..>` pieces stand for bytes.
  var hasByteTokens: Bool { stages.contains { $0 is ByteFallbackStage } }

  /// The character that stands for a space in pieces, if there is one.
  var visibleSpace: [UInt8]? {
    for stage in stages {
      if let metaspace = stage as? MetaspaceStage { return metaspace.replacement }
      if stage is SentencePieceStage { return SentencePieceStage.visibleSpace }
      if let replace = stage as? ReplaceStage, replace.content == [0x20],
        let needle = (replace.pattern as? StringCutter)?.needle
      {
        return needle
      }
    }
    return nil
  }
}

/// Passes tokens through all decoding stages.
struct DecodingPipeline: Sendable {
  private var stages: [any DecodingStage]

  init(_ stages: [any DecodingStage]) { self.stages = stages }

  /// Appends a token's bytes and returns the text that became final.
  mutating func append(_ token: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    pass(DecodedFragment(bytes: token, endsToken: true), to: 0, &output)
    return output
  }

  /// Ends the text and returns what the stages held back.
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

/// One step from tokens to text. Stages are streaming, so decoding a list and decoding a stream run the same code.
protocol DecodingStage: Sendable {
  /// Takes the next fragment and returns the fragments that became final.
  mutating func take(_ fragment: DecodedFragment) -> [DecodedFragment]

  /// Ends the text and returns what was held back.
  mutating func finish() -> [DecodedFragment]
}

extension DecodingStage {
  mutating func finish() -> [DecodedFragment] { [] }
}

/// A fragment of a token between two stages. A stage that joins all tokens into one passes that token on in fragments,
/// so that text can be returned before the last token is known.
struct DecodedFragment: Sendable, Equatable {
  var bytes: [UInt8]
  /// Whether the token ends with this fragment.
  var endsToken: Bool
}

/// Joins the fragments of a token, for stages that need whole tokens.
struct TokenAssembler: Sendable {
  private var bytes: [UInt8] = []

  /// Appends a fragment; returns the token if this was its last fragment.
  mutating func complete(_ fragment: DecodedFragment) -> [UInt8]? {
    bytes.append(contentsOf: fragment.bytes)
    guard fragment.endsToken else { return nil }
    defer { bytes = [] }
    return bytes
  }
}
