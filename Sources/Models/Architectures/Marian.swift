// Junczys-Dowmunt et al. (2018): Marian: Fast Neural Machine Translation in C++ (arXiv:1804.00344); the published
// models: Tiedemann, Thottingal (2020), OPUS-MT: Building open translation services for the World.

/// Marian: the transformer as published, with sinusoidal positions. Encoder and decoder may have vocabularies of their
/// own.
enum Marian {
  static let definition = BartKind(positions: .sinusoids, separatesVocabularies: true, vocabulary: 58_101)
    .definition(
      "marian", tokens: TokenDefaults(pad: 58_100, startsDecoderWithPad: true, decoderStart: 58_100),
      keys: ["decoder_vocab_size", "share_encoder_decoder_embeddings"], withoutEffect: ["is_decoder"])
}
