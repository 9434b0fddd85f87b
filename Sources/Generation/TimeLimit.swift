/// A limit of time for a text: whether it is over is asked after each token, so at least one is made.
public struct TimeLimit: Sendable {
  private let seconds: Double
  private let elapsed: @Sendable () -> Double

  /// A limit.
  /// - Parameters:
  ///   - seconds: how long the text may take.
  ///   - elapsed: the seconds since its beginning.
  public init(seconds: Double, elapsed: @escaping @Sendable () -> Double) {
    self.seconds = seconds
    self.elapsed = elapsed
  }

  /// Whether the time is over.
  public var isOver: Bool { elapsed() > seconds }
}
