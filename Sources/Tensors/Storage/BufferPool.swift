import CKernels
import Synchronization

/// A pool of buffers for the results of operations. A decoding step requests the same sizes again and again, so in the
/// steady state it allocates nothing.
///
/// The pool keeps a reference to each buffer it hands out. A buffer is free when the pool's reference is the only one,
/// so neither the memory nor the object around it is allocated again. Sizes are rounded up to four classes per power of
/// two, so that at most a fifth of a buffer is unused. Thread-safe.
enum BufferPool {
  /// The maximum of unused bytes. If exceeded, unused buffers are released when the next buffer is allocated.
  fileprivate static let limit = 64 << 20
  private static let smallest = 256

  struct State {
    var classes: [[PooledMemory]] = []
    /// Start of the next search in each size class: after the buffer handed out last, which is the least likely to be
    /// free.
    var next: [Int] = []
    /// Bytes of all buffers, used or free.
    var bytes = 0
    /// Total bytes above which unused buffers are released. It follows the bytes in use, so that a process with many
    /// buffers in use keeps its unused ones.
    var mostBytes = BufferPool.limit
  }

  static let state = Mutex(State())

  /// The index of a size's class, and the size of its buffers in bytes.
  static func sizeClass(_ bytes: Int) -> (index: Int, bytes: Int) {
    guard bytes > smallest else { return (0, smallest) }
    let octave = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount
    let step = 1 << (octave - 2)
    let steps = (bytes - (1 << octave) + step - 1) / step
    return ((octave - 8) * 4 + steps, (1 << octave) + steps * step)
  }

  /// Memory for `count` floats, aligned to 64 bytes, uninitialized.
  static func memory(_ count: Int) -> PooledMemory {
    let (index, size) = sizeClass(count * MemoryLayout<Float>.stride)
    guard !ck_is_sanitized() else { return PooledMemory(capacity: size) }
    return state.withLock { state in
      while state.classes.count <= index {
        state.classes.append([])
        state.next.append(0)
      }
      return state.free(index) ?? state.make(index, size)
    }
  }

  /// Memory outside of the pool. Ends the program if memory runs out, as Swift's own arrays do.
  static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard let pointer = ck_allocate(bytes) else { preconditionFailure("out of memory: \(bytes) bytes") }
    return pointer
  }
}

extension BufferPool.State {
  /// A free buffer of a size class, if there is one.
  fileprivate mutating func free(_ index: Int) -> PooledMemory? {
    let count = classes[index].count
    for _ in 0..<count {
      let place = next[index] < count ? next[index] : 0
      next[index] = place + 1
      if isKnownUniquelyReferenced(&classes[index][place]) { return classes[index][place] }
    }
    return nil
  }

  fileprivate mutating func make(_ index: Int, _ size: Int) -> PooledMemory {
    if bytes + size > mostBytes {
      sweep()
      mostBytes = bytes + size + BufferPool.limit
    }
    let memory = PooledMemory(capacity: size)
    classes[index].append(memory)
    bytes += size
    return memory
  }

  /// Releases all free buffers.
  fileprivate mutating func sweep() {
    for index in classes.indices {
      var place = 0
      while place < classes[index].count {
        guard isKnownUniquelyReferenced(&classes[index][place]) else {
          place += 1
          continue
        }
        bytes -= classes[index][place].capacity
        let last = classes[index].count - 1
        classes[index].swapAt(place, last)
        classes[index].removeLast()
      }
    }
  }
}

/// A pool for the memory of released key and value blocks. The system clears new memory page by page before its first
/// use; reuse avoids this.
///
/// Unlike ``BufferPool`` it keeps exact sizes (a model has one block size) and holds no reference to memory in use.
/// Thread-safe.
enum BlockPool {
  /// The maximum of unused bytes. If exceeded, the oldest buffers are released.
  static let limit = 64 << 20
  /// The unused bytes that remain after ``releaseUnusedMemory()``.
  static let calmLimit = 16 << 20

  private struct State {
    /// Unused buffers, the oldest first.
    var waiting: [PooledMemory] = []
    var bytes = 0
  }

  private static let state = Mutex(State())

  /// Memory of exactly `bytes` bytes, uninitialized.
  static func memory(_ bytes: Int) -> PooledMemory {
    let kept: PooledMemory? = state.withLock { state in
      guard let index = state.waiting.lastIndex(where: { $0.capacity == bytes }) else { return nil }
      state.bytes -= bytes
      return state.waiting.remove(at: index)
    }
    return kept ?? PooledMemory(capacity: bytes)
  }

  /// Returns unused memory to the pool.
  static func giveBack(_ memory: PooledMemory) {
    guard !ck_is_sanitized() else { return }
    state.withLock { state in
      state.waiting.append(memory)
      state.bytes += memory.capacity
      while state.bytes > limit { state.bytes -= state.waiting.removeFirst().capacity }
    }
  }

  /// Releases the oldest unused buffers, until at most `limit` bytes of them remain.
  fileprivate static func shrink(to limit: Int) {
    state.withLock { state in
      let excess = state.bytes - limit
      guard excess > 0 else { return }
      var (count, bytes) = (0, 0)
      while bytes < excess {
        bytes += state.waiting[count].capacity
        count += 1
      }
      state.waiting.removeFirst(count)
      state.bytes -= bytes
    }
  }
}

/// Returns memory that no tensor and no cache uses to the system. Call this when no computation is running; it takes a
/// few milliseconds.
public func releaseUnusedMemory() {
  BufferPool.state.withLock { $0.sweep() }
  BlockPool.shrink(to: BlockPool.calmLimit)
  ck_release_unused()
}

/// Memory for floats, returned to the pool when the last external reference is released.
///
/// Sendable without a lock: it is written before it is shared, and only read afterwards.
final class PooledMemory: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  /// Bytes at `pointer`.
  let capacity: Int

  /// A new allocation of `capacity` bytes, uninitialized.
  init(capacity: Int) {
    self.capacity = capacity
    let memory = BufferPool.allocate(capacity)
    pointer = memory.bindMemory(to: Float.self, capacity: capacity / MemoryLayout<Float>.stride)
  }

  deinit { ck_free(pointer, capacity) }
}

/// Calls `body` with scratch memory for `count` floats, valid until `body` returns.
package func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> R) -> R {
  let memory = BufferPool.memory(count)
  return withExtendedLifetime(memory) { body(memory.pointer) }
}

/// Calls `body` with scratch memory for `count` trivial values, valid until `body` returns.
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
