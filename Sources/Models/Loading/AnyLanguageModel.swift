/// An open model of one of the three families.
public enum AnyLanguageModel: Sendable {
  /// GPT-style.
  case causal(any CausalModel)
  /// BERT-style.
  case masked(any MaskedModel)
  /// T5-style.
  case seq2seq(any Seq2SeqModel)

  /// The model as what all families have in common.
  public var base: any LanguageModel {
    switch self {
    case .causal(let model): model
    case .masked(let model): model
    case .seq2seq(let model): model
    }
  }

  /// The family.
  public var family: ArchitectureFamily {
    switch self {
    case .causal: .causal
    case .masked: .masked
    case .seq2seq: .seq2seq
    }
  }
}
