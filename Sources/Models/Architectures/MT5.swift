// Xue et al. (2021): mT5: A Massively Multilingual Pre-trained Text-to-Text Transformer (arXiv:2010.11934).

/// mT5: version 1.1 of T5 for many languages. The decoder's output is never scaled.
enum MT5 {
  static let definition = T5Kind(
    feedForward: "gated-gelu", d_ff: 1024, layers: 8, heads: 6, vocabulary: 250_112, scalesOutput: false
  ).definition("mt5", tokens: TokenDefaults(pad: 0, startsDecoderWithPad: true, decoderStart: 0))
}
