/// What a model is for.
public enum ArchitectureFamily: String, Sendable, Hashable, CaseIterable {
  /// Continues a text: GPT-style.
  case causal
  /// Fills gaps in a text: BERT-style.
  case masked
  /// Makes one text from another: T5-style.
  case seq2seq
}
