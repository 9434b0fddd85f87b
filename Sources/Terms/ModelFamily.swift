/// The three families of models.
public enum ModelFamily: String, Sendable, Hashable, CaseIterable {
  /// Predicts the next token: GPT-style.
  case causal
  /// Predicts masked tokens: BERT-style.
  case masked
  /// Encoder and decoder: T5-style.
  case seq2seq
}
