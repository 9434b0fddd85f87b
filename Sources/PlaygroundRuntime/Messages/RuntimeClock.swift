import Platform

/// The clock of the loop. Tests use one that never waits.
public protocol RuntimeClock: Sendable {
  /// Seconds since an arbitrary moment; monotonic.
  var now: Double { get }
  /// The local time, in seconds since 1970-01-01 00:00:00 of the same time zone. Chat templates may write it.
  var localSeconds: Int { get }
  /// Returns at `moment`, or earlier if the task is canceled.
  func sleep(until moment: Double) async
}

extension RuntimeClock {
  /// The time of the system.
  public var localSeconds: Int {
    var now = time(nil)
    var parts = tm()
    return localtime_r(&now, &parts) == nil ? Int(now) : Int(now) + parts.tm_gmtoff
  }
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
