/// The tokens of a text.
public struct Encoding: Sendable, Equatable {
  /// The token ids, special tokens included.
  public var ids: [Int]

  /// For each token, its byte range in the original UTF-8 text, mapped back through normalization; `0..<0` for tokens
  /// that are not in the text. A token that covers part of a character has only that part's bytes.
  public var ranges: [Range<Int>]

  /// For each token, whether it is a special token, even if it was written out in the text.
  public var special: [Bool]

  /// The number of tokens.
  public var count: Int { ids.count }

  /// Creates an encoding. The arrays must have equal lengths.
  public init(ids: [Int], ranges: [Range<Int>], special: [Bool]) {
    precondition(ids.count == ranges.count && ids.count == special.count)
    self.ids = ids
    self.ranges = ranges
    self.special = special
  }
}

/// The tokens of two texts that a model reads together.
public struct PairEncoding: Sendable, Equatable {
  /// The tokens of both texts, special tokens included. A token's range refers to the text that it comes from.
  public var encoding: Encoding
  /// For each token, its segment: 0 or 1 (`token_type_ids`).
  public var types: [Int]
  /// For each token, whether it comes from the second text.
  public var isSecond: [Bool]
}

extension Tokenizer {
  /// Tokenizes a text in time linear in its length.
  /// - Parameter addSpecialTokens: whether the post-processor adds the special tokens that the model expects.
  public func encode(_ text: String, addSpecialTokens: Bool = true) -> Encoding {
    ValidText.with(text) { text in
      var tokens = tokenize(text.bytes, 0..<text.bytes.count)
      let context = PostProcessingContext(text: text.bytes, vocabulary: model.vocabulary)
      postProcessor?.process(&tokens, addSpecialTokens: addSpecialTokens, context)
      return Encoding(
        ids: tokens.map(\.id), ranges: tokens.map(\.range), special: tokens.map { isSpecial($0.id) })
    }
  }

  /// Tokenizes two texts that a model reads together, for example a premise and a hypothesis. As in transformers, an
  /// empty second text counts as missing.
  public func encode(_ text: String, pair: String, addSpecialTokens: Bool = true) -> PairEncoding {
    guard pair.isEmpty else { return encodeBoth(text, pair, addSpecialTokens: addSpecialTokens) }
    let encoding = encode(text, addSpecialTokens: addSpecialTokens)
    return PairEncoding(
      encoding: encoding, types: Array(repeating: 0, count: encoding.count),
      isSecond: Array(repeating: false, count: encoding.count))
  }

  /// Tokenizes two texts as a pair, even if the second is empty.
  func encodeBoth(_ first: String, _ second: String, addSpecialTokens: Bool) -> PairEncoding {
    ValidText.with(first) { first in
      ValidText.with(second) { second in
        var tokens = tokenize(first.bytes, 0..<first.bytes.count)
        for var token in tokenize(second.bytes, 0..<second.bytes.count) {
          token.isSecond = true
          token.type = 1
          tokens.append(token)
        }
        let context = PostProcessingContext(text: first.bytes, second: second.bytes, vocabulary: model.vocabulary)
        postProcessor?.process(&tokens, addSpecialTokens: addSpecialTokens, context)
        let encoding = Encoding(
          ids: tokens.map(\.id), ranges: tokens.map(\.range), special: tokens.map { isSpecial($0.id) })
        return PairEncoding(encoding: encoding, types: tokens.map { Int($0.type) }, isSecond: tokens.map(\.isSecond))
      }
    }
  }

