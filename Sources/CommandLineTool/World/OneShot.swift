import Synchronization

/// A value that several tasks may try to give and one waits for: the first to come counts, the others are dropped.
final class OneShot<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case waiting(CheckedContinuation<Value, Never>)
    case full(Value)
    case taken
  }

  private let state = Mutex<State>(.empty)

  /// Gives the value, unless there was one already.
  func give(_ value: Value) {
    let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
      switch state {
      case .empty:
        state = .full(value)
        return nil
      case .waiting(let continuation):
        state = .taken
        return continuation
      case .full, .taken:
        return nil
      }
    }
    waiting?.resume(returning: value)
  }

  /// Waits for the value. Only one task may wait, once.
  func take() async -> Value {
    await withCheckedContinuation { continuation in
      let value: Value? = state.withLock { state in
        guard case .full(let value) = state else {
          state = .waiting(continuation)
          return nil
        }
        state = .taken
        return value
      }
      if let value { continuation.resume(returning: value) }
    }
  }
}
