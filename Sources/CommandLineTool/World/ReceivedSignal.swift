import Synchronization

/// The first signal that asked the program to end.
final class ReceivedSignal: Sendable {
  private let signal = Mutex<EndSignal?>(nil)

  /// The first one, if any came.
  var first: EndSignal? { signal.withLock { $0 } }

  /// Notes a signal and says whether it is the first.
  func note(_ new: EndSignal) -> Bool {
    signal.withLock { signal in
      guard signal == nil else { return false }
      signal = new
      return true
    }
  }
}
