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