  /// Decodes ids as transformers does with `clean_up_tokenization_spaces=False`. Ids outside the vocabulary are
  /// skipped.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = true) -> String {
    var decoder = makeStreamingDecoder(skipSpecialTokens: skipSpecialTokens)
    var bytes: [UInt8] = []
    for id in ids { bytes.append(contentsOf: decoder.appendBytes(id)) }
    return String(decoding: bytes, as: UTF8.self) + decoder.finish()
  }

  /// A decoder that takes one id at a time.
  public func makeStreamingDecoder(skipSpecialTokens: Bool = true) -> StreamingDecoder {
    StreamingDecoder(self, skipSpecialTokens: skipSpecialTokens)
  }

  /// The tokens of a range of the text, tokenized as if the range were the whole text. The tokens' ranges refer to the
  /// whole text.
  func tokenize(_ text: TextBuffer, _ range: Range<Int>) -> [EncodedToken] {
    var tokens: [EncodedToken] = []
    tokens.reserveCapacity(range.count / 4 + 4)
    for part in added.cutRaw(TextBuffer(rebasing: text[range])) {
      var place = part.range.lowerBound + range.lowerBound..<part.range.upperBound + range.lowerBound
      if let id = part.id {
        tokens.append(EncodedToken(id: id, range: place, isAdded: true))
      } else {
        if readsLeadingCode, let length = leadingCodeLength(TextBuffer(rebasing: text[place])) {
          let code = place.lowerBound..<place.lowerBound + length
          if let id = model.vocabulary.id(of: TextBuffer(rebasing: text[code])) ?? specialTokens.unk?.id {
            tokens.append(EncodedToken(id: id, range: code, isAdded: true))
          }
          place = code.upperBound..<place.upperBound
        }
        var aligned = AlignedText(bytes: Array(text[place]), origin: place.lowerBound)
        normalizer?.normalize(&aligned)
        tokenizeNormalized(aligned, &tokens)
      }
    }
    return tokens
  }

  /// The length of the code of a target language at the start of a text of Marian: from `>>` to the first `<<`,
  /// whatever is between them; `nil` if there is none.
  private func leadingCodeLength(_ text: TextBuffer) -> Int? {
    guard text.count > 3, text[0] == UInt8(ascii: ">"), text[1] == UInt8(ascii: ">") else { return nil }
    let close = UInt8(ascii: "<")
    return (2..<text.count - 1).first { text[$0] == close && text[$0 + 1] == close }.map { $0 + 2 }
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

  /// Tokenizes text that contains no added tokens: pre-tokenizes it and runs the model on each piece. Repeated pieces
  /// are copied from a cache.
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
          // Byte tokens that come from a prefix or suffix cover no bytes of the piece and can exceed its end, so clamp.
          let start = min(piece.lowerBound + token.start, piece.upperBound)
          let range = start..<max(start, min(piece.lowerBound + token.end, piece.upperBound))
          tokens.append(EncodedToken(id: token.id, range: split.text.original(range)))
        }
      }
    }
  }
}

/// Decodes ids one at a time. Every returned piece of text is final, and all pieces concatenated equal the text that
/// ``Tokenizer/decode(_:skipSpecialTokens:)`` returns for the same ids.
///
/// Text is returned only in whole characters. Whatever depends on later tokens is held back: incomplete UTF-8, a run of
/// byte tokens, the end of a word that is marked by a suffix.
public struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private var pipeline: DecodingPipeline

  init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    skipsSpecialTokens = skipSpecialTokens
    pipeline = DecodingPipeline(tokenizer.decoder.stages)
  }

  /// Appends an id and returns the text that became final. Ids outside the vocabulary are skipped.
  public mutating func append(_ id: Int) -> String {
    String(decoding: appendBytes(id), as: UTF8.self)
  }

  /// The bytes of one token alone, as ``Tokenizer/bytes(of:)`` returns them.
  public func piece(of id: Int) -> [UInt8] { tokenizer.bytes(of: id) }

  /// Returns the text that was held back and resets the decoder for the next text.
  public mutating func finish() -> String {
    defer { pipeline = DecodingPipeline(tokenizer.decoder.stages) }
    return String(decoding: pipeline.finish(), as: UTF8.self)
  }

  /// ``append(_:)`` with the result as UTF-8 bytes.
  mutating func appendBytes(_ id: Int) -> [UInt8] {
    if let added = tokenizer.added.decoded(id) {
      return added.isSpecial && skipsSpecialTokens ? [] : pipeline.append(tokenizer.decoder.written(added.content))
    }
    return tokenizer.model.vocabulary.piece(of: id).map { pipeline.append(Array($0)) } ?? []
  }
}
