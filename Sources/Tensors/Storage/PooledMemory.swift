import CKernels

/// Floats that the pool lends: given back when the last owner but the pool lets go.
///
/// Sendable without a lock: written by its maker before anybody else sees it, only read afterwards.
final class PooledMemory: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  /// Bytes at `pointer`.
  let capacity: Int

  /// Memory of its own for `capacity` bytes, not cleared.
  init(capacity: Int) {
    self.capacity = capacity
    let memory = BufferPool.allocate(capacity)
    pointer = memory.bindMemory(to: Float.self, capacity: capacity / MemoryLayout<Float>.stride)
  }

  deinit { ck_free(pointer, capacity) }
}

/// Calls `body` with memory for `count` floats that is its own until it returns.
func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
  let memory = BufferPool.memory(count)
  return withExtendedLifetime(memory) { body(memory.pointer) }
}

/// Calls `body` with memory for `count` trivial values that is its own until it returns.
func withScratch<T: BitwiseCopyable, R>(
  of type: T.Type, _ count: Int, _ body: (UnsafeMutableBufferPointer<T>) -> R
) -> R {
  let floats = (count * MemoryLayout<T>.stride + 3) / MemoryLayout<Float>.stride
  return withScratch(floats) { scratch in
    UnsafeMutableRawPointer(scratch).withMemoryRebound(to: T.self, capacity: count) {
      body(UnsafeMutableBufferPointer(start: $0, count: count))
    }
  }
}
