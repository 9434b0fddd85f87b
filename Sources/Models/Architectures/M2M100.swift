// Fan et al. (2021): Beyond English-Centric Multilingual Machine Translation (arXiv:2010.11125); NLLB: Costa-jussà et
// al. (2022), No Language Left Behind: Scaling Human-Centered Machine Translation (arXiv:2207.04672).

/// M2M-100 and the dense models of NLLB: mBART with sinusoidal positions and without a norm of the embeddings.
///
/// The reference computes positions beyond `max_position_embeddings` too. The models have not been trained with them,
/// so longer texts are refused.
enum M2M100 {
  static let definition = BartKind(
    positions: .sinusoidsAfterPadding, normsFirst: true, normsOutput: true, biasesLogits: false, vocabulary: 128_112,
    activation: "relu", scalesEmbedding: true, attentionDropout: 0.1
  )
  .definition("m2m_100", tokens: TokenDefaults(bos: 0, pad: 1, decoderStart: 2), keys: ["pad_token_id"])
}
