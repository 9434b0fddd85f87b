/// An id with a probability.
public struct ProbableID: Sendable, Hashable {
  /// The id.
  public var id: Int
  /// The probability, 0…1.
  public var probability: Double

  /// An id and its probability.
  public init(id: Int, probability: Double) {
    self.id = id
    self.probability = probability
  }
}
