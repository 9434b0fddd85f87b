extension Tokenizer {
  /// The pieces that the model would tokenize, for the training of a model: the text normalized and pre-tokenized.
  /// Added tokens are not split off.
  /// - Returns: the bytes of all pieces, and the range of each.
  package func trainingPieces(of text: String) -> (bytes: [UInt8], ranges: [Range<Int>]) {
    ValidText.with(text) { text in
      var aligned = AlignedText(bytes: Array(text.bytes), origin: 0)
      normalizer?.normalize(&aligned)
      var split = SplitText(aligned)
      preTokenizer?.preTokenize(&split)
      return (split.text.bytes, split.pieces)
    }
  }

  /// The printable character of each byte in byte-level vocabularies, as code points.
  package static var byteCharacters: [UInt32] { ByteCharacters.codes }
}
