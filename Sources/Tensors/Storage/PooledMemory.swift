/// Floats from the pool, given back when the last owner lets go.
///
/// Sendable without a lock: written by its maker before anybody else sees it, only read afterwards.
final class PooledMemory: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// Memory for `count` floats, not cleared.
  init(count: Int) {
    self.count = count
    pointer = BufferPool.acquire(count * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: count)
  }

  deinit { BufferPool.release(UnsafeMutableRawPointer(pointer), count * MemoryLayout<Float>.stride) }
}

/// Calls `body` with memory for `count` floats that is its own until it returns.
func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
  let memory = BufferPool.acquire(count * MemoryLayout<Float>.stride)
  defer { BufferPool.release(memory, count * MemoryLayout<Float>.stride) }
  return body(memory.bindMemory(to: Float.self, capacity: count))
}
