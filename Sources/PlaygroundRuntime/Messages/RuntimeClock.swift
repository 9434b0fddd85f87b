/// The clock of the loop. Tests use one that never waits.
public protocol RuntimeClock: Sendable {
  /// Seconds since an arbitrary moment; monotonic.
  var now: Double { get }
  /// Returns at `moment`, or earlier if the task is canceled.
  func sleep(until moment: Double) async
}

/// The machine's monotonic clock.
public struct MonotonicClock: RuntimeClock {
  private let start = ContinuousClock.now

  /// Creates a clock that starts at 0.
  public init() {}

  /// Seconds since the clock was created.
  public var now: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Returns at `moment`, or earlier if the task is canceled.
  public func sleep(until moment: Double) async {
    try? await Task.sleep(until: start + .seconds(moment), tolerance: .milliseconds(1), clock: .continuous)
  }
}
