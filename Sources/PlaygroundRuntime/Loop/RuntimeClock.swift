/// Time as the loop needs it; tests have a clock of their own that never waits.
public protocol RuntimeClock: Sendable {
  /// Seconds since some moment; never goes back.
  var now: Double { get }
  /// Comes back at `moment`, or earlier when the task is cancelled.
  func sleep(until moment: Double) async
}

/// The machine's monotonic clock.
public struct MonotonicClock: RuntimeClock {
  private let start = ContinuousClock.now

  /// A clock that begins at 0 now.
  public init() {}

  /// Seconds since the clock was made.
  public var now: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Comes back at `moment`, or earlier when the task is cancelled.
  public func sleep(until moment: Double) async {
    try? await Task.sleep(until: start + .seconds(moment), tolerance: .milliseconds(1), clock: .continuous)
  }
}
