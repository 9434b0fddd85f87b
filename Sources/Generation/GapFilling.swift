/// One filling of all gaps together.
public struct GapFilling: Sendable, Hashable {
  /// The ids, gap by gap in the order of the text.
  public var ids: [Int]
  /// The sum of the conditionals' natural logarithms.
  public var logprob: Double
}
