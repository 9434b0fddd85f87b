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
