/// When beam search may stop; the three values of transformers' `early_stopping`.
public enum EarlyStopping: String, Sendable, Hashable, CaseIterable {
  /// As soon as there are as many finished hypotheses as beams.
  case always = "true"
  /// When the best running hypothesis, at its present length, can't become better than the worst finished one.
  case heuristic = "false"
  /// Only when no running hypothesis can become better at any length.
  case never
}
