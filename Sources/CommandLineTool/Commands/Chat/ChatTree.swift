import EngineAPI
import Sessions
import Synchronization

/// The tree that a dialogue stands in: that of a session, or one of its own.
final class ChatTree: Sendable {
  private let saver: SessionSaver?
  private let own = Mutex(SessionTree(bounds: .unlimited))

  init(_ saver: SessionSaver?) { self.saver = saver }

  /// Reads or changes the tree.
  func with<R: Sendable>(_ body: (inout SessionTree) -> R) -> R {
    if let saver { saver.change(body) } else { own.withLock { body(&$0) } }
  }
}
