/// A text as tokens.
public struct Encoding: Sendable, Equatable {
  /// The ids, special tokens included.
  public var ids: [Int]

  /// For each token the UTF-8 bytes of the text that it stands for, mapped back through normalization; `0..<0` for
  /// tokens that stand for no input. A token that is a part of a character has its part of the character's bytes.
  public var ranges: [Range<Int>]

  /// For each token whether it is a special one, also where it was written out in the text.
  public var special: [Bool]

  /// The number of tokens.
  public var count: Int { ids.count }

  /// An encoding of these tokens; the arrays have equal lengths.
  public init(ids: [Int], ranges: [Range<Int>], special: [Bool]) {
    precondition(ids.count == ranges.count && ids.count == special.count)
    self.ids = ids
    self.ranges = ranges
    self.special = special
  }
}

extension Tokenizer {
  /// Turns a text into tokens, linear in its length.
  /// - Parameter addSpecialTokens: whether the post-processor adds what the model expects around a text.
  public func encode(_ text: String, addSpecialTokens: Bool = true) -> Encoding {
    ValidText.with(text) { text in
      var tokens = tokenize(text.bytes, 0..<text.bytes.count)
      let context = PostProcessingContext(text: text.bytes, vocabulary: model.vocabulary)
      postProcessor?.process(&tokens, addSpecialTokens: addSpecialTokens, context)
      return Encoding(
        ids: tokens.map(\.id), ranges: tokens.map(\.range), special: tokens.map { isSpecial($0.id) })
    }
  }

  /// Turns ids into text, as transformers does with `clean_up_tokenization_spaces=False`; ids outside the vocabulary
  /// count as nothing.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) -> String {
    var decoder = makeStreamingDecoder(skipSpecialTokens: skipSpecialTokens)
    var bytes: [UInt8] = []
    for id in ids { bytes.append(contentsOf: decoder.appendBytes(id)) }
    return String(decoding: bytes, as: UTF8.self) + decoder.finish()
  }

  /// A decoder for ids that come one by one.
  public func makeStreamingDecoder(skipSpecialTokens: Bool = true) -> StreamingDecoder {
    StreamingDecoder(self, skipSpecialTokens: skipSpecialTokens)
  }

  /// The tokens of a part of the text, as if there were nothing around it; their ranges are those of the whole.
  func tokenize(_ text: TextBuffer, _ range: Range<Int>) -> [EncodedToken] {
    var tokens: [EncodedToken] = []
    tokens.reserveCapacity(range.count / 4 + 4)
    for part in added.cutRaw(TextBuffer(rebasing: text[range])) {
      let place = part.range.lowerBound + range.lowerBound..<part.range.upperBound + range.lowerBound
      if let id = part.id {
        tokens.append(EncodedToken(id: id, range: place, isAdded: true))
      } else {
        var aligned = AlignedText(bytes: Array(text[place]), origin: place.lowerBound)
        normalizer?.normalize(&aligned)
        tokenizeNormalized(aligned, &tokens)
      }
    }
    return tokens
  }

  private func tokenizeNormalized(_ text: AlignedText, _ tokens: inout [EncodedToken]) {
    let parts = text.bytes.withUnsafeBufferPointer { added.cutNormalized($0) }
    for part in parts {
      if let id = part.id {
        tokens.append(EncodedToken(id: id, range: text.original(part.range), isAdded: true))
      } else {
        tokenizePlain(text.slice(part.range), &tokens)
      }
    }
  }

  /// Cuts a text without added tokens into pieces and asks the model about each; equal pieces are asked about once.
  private func tokenizePlain(_ text: AlignedText, _ tokens: inout [EncodedToken]) {
    var split = SplitText(text)
    preTokenizer?.preTokenize(&split)
    var cache = PieceCache(pieces: split.pieces.count)
    var found: [ModelToken] = []
    found.reserveCapacity(split.pieces.count * 2)
    split.text.bytes.withUnsafeBufferPointer { bytes in
      for piece in split.pieces {
        let first = found.count
        if !cache.repeatTokens(of: piece, bytes, &found) {
          model.tokenize(TextBuffer(rebasing: bytes[piece]), into: &found)
          cache.note(piece, tokens: first..<found.count)
        }
        for token in found[first...] {
          // Byte tokens of a prefix or suffix stand for nothing of the piece, and run over its end.
          let start = min(piece.lowerBound + token.start, piece.upperBound)
          let range = start..<max(start, min(piece.lowerBound + token.end, piece.upperBound))
          tokens.append(EncodedToken(id: token.id, range: split.text.original(range)))
        }
      }
    }
  }
}

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
