import CKernels
import Synchronization

/// Memory that operations write their results into, kept for the next operation instead of given back: a decoding step
/// asks for the same sizes again and again, and then allocates nothing.
///
/// The pool stays an owner of what it lends. A buffer is free again when the pool is its only owner, so neither the
/// buffer nor the object that holds it is ever made twice. Sizes are rounded up to four classes an octave, so that at
/// most a fifth of a buffer is unused. Thread-safe.
enum BufferPool {
  /// The most bytes of unused buffers; beyond it they are released to the system at the next new buffer.
  fileprivate static let limit = 64 << 20
  private static let smallest = 256

  fileprivate struct State {
    var classes: [[PooledMemory]] = []
    /// Where the next search in a size class starts: the buffer that was lent last is the least likely to be free.
    var next: [Int] = []
    /// Bytes of all buffers, lent or not.
    var bytes = 0
    /// Total bytes above which unused buffers are released. It follows the bytes in use, so that a process with many
    /// buffers in use keeps its unused ones.
    var mostBytes = BufferPool.limit
  }

  private static let state = Mutex(State())

  /// The class of a size, and the bytes that all of the class have.
  static func sizeClass(_ bytes: Int) -> (index: Int, bytes: Int) {
    guard bytes > smallest else { return (0, smallest) }
    let octave = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount
    let step = 1 << (octave - 2)
    let steps = (bytes - (1 << octave) + step - 1) / step
    return ((octave - 8) * 4 + steps, (1 << octave) + steps * step)
  }

  /// Memory for `count` floats, aligned to 64 bytes, with whatever it held before.
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

  /// How many buffers there are, lent or not: stays the same while the pool serves what is asked for.
  static var bufferCount: Int { state.withLock { $0.classes.reduce(0) { $0 + $1.count } } }

  /// Memory outside of the pool; running out of it ends the program, as it does for Swift's own arrays.
  static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard let pointer = ck_allocate(bytes) else { preconditionFailure("out of memory: \(bytes) bytes") }
    return pointer
  }
}

extension BufferPool.State {
  /// A buffer of a class that the pool alone owns.
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

  /// Lets go of all that is not lent.
  private mutating func sweep() {
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

  /// Memory of exactly `count` bytes, uninitialized.
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
}

/// Memory for floats, returned to the pool when the last external reference is released.
///
/// Sendable without a lock: it is written before it is shared, and only read afterwards.
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
