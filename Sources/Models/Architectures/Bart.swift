// Lewis et al. (2020): BART: Denoising Sequence-to-Sequence Pre-training for Natural Language Generation, Translation,
// and Comprehension (arXiv:1910.13461).

/// BART: norms after the sums, learned positions, and a norm of the embeddings.
enum Bart {
  static let definition = BartKind(normsEmbedding: true)
    .definition(
      "bart", tokens: TokenDefaults(bos: 0, pad: 1, decoderStart: 2),
      withoutEffect: ["classifier_dropout", "is_decoder"])
}
