/// What is wrong with a row of raw logits: no distribution follows from it.
public enum LogitFlaw: Sendable, Hashable {
  /// The logit of an id is NaN; the lowest such id.
  case notANumber(id: Int)
  /// The logit of an id is +infinity; the lowest such id.
  case infinite(id: Int)
  /// Every logit is -infinity.
  case nothingFinite

  /// The flaw of a row, if it has one. A NaN comes before an infinity. -infinity alone is no flaw: it is a probability
  /// of 0.
  static func of(_ row: [Float]) -> LogitFlaw? {
    if let id = row.firstIndex(where: \.isNaN) { return .notANumber(id: id) }
    if let id = row.firstIndex(of: .infinity) { return .infinite(id: id) }
    return row.contains { $0 > -.infinity } ? nil : .nothingFinite
  }
}
