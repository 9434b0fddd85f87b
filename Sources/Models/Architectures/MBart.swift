// Liu et al. (2020): Multilingual Denoising Pre-training for Neural Machine Translation (arXiv:2001.08210); mBART-50:
// Tang et al. (2020), Multilingual Translation with Extensible Multilingual Pretraining and Finetuning
// (arXiv:2008.00401).

/// mBART: BART with the norms before the sublayers, and one after each stack. Its texts carry a token for their
/// language.
enum MBart {
  static let definition = BartKind(normsFirst: true, normsEmbedding: true, normsOutput: true)
    .definition(
      "mbart", tokens: TokenDefaults(bos: 0, pad: 1), withoutEffect: ["classifier_dropout", "is_decoder"])
}
