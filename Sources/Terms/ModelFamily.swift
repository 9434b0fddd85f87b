/// The families of models.
public enum ModelFamily: String, Sendable, Hashable, CaseIterable {
  /// Predicts the next token: GPT-style.
  case causal
  /// Predicts masked tokens: BERT-style.
  case masked
  /// Encoder and decoder: T5-style.
  case seq2seq
  /// Gives a text a score for each of its labels: a BERT or a GPT with a classification head.
  case classifier
  /// Gives each token of a text a score for each of its labels.
  case tagger
}
