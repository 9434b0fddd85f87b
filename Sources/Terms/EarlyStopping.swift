/// When beam search may stop; the three values of transformers' `early_stopping`.
public enum EarlyStopping: String, Sendable, Hashable, CaseIterable {
  /// As soon as the number of finished hypotheses equals the number of beams.
  case always = "true"
  /// When the best running hypothesis, scored at its current length, cannot beat the worst finished one.
  case heuristic = "false"
  /// Only when no running hypothesis can beat the worst finished one at any length.
  case never
}
