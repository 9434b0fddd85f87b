// Chung et al. (2023): UniMax: Fairer and More Effective Language Sampling for Large-Scale Multilingual Pretraining
// (arXiv:2304.09151).

/// umT5: mT5 with a relative position bias in each layer.
enum UMT5 {
  static let definition = T5Kind(
    feedForward: "gated-gelu", d_ff: 1024, layers: 8, heads: 6, vocabulary: 250_112, hasBiasInEachLayer: true
  ).definition(
    "umt5", tokens: TokenDefaults(pad: 0, startsDecoderWithPad: true, decoderStart: 0),
    gguf: T5.gguf(hasBiasInEachLayer: true))
}
