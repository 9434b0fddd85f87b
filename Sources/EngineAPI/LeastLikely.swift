/// The least likely parts of a text.
public enum LeastLikely {
  /// The natural logarithm of one half: a part that is at least as probable is never among them.
  private static let half = -0.693_147_180_559_945_3

  /// The indices of log-probabilities that are below ln ½ and more than one standard deviation below the mean. Unknown
  /// and non-finite values do not count for the mean and the deviation.
  public static func indices(of logprobs: [Double?]) -> [Int] {
    let known = logprobs.compactMap(\.self).filter(\.isFinite)
    guard known.count > 1 else { return [] }
    let mean = known.reduce(0, +) / Double(known.count)
    let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
    let bound = min(mean - variance.squareRoot(), half)
    return logprobs.indices.filter { logprobs[$0].map { $0 < bound } ?? false }
  }
}
