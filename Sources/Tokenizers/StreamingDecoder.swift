/// Decodes ids as they come: every piece of text that it returns is final, and all pieces together are what decoding
/// all ids at once gives.
///
/// A character leaves only when all of its bytes are there. What depends on tokens to come is held back until they do:
/// a broken byte, a run of byte tokens, the end of a word where a suffix marks it.
public struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private var pipeline: DecodingPipeline

  init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    skipsSpecialTokens = skipSpecialTokens
    pipeline = DecodingPipeline(tokenizer.decoder.stages)
  }

  /// Takes one id and returns the text that is final now; ids outside the vocabulary count as nothing.
  public mutating func append(_ id: Int) -> String {
    String(decoding: appendBytes(id), as: UTF8.self)
  }

  /// The bytes of one id's piece by itself, as ``Tokenizer/bytes(of:)`` gives them.
  public func piece(of id: Int) -> [UInt8] { tokenizer.bytes(of: id) }

  /// Returns what was held back, and makes the decoder ready for another text.
  public mutating func finish() -> String {
    defer { pipeline = DecodingPipeline(tokenizer.decoder.stages) }
    return String(decoding: pipeline.finish(), as: UTF8.self)
  }

  /// As ``append(_:)``, as UTF-8.
  mutating func appendBytes(_ id: Int) -> [UInt8] {
    if let added = tokenizer.added.decoded(id) {
      return added.isSpecial && skipsSpecialTokens ? [] : pipeline.append(added.content)
    }
    return tokenizer.model.vocabulary.piece(of: id).map { pipeline.append(Array($0)) } ?? []
  }
}
