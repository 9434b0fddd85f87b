import CKernels
import Synchronization

/// Memory of key and value blocks, kept for the next sequence when one is let go of: memory that is new has to be cleared
/// by the system first, page after page.
///
/// Unlike ``BufferPool`` it keeps the exact sizes, of which a model has one, and owns nothing that is lent. Thread-safe.
enum BlockPool {
  /// Bytes that may wait; beyond them the oldest are given back to the system.
  static let limit = 64 << 20

  private struct State {
    /// What waits, the oldest first.
    var waiting: [PooledMemory] = []
    var bytes = 0
  }

  private static let state = Mutex(State())

  /// Memory of exactly so many bytes, with whatever it held before.
  static func memory(_ bytes: Int) -> PooledMemory {
    let kept: PooledMemory? = state.withLock { state in
      guard let index = state.waiting.lastIndex(where: { $0.capacity == bytes }) else { return nil }
      state.bytes -= bytes
      return state.waiting.remove(at: index)
    }
    return kept ?? PooledMemory(capacity: bytes)
  }

  /// Takes memory back that nobody uses any more.
  static func giveBack(_ memory: PooledMemory) {
    guard !ck_is_sanitized() else { return }
    state.withLock { state in
      state.waiting.append(memory)
      state.bytes += memory.capacity
      while state.bytes > limit { state.bytes -= state.waiting.removeFirst().capacity }
    }
  }
}
